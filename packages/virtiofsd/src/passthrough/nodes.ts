import { type Attr, type EntryOut, FUSE_ATTR_SUBMOUNT } from '@vfs/fuse-proto';
import {
  AT_EMPTY_PATH,
  EAGAIN,
  EBADF,
  ENFILE,
  ENOENT,
  ESTALE,
  type MemoryWindow,
  O_NONBLOCK,
  raw,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from '@vfs/sys';
import { copyAttributes } from './attributes.js';
import { madeRoomAfter, makeRoom, removeIdle } from './descriptor-room.js';
import type { Mount } from './mount-table.js';
import { mountOf } from './mounts.js';
import { nodeDescriptor } from './node-descriptors.js';
import { CLOSED, ROOT_SLOT } from './node-table.js';
import { reopen } from './reopen.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';
import {
  findHandle,
  isSameFile,
  NAMED,
  PATH_FLAGS,
  rememberFingerprint,
  rememberHandle,
} from './way-back.js';

/**
 * Finds the node of a name in a directory and counts one lookup; its attributes are then in the scratch memory.
 *
 * A file that is known already costs one system call, or two while it has no descriptor.
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
  const error = raw.statx(directory, nameWindow, nameAt, NAMED, STATX_MASK, scratch.window.id, scratch.statx);
  if (error < 0) return error;
  const slot = knownNode(share, scratch.statx);
  if (slot === NO_SLOT) {
    if (share.budget.left > 0) return openNode(share, parent, directory, nameWindow, nameAt);
    const closed = addClosed(share, parent, directory, nameWindow, nameAt);
    return closed === NO_SLOT ? openNode(share, parent, directory, nameWindow, nameAt) : closed;
  }
  if (nodes.descriptorOf(slot) === CLOSED) {
    const same = isSameFile(share, slot, scratch.statx, directory, nameWindow, nameAt, 0);
    if (same < 0) return same;
    if (same === 0) return openNode(share, parent, directory, nameWindow, nameAt);
    if (!nodes.hasHandle(slot)) rename(share, slot, parent, nameWindow, nameAt);
  } else if (nodes.isAdrift(slot)) {
    anchor(share, slot, parent, nameWindow, nameAt);
  }
  refer(share, slot);
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
  let descriptor = raw.openat(directory, nameWindow, nameAt, PATH_FLAGS, 0);
  if (madeRoomAfter(share, descriptor)) {
    descriptor = raw.openat(directory, nameWindow, nameAt, PATH_FLAGS, 0);
  }
  if (descriptor < 0) {
    share.budget.give();
    return descriptor;
  }
  return adoptNode(share, descriptor, parent, nameWindow, nameAt);
}

/**
 * Makes an O_PATH descriptor, for which the budget has been charged, that of the node of its file, or closes it if there is one.
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
  parent: number = NO_SLOT,
  nameWindow = 0,
  nameAt = 0,
  foreign?: number,
): number {
  const { scratch, nodes, cache } = share;
  const error = raw.statxFd(descriptor, STATX_MASK, scratch.window.id, scratch.statx);
  if (error < 0) return discard(share, descriptor, error);
  const known = knownNode(share, scratch.statx);
  if (known !== NO_SLOT && nodes.descriptorOf(known) !== CLOSED) {
    if (nodes.isAdrift(known)) anchor(share, known, parent, nameWindow, nameAt);
    refer(share, known);
    return discard(share, descriptor, known);
  }
  if (known !== NO_SLOT) {
    const { window, empty, statx } = scratch;
    const same = isSameFile(share, known, statx, descriptor, window.id, empty, AT_EMPTY_PATH);
    if (same < 0) return discard(share, descriptor, same);
    if (same === 1) {
      nodes.setDescriptor(known, descriptor);
      cache.add(descriptor, known);
      if (!nodes.hasHandle(known)) rename(share, known, parent, nameWindow, nameAt);
      refer(share, known);
      return known;
    }
    nodes.bury(known);
  }
  const mount = mountOf(share, descriptor);
  if (typeof mount === 'number') return discard(share, descriptor, mount);
  const slot = addNode(share, descriptor, mount, parent, foreign);
  if (slot === NO_SLOT) return discard(share, descriptor, -ENFILE);
  if (slot !== ROOT_SLOT) cache.add(descriptor, slot);
  if (mount.descriptor < 0) setName(share, slot, parent, nameWindow, nameAt);
  return slot;
}

/** Counts one more lookup of a node. */
function refer(share: Share, slot: number): void {
  share.nodes.reference(slot);
  share.forgotten.lookedUp(slot);
}

/** Takes back lookups at the guest's request; it may look up again what nobody refers to any more. */
export function forgetLookups(share: Share, id: number, count: number): void {
  const slot = share.nodes.forget(id, count);
  if (slot !== NO_SLOT && !share.forgotten.keep(slot)) removeIdle(share, slot);
}

/** Takes back lookups, and closes what nobody refers to any more. */
export function forgetNode(share: Share, id: number, count: number): void {
  const slot = share.nodes.forget(id, count);
  if (slot !== NO_SLOT) removeIdle(share, slot);
}

/**
 * A file is about to lose a name by the guest's will. If the guest knows it, it may go on using it: then a descriptor must keep the
 * file. 0, or −errno, upon which the name must stay.
 */
export function prepareRemoval(share: Share, directory: number, nameAt: number): number {
  if (share.nodes.closed === 0) return 0;
  const slot = namedNode(share, directory, nameAt);
  if (slot === -ENOENT || slot === NO_SLOT) return 0;
  const descriptor = slot < 0 ? slot : nodeDescriptor(share, slot);
  // What the node was of is gone already.
  return descriptor < 0 && !(slot > NO_SLOT && descriptor === -ESTALE) ? descriptor : 0;
}

/** A name has been given to a file by the guest's will. */
export function noteName(share: Share, parent: number, directory: number, nameAt: number): void {
  if (!share.nodes.hasNames) return;
  const slot = namedNode(share, directory, nameAt);
  // Without its new name it is found again by the next lookup.
  if (slot <= NO_SLOT || share.nodes.hasHandle(slot)) return;
  if (share.nodes.isAdrift(slot)) anchor(share, slot, parent, share.scratch.window.id, nameAt);
  else rename(share, slot, parent, share.scratch.window.id, nameAt);
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
  fillAttributes(share, slot, entry.attr);
  if (share.agreed.submounts && share.nodes.isMountPoint(slot)) entry.attr.flags |= FUSE_ATTR_SUBMOUNT;
}

/** Describes the attributes of a node, which are in the scratch memory. */
export function fillAttributes(share: Share, slot: number, attr: Attr): void {
  copyAttributes(share.scratch.window, share.scratch.statx, attr);
  attr.ino_hi = (attr.ino_hi ^ inodeTag(share, slot)) >>> 0;
}

/** Makes inode numbers of the node's device differ from those of other devices, unless the guest tells them apart itself. */
export function inodeTag(share: Share, slot: number): number {
  if (share.agreed.submounts) return 0;
  const { identities } = share.nodes;
  return share.inodeTags.of(identities.deviceMajor(slot), identities.deviceMinor(slot));
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

/** Adds a node of a file that has not been opened: the slot with one lookup counted, NO_SLOT when that cannot be, or −errno. */
function addClosed(
  share: Share,
  parent: number,
  directory: number,
  nameWindow: number,
  nameAt: number,
): number {
  const { scratch, mounts } = share;
  const { u32 } = scratch.window;
  const w = (scratch.statx >> 2) + STATX_WORD.mountId;
  const mount = mounts.find(u32[w + 1]! * 2 ** 32 + u32[w]!);
  if (mount === undefined || parent === NO_SLOT) return NO_SLOT;
  const found = findHandle(share, directory, nameWindow, nameAt, 0);
  if (found < 0) return found;
  const hasHandle = found === 1;
  const byHandle = mount.descriptor >= 0;
  if (byHandle && !(hasHandle && u32[scratch.handleMount >> 2] === u32[w])) return NO_SLOT;
  const slot = addNode(share, CLOSED, mount, parent);
  if (slot === NO_SLOT) return NO_SLOT;
  if (byHandle) {
    rememberHandle(share, slot);
  } else {
    setName(share, slot, parent, nameWindow, nameAt);
    rememberFingerprint(share, slot, scratch.statx, hasHandle);
  }
  return slot;
}

/** Adds a node of the file whose attributes are in the scratch memory: its slot, or NO_SLOT. */
function addNode(share: Share, descriptor: number, mount: Mount, parent: number, foreign?: number): number {
  const { nodes, scratch } = share;
  const words = scratch.window.u32;
  const w = scratch.statx >> 2;
  const slot = nodes.add(
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
  if (slot === NO_SLOT) return NO_SLOT;
  const entersMount =
    parent !== NO_SLOT && nodes.typeOf(slot) === S_IFDIR && !nodes.identities.areBeside(slot, parent);
  nodes.setMount(slot, mount.index, entersMount);
  share.forgotten.lookedUp(slot);
  mount.nodes++;
  return slot;
}

/** Closes a descriptor that is not needed, and hands a result through. */
function discard(share: Share, descriptor: number, result: number): number {
  raw.close(descriptor);
  share.budget.give();
  return result;
}

/** A lookup says where the file of a node is that had nothing to lead back to it. */
function anchor(share: Share, slot: number, parent: number, nameWindow: number, nameAt: number): void {
  const { nodes, cache } = share;
  if (!nodes.hasHandle(slot)) rename(share, slot, parent, nameWindow, nameAt);
  nodes.setAdrift(slot, false);
  cache.add(nodes.descriptorOf(slot), slot);
}

/** Replaces the name of a node. */
function rename(share: Share, slot: number, parent: number, nameWindow: number, nameAt: number): void {
  if (slot === ROOT_SLOT) return;
  const { nodes } = share;
  const { u8 } = windowOf(share, nameWindow);
  const length = lengthAt(u8, nameAt);
  if (nodes.names.parentOf(slot) === parent && nodes.wayBackEquals(slot, u8, nameAt, length)) return;
  const oldParent = nodes.clearWayBack(slot);
  setName(share, slot, parent, nameWindow, nameAt);
  if (oldParent !== NO_SLOT) removeIdle(share, oldParent);
}

/** Sets the name of a node that has none. */
function setName(share: Share, slot: number, parent: number, nameWindow: number, nameAt: number): void {
  if (parent === NO_SLOT) return;
  const { u8 } = windowOf(share, nameWindow);
  share.nodes.setName(slot, parent, u8, nameAt, lengthAt(u8, nameAt));
}

/** Names of requests lie in the scratch memory, those of listed entries in a chunk. */
function windowOf(share: Share, id: number): MemoryWindow {
  return id === share.scratch.window.id ? share.scratch.window : share.chunks.window;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end++;
  return end - at;
}

/** The node of the file that has a name in a directory; NO_SLOT when the guest does not know it, −errno when that cannot be told. */
function namedNode(share: Share, directory: number, nameAt: number): number {
  const { id } = share.scratch.window;
  const { otherStatx } = share.scratch;
  const error = raw.statx(directory, id, nameAt, NAMED, STATX_MASK, id, otherStatx);
  return error < 0 ? error : knownNode(share, otherStatx);
}

/** The node with the identity at a place; NO_SLOT when the guest does not know it. */
function knownNode(share: Share, statx: number): number {
  const words = share.scratch.window.u32;
  const w = statx >> 2;
  return share.nodes.identities.find(
    words[w + STATX_WORD.ino]!,
    words[w + STATX_WORD.ino + 1]!,
    words[w + STATX_WORD.dev]!,
    words[w + STATX_WORD.dev + 1]!,
    words[w + STATX_WORD.mountId]!,
    words[w + STATX_WORD.mountId + 1]!,
  );
}
