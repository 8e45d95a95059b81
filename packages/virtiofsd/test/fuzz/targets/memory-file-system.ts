import * as fuse from '@vfs/fuse-proto';
import { MemoryFs } from '../../../../fuse-proto/examples/memory/memory-fs.js';
import type { Choices } from '../engine/choices.js';
import type { Seen, Target } from '../engine/target.js';
import { Guest } from './guest.js';
import { promised } from './promise.js';

export const MEMORY_FILE_SYSTEM: Target = {
  name: 'memory-file-system',
  promise: 'whatever a guest asks of a file system in memory, it is answered',
  short: 200,
  steps: 200,
  start: () => ({ run, [Symbol.dispose]: () => {} }),
};

async function run(choices: Choices, seen: Seen): Promise<void> {
  const errors: string[] = [];
  const log = { error: (line: string) => void errors.push(line), warn() {}, info() {}, debug() {} };
  // An example beside the sources of the package, and so typed by them and not by what is built of them.
  const files = new MemoryFs({ capacity: 1 << 20, names: 100 }) as unknown as fuse.FileSystem;
  const session = new fuse.Session(files, { log });
  const guest = new Guest(session, choices, seen);
  await guest.run();
  session.reset();
  await guest.end();
  promised(errors.length === 0, () => `nothing is worth an error in the log: ${errors[0]}`);
}
