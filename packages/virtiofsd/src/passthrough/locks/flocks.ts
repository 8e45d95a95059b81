import type { Outcome } from '@vfs/fuse-proto';
import {
  EAGAIN,
  EBADF,
  EINVAL,
  ENOLCK,
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  raw,
} from '@vfs/sys';
import type { Share } from '../share.js';
import { NO_SLOT } from '../slot-ids.js';
import { TAKEN_OUTSIDE } from './file-locks.js';
import type { Cancelable } from './lock-queue.js';

const OPERATIONS = new Map([
  [F_RDLCK, LOCK_SH],
  [F_WRLCK, LOCK_EX],
  [F_UNLCK, LOCK_UN],
]);

/**
 * flock(2) of the guest, done to the host's file that the handle has open: 0 or −errno; later, if it is to be waited for. Who has a lock that is in
 * the way only the host's kernel knows. `handle`: a slot; `type`: F_….
 */
export function setFlock(
  share: Share,
  context: Cancelable,
  node: number,
  handle: number,
  type: number,
  wait: boolean,
): Outcome {
  const { handles, locks } = share;
  const operation = OPERATIONS.get(type);
  if (operation === undefined) return -EINVAL;
  const id = handles.idOf(handle);
  const attempt = (): number => {
    const slot = handles.slotOf(id >>> 0, Math.floor(id / 2 ** 32), node);
    if (slot === NO_SLOT) return -EBADF;
    const result = raw.flock(handles.descriptorOf(slot), operation | LOCK_NB);
    return result === -EAGAIN ? TAKEN_OUTSIDE : result;
  };
  const result = attempt();
  // Also when it failed: a lock that is to be changed is given up first, as flock(2) says.
  locks.queue.wake(node);
  if (result !== TAKEN_OUTSIDE) return result;
  if (!wait) return -EAGAIN;
  if (locks.queue.isFull) return -ENOLCK;
  return locks.queue.wait(context, { node, handle: id, attempt }, result);
}

/** Gives a handle's lock up before the handle goes: its descriptor may be in use for longer. */
export function closeFlock(share: Share, node: number, handle: number): void {
  raw.flock(share.handles.descriptorOf(handle), LOCK_UN);
  share.locks.queue.wake(node);
}

/** Gives up the lock of an open file whose guest is gone, before that is closed: a call on another thread may keep it open for longer. */
export function dropFlock(share: Share, descriptor: number): void {
  if (share.agreed.flocks && share.pins.has(descriptor)) raw.flock(descriptor, LOCK_UN);
}
