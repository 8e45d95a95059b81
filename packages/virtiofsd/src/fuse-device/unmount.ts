import { setTimeout } from 'node:timers/promises';
import { StartError } from '../start-error.js';
import { findProgram, type ProgramResult, runProgram } from './program.js';

/** Users that are about to go, such as indexers and shells, get so long, in milliseconds. */
const PATIENCE = 1500;
const INTERVAL = 100;

/** Unmounts what was mounted at a path. */
export interface Unmounter {
  /** Until the last user is gone the file system stays; `lazily` only takes its name away. Never throws. */
  unmount(path: string, lazily: boolean): Promise<ProgramResult>;
}

/**
 * An unmounter for what fusermount3, or root, has mounted.
 *
 * Unmounting is left to a program because the kernel may want to write data back first and would wait for this process to
 * take it, which cannot be done by one that waits for the kernel.
 *
 * @param fusermount - the path of fusermount3, when that was used to mount
 * @throws StartError when there is no such program: looked for early, for the mount may hide it
 */
export function makeUnmounter(fusermount?: string): Unmounter {
  const program = fusermount ?? findProgram('umount');
  if (program === undefined)
    throw new StartError("the program 'umount' is not installed: install it (util-linux)");
  const plain = fusermount ? ['-u', '--'] : ['--'];
  const lazy = fusermount ? ['-u', '-z', '--'] : ['-l', '--'];
  return {
    unmount: (path, lazily) => runProgram(program, [...(lazily ? lazy : plain), path]),
  };
}

/** Unmounts, and waits a little when the file system is in use. Returns the last result. */
export async function unmountPatiently(
  unmounter: Unmounter,
  path: string,
  isOver: () => boolean,
): Promise<ProgramResult> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const result = await unmounter.unmount(path, false);
    if (result.status === 0 || isOver() || Date.now() >= deadline) return result;
    await setTimeout(INTERVAL);
  }
}
