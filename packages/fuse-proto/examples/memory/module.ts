/**
 * The file system in memory as a module of virtiofsd:
 *
 *     virtiofsd --socket-path SOCK --module memory.js --module-option capacity=BYTES
 */
import { MemoryFs } from './memory-fs.js';

interface Context {
  readonly options: Readonly<Record<string, string>>;
}

export function createFileSystem({ options }: Context): MemoryFs {
  const { capacity, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`there is no option '${unknown}': use capacity=BYTES`);
  if (capacity === undefined) return new MemoryFs();
  if (!/^\d+$/.test(capacity)) throw new Error(`capacity '${capacity}' is not a number of bytes`);
  return new MemoryFs({ capacity: Number(capacity) });
}
