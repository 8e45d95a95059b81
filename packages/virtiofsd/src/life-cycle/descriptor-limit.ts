import { readFileSync } from 'node:fs';
import { getrlimit, RLIMIT_NOFILE, SysError, setrlimit, type U64 } from '@vfs/sys';
import type { Logger } from '../log.js';
import { StartError } from '../start-error.js';

/** As many as a large tree needs, and what the reference daemon asks for. */
const WANTED = 1_000_000;
/** The virtual machine's memory may come in as many regions, each with a descriptor while it is set up. */
const MEMORY_REGIONS = 509;
/** For Node, the rings, and what is open for a moment only. */
const OWN = 100;
/** Less than this for the guest is worth a warning. */
const LITTLE = 128;

/** How many descriptors the daemon needs for itself. */
export function descriptorReserve(threadPoolSize = 0): number {
  return MEMORY_REGIONS + OWN + Math.max(threadPoolSize, 1);
}

/**
 * Sets the limit of open files of this process, and so of those that it starts.
 *
 * @param wanted - as `--rlimit-nofile` says: 0 leaves it, as Node has raised it within the hard limit; without it, as high as allowed, up to a million
 * @throws StartError
 */
export function setDescriptorLimit(wanted: number | undefined, log: Logger): void {
  if (wanted === 0) return;
  const ceiling = maximum();
  if (wanted !== undefined) setExactly(wanted, ceiling);
  else raise(Math.min(WANTED, ceiling), log);
}

/**
 * How many descriptors the guest may use, by the limit of this process.
 *
 * @throws StartError when the limit is too low for the daemon itself
 */
export function descriptorBudget(threadPoolSize: number | undefined, log: Logger): number {
  const limit = atMost(getrlimit(RLIMIT_NOFILE).soft, Number.MAX_SAFE_INTEGER);
  const reserve = descriptorReserve(threadPoolSize);
  const budget = limit - reserve;
  if (budget < 0) {
    throw new StartError(
      `the limit of open files is ${limit}, but the daemon itself needs ${reserve}: raise it (ulimit -Hn, --rlimit-nofile)`,
    );
  }
  if (budget < LITTLE) {
    log.warn(`only ${budget} files can be open for the guest: raise the limit (ulimit -Hn, --rlimit-nofile)`);
  }
  return budget;
}

function setExactly(wanted: number, ceiling: number): void {
  if (wanted > ceiling) {
    throw new StartError(
      `--rlimit-nofile=${wanted} is more than the system allows: give at most ${ceiling}, or raise fs.nr_open`,
    );
  }
  const refused = tryToSet(wanted);
  if (refused) {
    throw new StartError(
      `the limit of open files cannot be set to ${wanted} (${refused.code}): give less with --rlimit-nofile, or run as root`,
    );
  }
}

function raise(target: number, log: Logger): void {
  const { soft, hard } = getrlimit(RLIMIT_NOFILE);
  if (soft >= target || !tryToSet(target)) return;
  const allowed = atMost(hard, target);
  log.debug(`the limit of open files is ${allowed}, not ${target}: more would need privilege (ulimit -Hn)`);
  tryToSet(allowed);
}

/** @returns why it cannot be set */
function tryToSet(limit: number): SysError | undefined {
  try {
    setrlimit(RLIMIT_NOFILE, { soft: limit, hard: limit });
    return undefined;
  } catch (error) {
    if (error instanceof SysError) return error;
    throw error;
  }
}

/** The kernel's own limit. */
function maximum(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/nr_open', 'utf8')) || WANTED;
  } catch {
    return WANTED;
  }
}

/** RLIM_INFINITY is more than any number here. */
function atMost(limit: U64, most: number): number {
  return limit > most ? most : Number(limit);
}
