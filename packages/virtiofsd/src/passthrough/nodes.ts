import type { EntryOut } from '@vfs/fuse-proto';
import {
  AT_NO_AUTOMOUNT,
  AT_SYMLINK_NOFOLLOW,
  EAGAIN,
  EBADF,
  ENFILE,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  raw,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from '@vfs/sys';
import { copyAttributes } from './attributes.js';
import { makeRoom, nodeDescriptor, releaseDescriptor } from './node-descriptors.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

/**
 * Finds the node of a name in a directory and counts one lookup; its attributes are then in the scratch memory.
 *
 * A file that is known already costs one system call.
 *
 * @param parent the node of the directory; NO_SLOT when that is forgotten already
 * @param directory a descriptor of the directory
 * @param nameWindow the id of the window where the name lies at `nameAt`, with its NUL
 * @returns the slot, or −errno
 */
export function lookupNode(
  share: Share,
  parent: number,
  directory: number,
  nameWindow: number,
  nameAt: number,
): number {
  const { scratch, nodes } = share;
  const error = raw.statx(
    directory,
    nameWindow,
    nameAt,
    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
    STATX_MASK,
    scratch.window.id,
    scratch.statx,
  );
  if (error < 0) return error;
  const slot = knownNode(share);
  if (slot === NO_SLOT) return openNode(share, parent, directory, nameWindow, nameAt);
  nodes.reference(slot);
  return slot;
}

/** {@link lookupNode} for a name that is probably not known: a known one costs more, an unknown one less. */
export function openNode(
  share: Share,
  parent: number,
  directory: number,
  nameWindow: number,
  nameAt: number,
): number {
  if (!makeRoom(share)) return -ENFILE;
  const descriptor = raw.openat(directory, nameWindow, nameAt, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  if (descriptor < 0) {
    share.budget.give();
    return descriptor;
  }
  return adoptNode(share, descriptor, parent, nameWindow, nameAt);
}

/**
 * Makes an O_PATH descriptor, for which the budget has been charged, the node of its file, or closes it if there is one.
 *
 * What counts is what was opened, not what a name meant a moment ago.
 *
 * @param parent the node in which it was found, by the name at `nameAt` of a window; NO_SLOT when it has no name
 * @param foreign the id that a new node is to have, one that the table expects; else its own
 * @returns the slot, with one lookup counted, or −errno
 */
export function adoptNode(
  share: Share,
  descriptor: number,
  _parent: number = NO_SLOT,
  _nameWindow = 0,
  _nameAt = 0,
  foreign?: number,
): number {
  const { scratch, nodes, budget } = share;
  const error = raw.statxFd(descriptor, STATX_MASK, scratch.window.id, scratch.statx);
  let slot = error < 0 ? NO_SLOT : knownNode(share);
  if (error === 0 && slot === NO_SLOT) {
    const words = scratch.window.u32;
    const w = scratch.statx >> 2;
    slot = nodes.add(
      descriptor,
      words[w + STATX_WORD.mode]! & S_IFMT,
      words[w + STATX_WORD.ino]!,
      words[w + STATX_WORD.ino + 1]!,
      words[w + STATX_WORD.dev]!,
      words[w + STATX_WORD.dev + 1]!,
      words[w + STATX_WORD.mountId]!,
      words[w + STATX_WORD.mountId + 1]!,
      foreign,
    );
    if (slot !== NO_SLOT) return slot;
  } else if (slot !== NO_SLOT) {
    nodes.reference(slot);
  }
  raw.close(descriptor);
  budget.give();
  if (error < 0) return error;
  return slot === NO_SLOT ? -ENFILE : slot;
}

/** Takes back lookups, and closes what nobody refers to any more. */
export function forgetNode(share: Share, id: number, count: number): void {
  const descriptor = share.nodes.forget(id, count);
  if (descriptor >= 0) releaseDescriptor(share, descriptor);
}

/** Describes a node whose attributes are in the scratch memory. */
export function fillEntry(share: Share, slot: number, entry: EntryOut): void {
  const id = share.nodes.idOf(slot);
  entry.nodeid_lo = id >>> 0;
  entry.nodeid_hi = Math.floor(id / 2 ** 32);
  entry.generation_lo = 0;
  entry.generation_hi = 0;
  const { entry: name, attributes } = share.caching;
  entry.entry_valid_lo = name.seconds;
  entry.entry_valid_hi = 0;
  entry.attr_valid_lo = attributes.seconds;
  entry.attr_valid_hi = 0;
  entry.entry_valid_nsec = name.nanoseconds;
  entry.attr_valid_nsec = attributes.nanoseconds;
  copyAttributes(share.scratch.window, share.scratch.statx, entry.attr);
}

/** Describes the absence of what was looked up, for the guest to remember. */
export function fillAbsence(share: Share, entry: EntryOut): void {
  const { absence } = share.caching;
  entry.nodeid_lo = 0;
  entry.nodeid_hi = 0;
  entry.entry_valid_lo = absence.seconds;
  entry.entry_valid_hi = 0;
  entry.entry_valid_nsec = absence.nanoseconds;
}

/**
 * Opens the file of a node for reading or writing: a descriptor or −errno.
 *
 * Only regular files and directories: opening a device can act on it, and opening a fifo can wait forever. And always with
 * O_NONBLOCK, which is nothing to files on a disk: what calls itself a regular file in /proc or /sys can make readers wait.
 */
export function reopenNode(share: Share, slot: number, flags: number): number {
  const type = share.nodes.typeOf(slot);
  if (type !== S_IFREG && type !== S_IFDIR) return -EBADF;
  const path = nodeDescriptor(share, slot);
  if (path < 0) return path;
  const descriptor = reopen(share, path, flags | O_NONBLOCK);
  // Another program of the host has a lease on the file: the kernel gives it some seconds, unless the guest does not want to wait.
  return descriptor === -EAGAIN && !(flags & O_NONBLOCK) ? reopen(share, path, flags) : descriptor;
}

/** Opens the very file of a descriptor once more, whatever names it has by now: a descriptor or −errno. */
export function reopen(share: Share, descriptor: number, flags: number): number {
  const { scratch } = share;
  scratch.putNumber(descriptor);
  // The entries of /proc/self/fd are links to be followed.
  return raw.openat(
    share.procSelfFd,
    scratch.window.id,
    scratch.number,
    (flags & ~O_NOFOLLOW) | O_CLOEXEC,
    0,
  );
}

function knownNode(share: Share): number {
  const words = share.scratch.window.u32;
  const w = share.scratch.statx >> 2;
  return share.nodes.identities.find(
    words[w + STATX_WORD.ino]!,
    words[w + STATX_WORD.ino + 1]!,
    words[w + STATX_WORD.dev]!,
    words[w + STATX_WORD.dev + 1]!,
    words[w + STATX_WORD.mountId]!,
    words[w + STATX_WORD.mountId + 1]!,
  );
}
