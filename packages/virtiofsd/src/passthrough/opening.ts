import type { Outcome } from '@vfs/fuse-proto';
import {
  EEXIST,
  EINVAL,
  ENFILE,
  ENOENT,
  ESTALE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_TRUNC,
  raw,
  S_IFREG,
} from '@vfs/sys';
import { type Caller, createAs } from './creation.js';
import { DirectoryStream } from './directory-stream.js';
import { makeRoom, nodeDescriptor, releaseDescriptor } from './node-descriptors.js';
import { adoptNode, forgetNode, lookupNode, reopen, reopenNode } from './nodes.js';
import { hostOpenFlags } from './open-flags.js';
import { labelEntry } from './security-labels.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK } from './statx.js';
import { Storage, storageOf } from './storage.js';
import { underUmask } from './umask.js';

const PERMISSIONS = 0o7777;
/** How often CREATE follows a file that others create and remove again at the same time. */
const CREATE_ATTEMPTS = 8;

/** Opens a node: the slot of a handle, or −errno. */
export function openHandle(share: Share, slot: number, flags: number, asDirectory: boolean): number {
  if (!makeRoom(share)) return -ENFILE;
  const descriptor = reopenNode(share, slot, flags);
  if (descriptor < 0) {
    share.budget.give();
    return descriptor;
  }
  return addHandle(share, slot, descriptor, flags, asDirectory);
}

/** Ends a handle. Its descriptor is closed now, or when no call on another thread works on it any more. */
export function closeHandle(share: Share, handle: number): void {
  releaseDescriptor(share, share.handles.remove(handle));
}

/** Closes a duplicate, which lets file systems that report errors then, such as NFS, do so: 0 or −errno. */
export function flushHandle(share: Share, handle: number): Outcome {
  const duplicate = raw.dup(share.handles.descriptorOf(handle));
  if (duplicate < 0) return duplicate;
  const { pool } = share;
  if (pool === undefined || storageOf(share, handle) !== Storage.REMOTE) return raw.close(duplicate);
  return pool.run('close', duplicate);
}

/** What {@link createFile} made: valid until its next call. */
export const created = { slot: NO_SLOT, handle: NO_SLOT };

/**
 * Creates a file, or opens the one that is there unless the guest insists (O_EXCL); its name is in the scratch memory. The node has one
 * lookup counted, and its attributes are in the scratch memory.
 *
 * @returns 0 with {@link created} filled in, or −errno
 */
export function createFile(
  share: Share,
  caller: Caller,
  parent: number,
  directory: number,
  guestFlags: number,
  mode: number,
  umask: number,
): number {
  // Linux before 6.4 makes a file of this and says that it is no directory.
  if (guestFlags & O_DIRECTORY) return -EINVAL;
  const flags = hostOpenFlags(guestFlags);
  let result = -EEXIST;
  for (let attempts = 0; attempts < CREATE_ATTEMPTS; attempts++) {
    result = createNew(share, caller, parent, directory, flags, mode, umask);
    if (result !== -EEXIST || guestFlags & O_EXCL) return result;
    result = openExisting(share, parent, directory, flags);
    if (result !== -ENOENT) return result;
  }
  return result;
}

function createNew(
  share: Share,
  caller: Caller,
  parent: number,
  directory: number,
  flags: number,
  mode: number,
  umask: number,
): number {
  const { scratch, budget } = share;
  // For the handle and for the node, before there is a file that could not be opened.
  if (!makeRoom(share, 2)) return -ENFILE;
  const descriptor = createAs(share, caller, directory, () =>
    underUmask(share, umask, () =>
      raw.openat(
        directory,
        scratch.window.id,
        scratch.name,
        flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        mode & PERMISSIONS,
      ),
    ),
  );
  if (descriptor < 0) {
    budget.give(2);
    return descriptor;
  }
  const slot = nodeOf(share, parent, descriptor);
  if (slot < 0) {
    raw.close(descriptor);
    budget.give();
    return slot;
  }
  const labeled = labelEntry(share, caller.security, parent, directory, slot);
  if (labeled < 0) {
    raw.close(descriptor);
    budget.give();
    forgetNode(share, share.nodes.idOf(slot), 1);
    return labeled;
  }
  return finish(share, slot, addHandle(share, slot, descriptor, flags, false));
}

/** The node of an open file whose name is in the scratch memory, the budget for it charged: its slot or −errno. */
function nodeOf(share: Share, parent: number, descriptor: number): number {
  const path = reopen(share, descriptor, O_PATH);
  if (path >= 0) return adoptNode(share, path, parent, share.scratch.window.id, share.scratch.name);
  share.budget.give();
  return path;
}

function openExisting(share: Share, parent: number, directory: number, flags: number): number {
  const { scratch } = share;
  const slot = lookupNode(share, parent, directory, scratch.window.id, scratch.name);
  if (slot < 0) return slot;
  // Something else than a file has appeared there: the guest's kernel looks again and does what is right for it.
  const handle = share.nodes.typeOf(slot) === S_IFREG ? openHandle(share, slot, flags, false) : -ESTALE;
  if (handle > 0 && flags & O_TRUNC) {
    raw.statxFd(nodeDescriptor(share, slot), STATX_MASK, scratch.window.id, scratch.statx);
  }
  return finish(share, slot, handle);
}

function finish(share: Share, slot: number, handle: number): number {
  if (handle < 0) {
    forgetNode(share, share.nodes.idOf(slot), 1);
    return handle;
  }
  created.slot = slot;
  created.handle = handle;
  return 0;
}

/** Takes over a descriptor: the slot of its handle, or −errno with the descriptor closed. */
function addHandle(
  share: Share,
  slot: number,
  descriptor: number,
  flags: number,
  asDirectory: boolean,
): number {
  const stream = asDirectory ? new DirectoryStream(descriptor, share.chunks, share.scratch) : undefined;
  const handle = share.handles.add(share.nodes.idOf(slot), descriptor, flags, stream);
  if (handle !== NO_SLOT) return handle;
  raw.close(descriptor);
  share.budget.give();
  return -ENFILE;
}
