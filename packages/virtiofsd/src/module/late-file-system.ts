import { type FileSystem, type Method, methods } from '@vfs/fuse-proto';
import { PassthroughFileSystem } from '../passthrough/file-system.js';

type Call = (...args: unknown[]) => unknown;

/**
 * The methods of a file system that there is only later: a layer may take them now (`delegate`), and call them when it has been
 * attached. What takes the calls is bound once, and a call makes no list of its arguments.
 */
export class LateFileSystem {
  readonly methods: FileSystem;
  readonly #attachers: ((target: FileSystem) => void)[] = [];

  constructor() {
    const forwarders: Partial<Record<Method, Call>> = {};
    for (const method of methods.filter((each) => each in PassthroughFileSystem.prototype)) {
      let target: Call = () => {
        throw new Error(
          `the shared folder is not open yet: call ${method} from init on, not in createFileSystem`,
        );
      };
      // As many as the longest method has.
      forwarders[method] = (a, b, c, d, e, f) => target(a, b, c, d, e, f);
      this.#attachers.push((inner) => {
        target = (inner[method] as Call).bind(inner);
      });
    }
    this.methods = forwarders as FileSystem;
  }

  attach(target: FileSystem): void {
    for (const attach of this.#attachers) attach(target);
  }
}
