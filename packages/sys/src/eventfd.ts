import { raw } from './binding.js';
import { EAGAIN } from './constants/errno.js';
import { EFD_CLOEXEC } from './constants/io.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { DATA, scratch } from './scratch.js';
import { checkFlags, checkInt, checkU32, joinU64, type U64 } from './u64.js';

/**
 * A counter as a descriptor: eventfd(2).
 *
 * @param initial - its first value, a u32. @default 0
 * @param flags - EFD_NONBLOCK, EFD_SEMAPHORE; EFD_CLOEXEC is always added. @default 0
 * @throws {@link SysError} EMFILE, ENFILE, ENOMEM
 */
export function eventfd(initial = 0, flags = 0): number {
  checkU32(initial, 'initial');
  return check(raw.eventfd(initial, checkFlags(flags, 'flags') | EFD_CLOEXEC), 'eventfd2');
}

/**
 * Takes the value of an eventfd (or 1, with EFD_SEMAPHORE): read(2).
 *
 * @returns the value, or undefined when it is 0 and the descriptor non-blocking; a blocking one waits
 * @throws {@link SysError} EBADF, EINVAL
 */
export function eventfdRead(fd: FdLike): U64 | undefined {
  const result = raw.eventfdRead(fdOf(fd), scratch.id, DATA);
  if (result === -EAGAIN) return undefined;
  check(result, 'read');
  return joinU64(scratch.view.getUint32(DATA, true), scratch.view.getUint32(DATA + 4, true));
}

/** Adds a u32 to an eventfd: write(2). @throws {@link SysError} EAGAIN when it is non-blocking and full; EBADF */
export function eventfdWrite(fd: FdLike, value = 1): void {
  check(raw.eventfdWrite(fdOf(fd), checkU32(value, 'value')), 'write');
}

/**
 * Waits for one descriptor, blocking the thread: poll(2).
 *
 * @param events - POLLIN, POLLOUT, POLLPRI
 * @param timeout - milliseconds, −1 for no end. @default -1
 * @returns the events that hold, POLLERR, POLLHUP and POLLNVAL among them; 0 after the timeout
 */
export function poll(fd: FdLike, events: number, timeout = -1): number {
  checkInt(events, 'events', 0, 0x7fff);
  checkInt(timeout, 'timeout', -1, 0x7fff_ffff);
  return check(raw.poll(fdOf(fd), events, timeout), 'poll');
}
