import { raw } from './binding.js';
import { EAGAIN } from './constants/errno.js';
import { LOCK_NB } from './constants/process.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { checkInt } from './u64.js';

/**
 * Locks or unlocks an open file: flock(2). The lock belongs to the open file: descriptors that were duplicated or
 * inherited share it, and it goes when the last one is closed.
 *
 * @param operation - LOCK_SH, LOCK_EX or LOCK_UN; without LOCK_NB it blocks the thread until the lock is free
 * @returns false when LOCK_NB is given and somebody else holds the lock
 * @throws {@link SysError} EBADF, EINVAL, ENOLCK
 */
export function flock(fd: FdLike, operation: number): boolean {
  const result = raw.flock(fdOf(fd), checkInt(operation, 'operation', 0, 15));
  if (result === -EAGAIN && (operation & LOCK_NB) !== 0) return false;
  check(result, 'flock');
  return true;
}
