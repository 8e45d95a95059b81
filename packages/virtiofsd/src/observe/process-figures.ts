import { readFileSync } from 'node:fs';

/** Of USER_HZ there are so many in a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;
/** Where the numbers are behind the name of the program in /proc/PID/stat: proc(5), less the first two fields. */
const UTIME = 11;
const STIME = 12;
const RSS = 21;

/** What the kernel knows of a process. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** Looks at a process; undefined when there is none, or /proc is out of sight. */
export function processFigures(pid: number): ProcessFigures | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name is in parentheses, and may contain any.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (index: number) => Number(fields[index]);
  return {
    residentBytes: field(RSS) * PAGE,
    cpuSeconds: (field(UTIME) + field(STIME)) / TICKS_PER_SECOND,
  };
}
