/**
 * Stands between the pass-through file system and the kernel: counts the system calls that a request makes, and has one of them fail.
 * To be imported before any module of the pass-through file system, some of which keep functions of `raw`.
 */
import { type Done, type Raw, raw, ThreadPool } from '@vfs/sys';

/** One system call that a request made. */
export interface Call {
  readonly name: keyof Raw;
  /** Where in src/passthrough: the module that made it, and for a wrapper of @vfs/sys the one that called that. */
  readonly site: string;
}

/** Which call is to fail, and how. */
export interface Fault {
  /** From 0 on. */
  readonly index: number;
  readonly errno: number;
  /** Every later call from the same place fails, too. */
  readonly lasting: boolean;
}

/** These ask for no service that could be refused. */
const CANNOT_FAIL: ReadonlySet<keyof Raw> = new Set(['umask', 'gettid', 'schedYield', 'cpuPause', 'poll']);

let calls: Call[] | undefined;
let fault: Fault | undefined;
let failing: Call | undefined;

/** Counts the calls of some work, of which one fails if that is said. */
export async function observe<T>(
  work: () => Promise<T>,
  injected?: Fault,
): Promise<{ result: T; calls: readonly Call[] }> {
  const made: Call[] = [];
  calls = made;
  fault = injected;
  failing = undefined;
  try {
    return { result: await work(), calls: made };
  } finally {
    calls = undefined;
    fault = undefined;
  }
}

/** The errno for the call that is being made; undefined when it is to be made indeed. */
function verdict(name: keyof Raw): number | undefined {
  if (calls === undefined || CANNOT_FAIL.has(name)) return undefined;
  const index = calls.length;
  const call = { name, site: callingSite() };
  calls.push(call);
  if (fault === undefined) return undefined;
  if (index === fault.index) failing = call;
  const again = fault.lasting && failing !== undefined && call.site === failing.site && name === failing.name;
  return index === fault.index || again ? fault.errno : undefined;
}

/** The innermost module of the pass-through file system on the stack, as a path below `src/passthrough`. */
function callingSite(): string {
  const prepare = Error.prepareStackTrace;
  // The files alone: to find the lines of the sources, as is done otherwise, takes longer than all the rest.
  Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFileName() ?? '');
  const files = new Error().stack as unknown as string[];
  Error.prepareStackTrace = prepare;
  return (
    files.map((file) => /\/virtiofsd\/src\/passthrough\/([^?]+)/.exec(file)?.[1]).find(Boolean) ??
    'the event loop'
  );
}

for (const name of Object.keys(raw) as (keyof Raw)[]) {
  const original = raw[name] as (...args: number[]) => number;
  const replaced = (...args: number[]): number => {
    const errno = verdict(name);
    if (errno === undefined) return original(...args);
    // Linux releases the descriptor whatever close(2) returns.
    if (name === 'close') original(...args);
    return -errno;
  };
  (raw as unknown as Record<string, unknown>)[name] = replaced;
}

const submit = ThreadPool.prototype.submit;
ThreadPool.prototype.submit = function (call: keyof Raw, args: readonly number[], done: Done): void {
  const errno = verdict(call);
  if (errno === undefined) submit.call(this, call, args, done);
  else if (call === 'close') submit.call(this, call, args, () => done(-errno));
  else submit.call(this, 'fcntl', [-1, 1, 0], () => done(-errno));
};
