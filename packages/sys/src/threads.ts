import { readdirSync, readFileSync } from 'node:fs';
import { CapabilitySet } from './capability-set.js';
import { ENOENT, ESRCH } from './constants/errno.js';
import type { Ids } from './credentials.js';
import { checkInt } from './u64.js';

/** What /proc/PID/task/TID/status says about the privilege of a thread (proc_pid_status(5)). */
export interface ThreadStatus {
  readonly tid: number;
  /** Up to 15 bytes. */
  readonly name: string;
  readonly uid: Ids;
  readonly gid: Ids;
  readonly groups: readonly number[];
  readonly inheritable: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
  readonly noNewPrivs: boolean;
  /** SECCOMP_MODE_DISABLED, SECCOMP_MODE_STRICT or SECCOMP_MODE_FILTER. */
  readonly seccomp: number;
}

/**
 * Parses the text of a status file.
 *
 * @throws SyntaxError when a field is missing
 */
export function parseThreadStatus(text: string): ThreadStatus {
  const fields = new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new SyntaxError(`not a status file of a thread: no ${name}`);
    return value;
  };
  const ids = (name: string): Ids => {
    const [real, effective, saved] = field(name).split(/\s+/).map(Number);
    return { real: real!, effective: effective!, saved: saved! };
  };
  const set = (name: string): CapabilitySet => CapabilitySet.fromMask(BigInt(`0x${field(name)}`));
  return {
    tid: Number(field('Pid')),
    name: field('Name'),
    uid: ids('Uid'),
    gid: ids('Gid'),
    groups: field('Groups').split(' ').filter(Boolean).map(Number),
    inheritable: set('CapInh'),
    permitted: set('CapPrm'),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
    noNewPrivs: field('NoNewPrivs') === '1',
    // Absent from a kernel without seccomp.
    seccomp: Number(fields.get('Seccomp') ?? 0),
  };
}

/**
 * The privilege of every thread of a process: who it is, which capabilities it has, whether it is filtered. Threads
 * may come and go while this looks.
 *
 * @param pid - a process. @default the calling one
 * @throws an error of node:fs: ENOENT for a process that does not exist, or without /proc
 */
export function readThreads(pid?: number): ThreadStatus[] {
  const tasks = `/proc/${pid === undefined ? 'self' : checkInt(pid, 'pid', 1, 0x7fff_ffff)}/task`;
  const threads: ThreadStatus[] = [];
  for (const tid of readdirSync(tasks)) {
    try {
      threads.push(parseThreadStatus(readFileSync(`${tasks}/${tid}/status`, 'utf8')));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return threads;
}

/** The thread has ended since it was listed. */
function isGone(error: unknown): boolean {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === -ENOENT || errno === -ESRCH;
}
