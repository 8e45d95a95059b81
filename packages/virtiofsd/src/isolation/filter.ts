import {
  ENOSYS,
  loadSeccomp,
  loadSeccompWithListener,
  OwnedFd,
  reportSeccompTraps,
  type SeccompAction,
  SysError,
  seccompProgram,
} from '@vfs/sys';
import type { Logger } from '../log.js';
import type { SeccompMode } from '../options.js';
import { StartError } from '../start-error.js';
import { ALLOWED_CALLS, allowedArguments } from './allowed-calls.js';

/**
 * Loads the filter of system calls, for all threads and for good.
 *
 * With `kill`, a call that is not allowed stands still, and the outer process names it and ends this one: the kernel sees
 * to it that nothing goes on, and no code here can be made to keep it secret. Where there can be no such listener, the kernel
 * ends the process, without a word. With `trap` the call is reported by this process itself, which then dumps core at it.
 *
 * @param report - where traps are reported
 * @returns the listener of `kill`, for the outer process
 * @throws StartError
 */
export function loadFilter(mode: SeccompMode, report: number, log: Logger): OwnedFd | undefined {
  try {
    switch (mode) {
      case 'none':
        return undefined;
      case 'kill':
        return loadWithListener(log);
      case 'log':
        loadSeccomp(filterProgram('log'), { log: true });
        log.info("system calls that are not on the list are allowed, and in the kernel's log (type=1326)");
        return undefined;
      case 'trap':
        reportSeccompTraps(report);
        loadSeccomp(filterProgram('trap'));
        return undefined;
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new StartError(
      `the filter of system calls cannot be loaded (${error.message}): choose --seccomp=none where the kernel has none`,
    );
  }
}

/**
 * The filter that a worker begins with. The event loop of Node 22 and newer would make a ring of io_uring, whatever it is told, and the calls
 * that it makes through it later would go around the other filter.
 */
export function withoutIoUring(): Uint8Array {
  const absent = { errno: ENOSYS };
  return seccompProgram({
    allow: [],
    otherwise: 'allow',
    actions: { io_uring_setup: absent, io_uring_enter: absent, io_uring_register: absent },
  });
}

function loadWithListener(log: Logger): OwnedFd | undefined {
  try {
    return new OwnedFd(loadSeccompWithListener(filterProgram('notify')));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    log.debug(`system calls that end this process will not be named: ${error.message}`);
    loadSeccomp(filterProgram('kill_process'));
    return undefined;
  }
}

/** The filter as a program. @param pid - of the process that it is for, as that sees itself @default this one */
export function filterProgram(otherwise: SeccompAction, pid = process.pid): Uint8Array {
  return seccompProgram({
    allow: Object.values(ALLOWED_CALLS).flat(),
    otherwise,
    // Its arguments cannot be looked at; libc then makes threads by clone(2).
    actions: { clone3: { errno: ENOSYS } },
    where: allowedArguments(pid),
  });
}
