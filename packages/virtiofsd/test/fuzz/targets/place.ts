import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MS_NODEV, mount, umount2 } from '@vfs/sys';
import { Log } from '../../../src/log.js';
import { descriptorsClosed, openDescriptors } from './open-descriptors.js';
import { promised } from './promise.js';

/** All that is worth an error in the log: that a guest uses all it may, or cannot do what is insisted on. */
const EXPECTED = /descriptors: it gets ENFILE until it closes files|which are required: it is refused/;
const MNT_DETACH = 2;

/** A small file system, that can be filled, with a folder to share and something beside it. */
export class Place implements Disposable {
  readonly #base = mkdtempSync(join(tmpdir(), 'virtiofsd-fuzz-'));
  readonly #directory = join(this.#base, 'share');
  readonly #outside = join(this.#base, 'outside');

  constructor() {
    mount(this.#base, { source: 'tmpfs', fstype: 'tmpfs', flags: MS_NODEV, data: 'size=16m,nr_inodes=2000' });
    mkdirSync(join(this.#outside, 'folder'), { recursive: true });
    for (const name of ['secret', 'folder/secret']) writeFileSync(join(this.#outside, name), 'secret');
  }

  /**
   * Has a new folder served.
   *
   * @throws BrokenPromise when something is left open, logged as an error, or changed outside of the folder
   */
  async keeps(serve: (directory: string, log: Log) => void | Promise<void>): Promise<void> {
    this.#fill();
    const outside = this.#look();
    const descriptors = openDescriptors();
    const lines: string[] = [];
    await serve(this.#directory, new Log('error', (line) => lines.push(line)));
    await descriptorsClosed(descriptors);
    const errors = lines.filter((line) => !EXPECTED.test(line));
    promised(errors.length === 0, () => `nothing is worth an error in the log: ${errors[0]!.slice(26)}`);
    const after = this.#look();
    promised(after === outside, () => `outside of the share nothing changes: ${outside}, then ${after}`);
  }

  [Symbol.dispose](): void {
    umount2(this.#base, MNT_DETACH);
    rmSync(this.#base, { recursive: true });
  }

  #fill(): void {
    rmSync(this.#directory, { recursive: true, force: true });
    mkdirSync(join(this.#directory, 'dir'), { recursive: true });
    writeFileSync(join(this.#directory, 'a'), 'content');
    symlinkSync('../outside', join(this.#directory, 'escape'));
    symlinkSync('a', join(this.#directory, 'link'));
  }

  /** Everything about what the guest must not reach; the time of a change shows also what was changed back. */
  #look(): string {
    const entries = readdirSync(this.#outside, { recursive: true, encoding: 'utf8' }).sort();
    const paths = ['.', ...entries].map((name) => join(this.#outside, name));
    const facts = paths.map((path) => {
      const { mode, nlink, uid, gid, size, ctimeNs } = lstatSync(path, { bigint: true });
      return [path, mode, nlink, uid, gid, size, ctimeNs].join(' ');
    });
    const contents = ['secret', 'folder/secret'].map((name) =>
      readFileSync(join(this.#outside, name), 'utf8'),
    );
    return [...readdirSync(this.#base).sort(), ...facts, ...contents].join('\n');
  }
}
