import { fileURLToPath } from 'node:url';

/** Loads the bundle of `worker.ts`; it is beside that of the command. */
const LOAD = fileURLToPath(new URL('./load.cjs', import.meta.url));

/**
 * Options of Node for a worker.
 *
 * - No code from strings: nothing here makes any.
 * - Its warnings go to the log: see `warmUp`.
 * - One thread for the compiler and the garbage collector in the place of four: each has a stack and an arena.
 * - Code is optimized as soon as it shows what it does: it does little else than serve, and is to be quick from the first second. What
 *   shortens that is called otherwise in later versions, which come to it sooner by themselves.
 */
export const NODE_OPTIONS: readonly string[] = [
  '--disallow-code-generation-from-strings',
  '--no-warnings',
  '--v8-pool-size=1',
  '--no-lazy-feedback-allocation',
  ...(process.versions.node.startsWith('20.') ? ['--interrupt-budget=20000'] : []),
];

/** What the worker's process executes. */
export function workerProgram(): {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
} {
  return {
    file: process.execPath,
    args: [...NODE_OPTIONS, LOAD, 'worker'],
    // Nothing of what could make Node load other code. io_uring would go around the filter of system calls; the thread
    // pool of the event loop only loads modules.
    env: { TZ: process.env['TZ'], UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: '1' },
  };
}
