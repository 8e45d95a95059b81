import { raw } from './binding.js';
import { EACCES, EAGAIN } from './constants/errno.js';
import { F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK, F_UNLCK, type F_WRLCK } from './constants/file.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { DATA, scratch } from './scratch.js';
import { checkInt, checkOffset, high32, joinI64, low32, type U64 } from './u64.js';

/** A lock on a range of bytes. */
export interface RecordLock {
  /** F_RDLCK, F_WRLCK or F_UNLCK. */
  readonly type: number;
  /** The first byte. */
  readonly start: U64;
  /** How many bytes; 0: to the end of the file, however far it grows. */
  readonly length: U64;
}

function place({ type, start, length }: RecordLock): void {
  const { view } = scratch;
  checkInt(type, 'type', F_RDLCK, F_UNLCK);
  checkOffset(start, 'start');
  checkOffset(length, 'length');
  view.setInt16(DATA, type, true);
  view.setInt16(DATA + 2, 0, true); // SEEK_SET
  view.setUint32(DATA + 8, low32(start), true);
  view.setInt32(DATA + 12, high32(start), true);
  view.setUint32(DATA + 16, low32(length), true);
  view.setInt32(DATA + 20, high32(length), true);
  view.setInt32(DATA + 24, 0, true); // must be 0 for these commands
}

/**
 * Locks or unlocks a range for the open file: fcntl(2) F_OFD_SETLK. The lock belongs to the open file, not to the process, and goes with
 * its last descriptor.
 *
 * @param wait - block the thread until the lock is free. @default false
 * @returns false when somebody else has it and `wait` is false
 * @throws {@link SysError} EBADF when the file is not open for that kind of lock, EDEADLK, ENOLCK, EOVERFLOW
 */
export function setRecordLock(fd: FdLike, lock: RecordLock, wait = false): boolean {
  const number = fdOf(fd);
  place(lock);
  const result = raw.fcntlLock(number, wait ? F_OFD_SETLKW : F_OFD_SETLK, scratch.id, DATA);
  if (result === -EAGAIN || result === -EACCES) return false;
  check(result, 'fcntl');
  return true;
}

/**
 * The first lock of somebody else that conflicts with one that this open file might take: fcntl(2) F_OFD_GETLK.
 *
 * @returns undefined when there is none; `pid` is −1 for a lock that belongs to an open file
 */
export function getRecordLock(
  fd: FdLike,
  lock: RecordLock & { readonly type: typeof F_RDLCK | typeof F_WRLCK },
): (RecordLock & { readonly pid: number }) | undefined {
  const number = fdOf(fd);
  place(lock);
  check(raw.fcntlLock(number, F_OFD_GETLK, scratch.id, DATA), 'fcntl');
  const { view } = scratch;
  const type = view.getInt16(DATA, true);
  if (type === F_UNLCK) return undefined;
  const i64 = (at: number): U64 =>
    joinI64(view.getUint32(DATA + at, true), view.getUint32(DATA + at + 4, true));
  return { type, start: i64(8), length: i64(16), pid: view.getInt32(DATA + 24, true) };
}
