import { F_OFD_GETLK, F_OFD_SETLK, F_UNLCK, raw } from '@vfs/sys';
import type { Share } from '../share.js';
import { type ByteRange, LAST_OFFSET } from './byte-ranges.js';

/** The fields of struct flock on 64-bit machines, as offsets. */
const FLOCK = { type: 0, whence: 2, start: 8, length: 16, pid: 24 } as const;

/** Takes, changes or gives up a lock that belongs to an open file of the host: 0, −EAGAIN when it is not free, −errno. */
export function setHostLock(share: Share, descriptor: number, range: ByteRange): number {
  const { window, flock } = share.scratch;
  place(share, range);
  return raw.fcntlLock(descriptor, F_OFD_SETLK, window.id, flock);
}

/** A lock of others on the host that is in the way of one: undefined when there is none, or −errno. */
export function hostLockInTheWayOf(
  share: Share,
  descriptor: number,
  range: ByteRange,
): ByteRange | undefined | number {
  const { window, flock } = share.scratch;
  place(share, range);
  const error = raw.fcntlLock(descriptor, F_OFD_GETLK, window.id, flock);
  if (error < 0) return error;
  const { view } = window;
  const type = view.getInt16(flock + FLOCK.type, true);
  if (type === F_UNLCK) return undefined;
  const start = view.getBigInt64(flock + FLOCK.start, true);
  const length = view.getBigInt64(flock + FLOCK.length, true);
  return { type, start, end: length === 0n ? LAST_OFFSET : start + length - 1n };
}

function place(share: Share, { type, start, end }: ByteRange): void {
  const { window, flock } = share.scratch;
  const { view } = window;
  view.setInt16(flock + FLOCK.type, type, true);
  view.setInt16(flock + FLOCK.whence, 0, true); // SEEK_SET
  view.setBigInt64(flock + FLOCK.start, start, true);
  // 0: to the end, which no length could say of a range that starts at 0.
  view.setBigInt64(flock + FLOCK.length, end === LAST_OFFSET ? 0n : end - start + 1n, true);
  view.setInt32(flock + FLOCK.pid, 0, true); // must be 0 for these commands
}
