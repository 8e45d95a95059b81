import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;
/** USER_HZ of Linux. */
const TICKS_PER_SECOND = 100;

/** What a process holds, and has used of the processor. */
export interface Sample {
  /** MiB that are the process's own: heap, stacks, tables. */
  readonly own: number;
  /** MiB of mapped files, among them the program and guest memory. */
  readonly shared: number;
  readonly descriptors: number;
  readonly mappings: number;
  /** Mappings of guest memory. */
  readonly guestMappings: number;
  readonly threads: number;
  /** Seconds of processor time so far. */
  readonly cpu: number;
}

export function sample(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  // The name, in parentheses, may contain anything.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const mappings = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
  return {
    own: field('RssAnon') / KIB_PER_MIB,
    shared: (field('RssFile') + field('RssShmem')) / KIB_PER_MIB,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mappings: mappings.length - 1,
    guestMappings: mappings.filter((line) => line.includes('memfd:')).length,
    threads: field('Threads'),
    cpu: (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND,
  };
}
