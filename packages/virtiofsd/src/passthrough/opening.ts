import type { Outcome } from '@vfs/fuse-proto';
import {
  EACCES,
  ENFILE,
  EPERM,
  O_ACCMODE,
  O_APPEND,
  O_DIRECTORY,
  O_NOATIME,
  O_RDONLY,
  O_TRUNC,
  raw,
} from '@vfs/sys';
import { madeRoomAfter, makeRoomForHandle, releaseDescriptor } from './descriptor-room.js';
import { DirectoryStream } from './directory-stream.js';
import { change } from './kill-privileges.js';
import { nodeDescriptor } from './node-descriptors.js';
import { reopenNode } from './nodes.js';
import { hostOpenFlags } from './open-flags.js';
import { dropRemappedCapability } from './remapped-capability.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { Storage, storageBehind, storageOf } from './storage.js';

/**
 * Opens a file as the guest wants it, as far as the daemon may: the slot of a handle, or −errno.
 *
 * @param kills - truncating it takes set-id bits away
 * @param foreign - the id that the handle is to have, one that the table expects; else its own
 */
export function openFile(
  share: Share,
  slot: number,
  guestFlags: number,
  kills: boolean,
  foreign?: number,
): number {
  const flags = hostOpenFlags(share, guestFlags);
  const handle = open(share, slot, flags, kills, foreign);
  if (handle !== -EACCES && handle !== -EPERM) return handle;
  const lesser = withoutExtras(flags, guestFlags, handle);
  return lesser === flags ? handle : open(share, slot, lesser, kills, foreign);
}

/** Opens a directory: the slot of a handle, or −errno. `foreign`: as in {@link openFile}. */
export function openDirectory(share: Share, slot: number, foreign?: number): number {
  return open(share, slot, O_RDONLY | O_DIRECTORY, false, foreign);
}

/** Ends a handle. Its descriptor is closed now, or when no call on another thread works on it any more. */
export function closeHandle(share: Share, handle: number): void {
  const { pool, handles, pins, budget } = share;
  const remote = pool !== undefined && storageOf(share, handle) === Storage.REMOTE;
  const descriptor = handles.remove(handle);
  if (remote && !pins.has(descriptor)) void pool.close(descriptor).then(() => budget.give());
  else releaseDescriptor(share, descriptor);
}

/** Closes a duplicate, which lets file systems that report errors then, such as NFS, do so: 0 or −errno. */
export function flushHandle(share: Share, handle: number): Outcome {
  const descriptor = share.handles.descriptorOf(handle);
  let duplicate = raw.dup(descriptor);
  if (madeRoomAfter(share, duplicate)) duplicate = raw.dup(descriptor);
  if (duplicate < 0) return duplicate;
  const { pool } = share;
  if (pool === undefined || storageOf(share, handle) !== Storage.REMOTE) return raw.close(duplicate);
  return pool.close(duplicate);
}

/**
 * Takes over a descriptor, for which the budget has been charged: the slot of its handle, or −errno with the
 * descriptor closed.
 */
export function addHandle(
  share: Share,
  slot: number,
  descriptor: number,
  flags: number,
  foreign?: number,
): number {
  const stream =
    flags & O_DIRECTORY ? new DirectoryStream(descriptor, share.chunks, share.scratch) : undefined;
  const handle = share.handles.add(share.nodes.idOf(slot), descriptor, flags, stream, foreign);
  if (handle !== NO_SLOT) {
    const mount = share.mounts.at(share.nodes.mountOf(slot));
    if (mount.storage === Storage.UNKNOWN) mount.storage = storageBehind(share, descriptor);
    // What is not known may wait, and is asked again with the next file.
    share.handles.setStorage(handle, mount.storage || Storage.REMOTE);
    return handle;
  }
  raw.close(descriptor);
  share.budget.give();
  return -ENFILE;
}

function open(share: Share, slot: number, flags: number, kills: boolean, foreign?: number): number {
  const error = flags & O_TRUNC ? dropRemappedCapability(share, slot) : 0;
  if (error < 0) return error;
  if (!makeRoomForHandle(share)) return -ENFILE;
  const descriptor = kills && flags & O_TRUNC ? truncate(share, slot, flags) : reopenNode(share, slot, flags);
  if (descriptor >= 0) return addHandle(share, slot, descriptor, flags, foreign);
  share.budget.give();
  return descriptor;
}

function truncate(share: Share, slot: number, flags: number): number {
  const path = nodeDescriptor(share, slot);
  return path < 0 ? path : change(share, path, true, () => reopenNode(share, slot, flags));
}

/** The flags without what was added for the guest's convenience, or is refused for reasons that need not refuse the whole. */
function withoutExtras(flags: number, guestFlags: number, error: number): number {
  // Not to be read, but to be written: the guest then does that without its cache, see replyFlags.
  if (error === -EACCES) return (flags & ~O_ACCMODE) | (guestFlags & O_ACCMODE);
  // A file of somebody else, to a daemon without privilege.
  if (flags & O_NOATIME) return flags & ~O_NOATIME;
  // A file that can only be appended to has to be opened for that.
  return (flags & O_ACCMODE) === O_RDONLY ? flags : flags | (guestFlags & O_APPEND);
}
