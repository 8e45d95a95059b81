import { readFileSync } from 'node:fs';
import { getrlimit, RLIMIT_NOFILE, SysError, setrlimit, type U64 } from '@vfs/sys';
import type { Logger } from './log.js';
import { StartError } from './start-error.js';

/** As many as a large tree needs, and what the reference daemon asks for. */
const WANTED = 1_000_000;
/** For the daemon itself: memory regions and rings of the virtual machine, Node, and what is open for a moment only. */
const RESERVE = 640;
/** Less than this for the guest is not worth starting. */
const LEAST = 64;

/**
 * Raises the limit of open files as far as allowed.
 *
 * @returns how many descriptors the guest may use
 * @throws StartError when the limit is too low to do anything
 */
export function raiseDescriptorLimit(log: Logger): number {
  const { soft, hard } = getrlimit(RLIMIT_NOFILE);
  let limit = atMost(soft);
  const target = Math.min(WANTED, maximum());
  if (limit < target) {
    limit = tryToSet(target, target) ?? tryToSet(atMost(hard), atMost(hard)) ?? limit;
    if (limit < target) {
      log.debug(`the limit of open files is ${limit}; ${target} would need privilege`);
    }
  }
  const budget = limit - RESERVE;
  if (budget < LEAST) {
    throw new StartError(
      `the limit of open files is ${limit}, but at least ${RESERVE + LEAST} are needed: raise it (ulimit -Hn)`,
    );
  }
  return budget;
}

function tryToSet(soft: number, hard: number): number | undefined {
  try {
    setrlimit(RLIMIT_NOFILE, { soft, hard });
    return soft;
  } catch (error) {
    if (error instanceof SysError) return undefined;
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

/** RLIM_INFINITY and other values beyond what is wanted do not matter. */
function atMost(limit: U64): number {
  return limit > WANTED ? WANTED : Number(limit);
}
