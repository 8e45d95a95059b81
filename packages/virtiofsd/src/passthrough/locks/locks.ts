/** Locks of the guest that are taken on the host's files, so that other guests and the host see them: the requests about them. */
import {
  type FlushIn,
  FUSE_LK_FLOCK,
  FUSE_RELEASE_FLOCK_UNLOCK,
  type LkIn,
  type LkOut,
  type Outcome,
  type ReleaseIn,
} from '@vfs/fuse-proto';
import { EBADF, EINVAL, ENOSYS } from '@vfs/sys';
import type { Share } from '../share.js';
import { NO_SLOT } from '../slot-ids.js';
import { closeFlock, setFlock } from './flocks.js';
import type { Cancelable } from './lock-queue.js';
import { closeHandleLocks, closeOwner, getRecordLock, join, setRecordLock } from './record-locks.js';

/** GETLK: 0 or −errno. */
export function getLock(share: Share, id: number, input: LkIn, reply: LkOut): number {
  if (!share.agreed.posixLocks) return -ENOSYS;
  if (input.lk_flags & FUSE_LK_FLOCK) return -EINVAL;
  const handle = share.handles.slotOf(input.fh_lo, input.fh_hi, id);
  return handle === NO_SLOT ? -EBADF : getRecordLock(share, id, handle, input, reply);
}

/** SETLK and SETLKW. */
export function setLock(share: Share, context: Cancelable, id: number, input: LkIn, wait: boolean): Outcome {
  const { agreed, handles } = share;
  const isFlock = (input.lk_flags & FUSE_LK_FLOCK) !== 0;
  if (!(isFlock ? agreed.flocks : agreed.posixLocks)) return -ENOSYS;
  const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
  if (handle === NO_SLOT) return -EBADF;
  return isFlock
    ? setFlock(share, context, id, handle, input.lk.type, wait)
    : setRecordLock(share, context, id, handle, input, wait);
}

/** A process of the guest has closed a file, FLUSH: its POSIX locks on that go, whichever descriptor it was. */
export function unlockAtFlush(share: Share, id: number, input: FlushIn): void {
  if (share.agreed.posixLocks) closeOwner(share, id, join(input.lock_owner_lo, input.lock_owner_hi));
}

/** A handle is about to go, RELEASE, and the locks with it. `handle`: its slot. */
export function unlockAtRelease(share: Share, id: number, handle: number, input: ReleaseIn): void {
  const { agreed, locks, handles } = share;
  if (!agreed.posixLocks && !agreed.flocks) return;
  const handleId = handles.idOf(handle);
  locks.queue.cancel((request) => request.handle === handleId, -EBADF);
  if (input.release_flags & FUSE_RELEASE_FLOCK_UNLOCK) closeFlock(share, id, handle);
  closeHandleLocks(share, id, handleId);
}
