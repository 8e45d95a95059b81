import {
  type AttrOut,
  FATTR_ATIME,
  FATTR_ATIME_NOW,
  FATTR_FH,
  FATTR_GID,
  FATTR_KILL_SUIDGID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_MTIME_NOW,
  FATTR_SIZE,
  FATTR_UID,
  type Outcome,
  type SetattrIn,
} from '@vfs/fuse-proto';
import {
  AT_EMPTY_PATH,
  EBADF,
  EINVAL,
  EISDIR,
  ESTALE,
  O_WRONLY,
  raw,
  S_IFDIR,
  S_IFREG,
  UTIME_NOW,
  UTIME_OMIT,
} from '@vfs/sys';
import { change, offloadChange } from './kill-privileges.js';
import { nodeDescriptor } from './node-descriptors.js';
import { fillAttributes, reopenNode } from './nodes.js';
import type { CallOutcome } from './offload.js';
import { dropRemappedCapability, dropRemappedCapabilityOfOpen } from './remapped-capability.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';
import { Storage, storageBehind } from './storage.js';

/** chown: leave this one. */
const KEEP = -1;
const PERMISSIONS = 0o7777;
const TIMES = FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW;

/** Reads the attributes of a node into a reply: 0 or −errno. */
export function readAttributes(share: Share, slot: number, reply: AttrOut): number {
  const { scratch } = share;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const error = raw.fstat(descriptor, scratch.window.id, scratch.statx);
  if (error < 0) return error;
  reply.attr_valid_lo = share.caching.attributes.seconds;
  reply.attr_valid_hi = 0;
  reply.attr_valid_nsec = share.caching.attributes.nanoseconds;
  fillAttributes(share, slot, reply.attr);
  return 0;
}

/**
 * Changes what the request names, one thing after the other; the first that fails ends it: 0 or −errno.
 *
 * The order makes the outcome what was asked for: the kernel clears set-id bits when the size or the owner changes, so
 * the mode comes after both; and truncation sets the modification time, so times come last.
 */
export function changeAttributes(share: Share, id: number, slot: number, input: SetattrIn): Outcome {
  if (!(input.valid & FATTR_SIZE)) return changeOthers(share, slot, input);
  const outcome = changeSize(share, id, slot, input);
  if (typeof outcome === 'number') return outcome < 0 ? outcome : changeOthers(share, slot, input);
  return outcome.then((result) => {
    if (result < 0) return result;
    const now = share.nodes.slotOf(id);
    return now === NO_SLOT ? -ESTALE : changeOthers(share, now, input);
  });
}

/** Changes what the request names beside the size. */
function changeOthers(share: Share, slot: number, input: SetattrIn): number {
  const { valid } = input;
  let error = 0;
  if (valid & (FATTR_UID | FATTR_GID)) error = changeOwner(share, slot, input);
  if (error === 0 && valid & FATTR_MODE) error = changeMode(share, slot, input.mode);
  if (error === 0 && valid & TIMES) error = changeTimes(share, slot, input);
  return error;
}

function changeSize(share: Share, id: number, slot: number, input: SetattrIn): Outcome {
  if (input.valid & FATTR_FH) {
    const handle = share.handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    return truncate(share, share.handles.descriptorOf(handle), input);
  }
  const type = share.nodes.typeOf(slot);
  if (type !== S_IFREG) return type === S_IFDIR ? -EISDIR : -EINVAL;
  const descriptor = reopenNode(share, slot, O_WRONLY);
  if (descriptor < 0) return descriptor;
  const outcome = truncate(share, descriptor, input);
  if (typeof outcome !== 'number') return outcome.finally(() => raw.close(descriptor));
  raw.close(descriptor);
  return outcome;
}

function truncate(share: Share, descriptor: number, { valid, size_lo, size_hi }: SetattrIn): CallOutcome {
  const kills = (valid & FATTR_KILL_SUIDGID) !== 0;
  const error = dropRemappedCapabilityOfOpen(share, descriptor);
  if (error < 0) return error;
  return takesLong(share, descriptor, size_lo, size_hi)
    ? offloadChange(share, descriptor, kills, 'ftruncate', descriptor, size_lo, size_hi)
    : change(share, descriptor, kills, () => raw.ftruncate(descriptor, size_lo, size_hi));
}

/** To give so many bytes of a disk free takes some time. */
const MUCH = 64 << 20;

/** Whether there is a pool, and a change of the size is worth going there. */
function takesLong(share: Share, descriptor: number, sizeLo: number, sizeHi: number): boolean {
  if (share.pool === undefined) return false;
  const storage = storageBehind(share, descriptor);
  if (storage !== Storage.DISK) return storage !== Storage.MEMORY;
  const { window, statx } = share.scratch;
  if (raw.statxFd(descriptor, STATX_MASK, window.id, statx) < 0) return false;
  const size = (statx >> 2) + STATX_WORD.size;
  return (window.u32[size + 1]! - sizeHi) * 2 ** 32 + (window.u32[size]! - sizeLo) >= MUCH;
}

function changeOwner(share: Share, slot: number, input: SetattrIn): number {
  const { valid } = input;
  const uid = input.uid | 0;
  const gid = input.gid | 0;
  // To chown this means to leave it, and the guest would not learn that nothing has happened.
  if ((valid & FATTR_UID && uid === KEEP) || (valid & FATTR_GID && gid === KEEP)) return -EINVAL;
  const error = dropRemappedCapability(share, slot);
  if (error < 0) return error;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  return raw.fchownat(
    descriptor,
    share.scratch.window.id,
    share.scratch.empty,
    valid & FATTR_UID ? uid : KEEP,
    valid & FATTR_GID ? gid : KEEP,
    AT_EMPTY_PATH,
  );
}

/** fchmod refuses O_PATH descriptors; the link in /proc/self/fd leads to the same inode. */
function changeMode(share: Share, slot: number, mode: number): number {
  const { scratch } = share;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  scratch.putNumber(descriptor);
  return raw.fchmodat(share.procSelfFd, scratch.window.id, scratch.number, mode & PERMISSIONS);
}

function changeTimes(share: Share, slot: number, input: SetattrIn): number {
  const { scratch } = share;
  const words = scratch.window.u32;
  const w = scratch.times >> 2;
  const { valid } = input;
  words.fill(0, w, w + 8);
  words[w + 2] = words[w + 6] = UTIME_OMIT;
  if (valid & FATTR_ATIME_NOW) {
    words[w + 2] = UTIME_NOW;
  } else if (valid & FATTR_ATIME) {
    words[w] = input.atime_lo;
    words[w + 1] = input.atime_hi;
    words[w + 2] = input.atimensec;
  }
  if (valid & FATTR_MTIME_NOW) {
    words[w + 6] = UTIME_NOW;
  } else if (valid & FATTR_MTIME) {
    words[w + 4] = input.mtime_lo;
    words[w + 5] = input.mtime_hi;
    words[w + 6] = input.mtimensec;
  }
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  scratch.putNumber(descriptor);
  return raw.utimensat(
    share.procSelfFd,
    scratch.window.id,
    scratch.number,
    scratch.window.id,
    scratch.times,
    0,
  );
}
