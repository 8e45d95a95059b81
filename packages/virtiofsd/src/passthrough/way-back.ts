import {
  AT_EMPTY_PATH,
  AT_NO_AUTOMOUNT,
  AT_SYMLINK_NOFOLLOW,
  EINTR,
  EINVAL,
  EIO,
  EMFILE,
  ENFILE,
  ENOMEM,
  ENOSYS,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  ESTALE,
  MAX_HANDLE_SZ,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_PATH,
  raw,
  S_IFMT,
  STATX_BTIME,
} from '@vfs/sys';
import { CLOSED } from './node-table.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

/**
 * How a node whose descriptor was closed leads to its file again: by the file handle where the file system has them, otherwise by
 * the name under which it was found last.
 *
 * A handle names one file for ever. A name may lead to another file later, and that one may even have got the inode number of the
 * first, which nothing keeps from being used again. So what is found by name must have the same *fingerprint*: time of birth and file
 * handle (which anybody may ask for, though not open), as far as the file system has them. Where it has neither, device, mount, inode
 * number and type decide alone.
 */

/** How statx(2) takes a name: as itself. */
export const NAMED: number = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
/** Opens O_PATH descriptors, of links themselves. */
export const PATH_FLAGS: number = O_PATH | O_NOFOLLOW | O_CLOEXEC;

/** What says nothing of the file, and may be otherwise in a moment. */
const PASSING: ReadonlySet<number> = new Set([-EMFILE, -ENFILE, -ENOMEM, -EINTR]);
/** What says that there are no file handles, or not for us. */
const NO_HANDLES: ReadonlySet<number> = new Set([-EOPNOTSUPP, -EOVERFLOW, -ENOSYS, -EPERM, -EINVAL]);

/** Whether a failure, −errno, says nothing of the file in question. */
export function isPassing(error: number): boolean {
  return PASSING.has(error);
}

/**
 * Reads the file handle of a file into the scratch memory: 0 or −errno.
 *
 * @param window the id of the window where the path lies at `at`
 */
export function readHandle(
  share: Share,
  directory: number,
  window: number,
  at: number,
  atFlags: number,
): number {
  const { scratch } = share;
  const own = scratch.window.id;
  scratch.window.u32[scratch.handle >> 2] = MAX_HANDLE_SZ;
  return raw.nameToHandleAt(directory, window, at, own, scratch.handle, own, scratch.handleMount, atFlags);
}

/** {@link readHandle} where there need not be one: 1, 0 if the file has none, or −errno when that cannot be told. */
export function findHandle(
  share: Share,
  directory: number,
  window: number,
  at: number,
  atFlags: number,
): number {
  const error = readHandle(share, directory, window, at, atFlags);
  if (error === 0) return 1;
  return NO_HANDLES.has(error) ? 0 : error;
}

/** {@link readHandle} of the file of a descriptor. */
export function readHandleOf(share: Share, descriptor: number): number {
  const { scratch } = share;
  return readHandle(share, descriptor, scratch.window.id, scratch.empty, AT_EMPTY_PATH);
}

/** Makes the handle in the scratch memory the way back of a node that has none. */
export function rememberHandle(share: Share, slot: number): void {
  const { scratch, nodes } = share;
  nodes.setHandle(slot, scratch.window.u8, scratch.handle + 4, handleLength(share));
}

/** Stores the fingerprint of the file whose attributes are at `statx`, and whose handle is in the scratch memory if `hasHandle`. */
export function rememberFingerprint(share: Share, slot: number, statx: number, hasHandle: boolean): void {
  fingerprint(share, statx, hasHandle);
  share.nodes.names.setFingerprint(slot, print.first, print.second);
}

/**
 * Whether the file found at a path is the one of a node that has no descriptor, although both have the same identity: 1 or 0, −errno
 * when that cannot be told.
 *
 * @param statx where the attributes of that file are
 */
export function isSameFile(
  share: Share,
  slot: number,
  statx: number,
  directory: number,
  window: number,
  at: number,
  atFlags: number,
): number {
  const { nodes, scratch } = share;
  const found = findHandle(share, directory, window, at, atFlags);
  if (found < 0) return found;
  if (nodes.hasHandle(slot)) {
    const equal =
      found === 1 && nodes.wayBackEquals(slot, scratch.window.u8, scratch.handle + 4, handleLength(share));
    return Number(equal);
  }
  fingerprint(share, statx, found === 1);
  return Number(nodes.names.hasFingerprint(slot, print.first, print.second));
}

/**
 * Opens what the way back of a node leads to now: an O_PATH descriptor or −errno.
 *
 * @param directory a descriptor of the node's parent, if it goes by name
 */
export function openWayBack(share: Share, slot: number, directory: number): number {
  const { nodes, scratch } = share;
  if (nodes.isBuried(slot) || !nodes.hasWayBack(slot)) return -ESTALE;
  const { window } = scratch;
  if (nodes.hasHandle(slot)) {
    const length = nodes.copyWayBack(slot, window.u8, scratch.handle + 4);
    window.u32[scratch.handle >> 2] = length - 4;
    const { descriptor } = share.mounts.at(nodes.mountOf(slot));
    return raw.openByHandleAt(descriptor, window.id, scratch.handle, PATH_FLAGS);
  }
  // A single name, checked when it came, without following links: it cannot lead out of its directory.
  placeName(share, slot);
  return raw.openat(directory, window.id, scratch.nameBack, PATH_FLAGS, 0);
}

/** Whether a descriptor that was opened by the way back of a node is of the node's file: 0, ESTALE if not, or another −errno. */
export function leadsBack(share: Share, slot: number, descriptor: number): number {
  const { nodes, scratch } = share;
  const { window, otherStatx, empty } = scratch;
  const error = raw.statxFd(descriptor, STATX_MASK, window.id, otherStatx);
  if (error < 0) return error;
  if (!hasIdentity(share, slot, otherStatx)) return -ESTALE;
  if (nodes.hasHandle(slot)) return 0;
  const same = isSameFile(share, slot, otherStatx, descriptor, window.id, empty, AT_EMPTY_PATH);
  return same === 0 ? -ESTALE : Math.min(same, 0);
}

/** Whether a node will find its file again. */
export type Prospect = 'certain' | 'none' | 'unclear';

/**
 * Makes sure, as far as that is possible, that a node finds its file again without its descriptor.
 */
export function prepareToClose(share: Share, slot: number, descriptor: number): Prospect {
  const { nodes, mounts } = share;
  return mounts.at(nodes.mountOf(slot)).descriptor >= 0
    ? prepareHandle(share, slot, descriptor)
    : prepareName(share, slot, descriptor);
}

function prepareHandle(share: Share, slot: number, descriptor: number): Prospect {
  const { nodes, scratch } = share;
  const { window, otherStatx } = scratch;
  const error = raw.statxFd(descriptor, STATX_MASK, window.id, otherStatx);
  if (error < 0) return prospectAfter(error);
  // It has no names any more: the descriptor is all that keeps it.
  if (window.u32[(otherStatx >> 2) + STATX_WORD.nlink] === 0) return 'none';
  if (nodes.hasHandle(slot)) return 'certain';
  const unreadable = readHandleOf(share, descriptor);
  if (unreadable < 0) return prospectAfter(unreadable);
  rememberHandle(share, slot);
  return 'certain';
}

function prepareName(share: Share, slot: number, descriptor: number): Prospect {
  const { nodes, scratch } = share;
  const { window, otherStatx, nameBack } = scratch;
  if (!nodes.hasName(slot)) return 'none';
  const parent = nodes.names.parentOf(slot);
  let directory = nodes.descriptorOf(parent);
  const isOpen = directory !== CLOSED;
  if (!isOpen) directory = openForNow(share, parent);
  if (directory < 0) return prospectAfter(directory);
  placeName(share, slot);
  const error = raw.statx(directory, window.id, nameBack, NAMED, STATX_MASK, window.id, otherStatx);
  if (!isOpen) raw.close(directory);
  // The descriptor keeps the inode number from being used again: so this comparison is exact.
  if (error < 0) return prospectAfter(error);
  if (!hasIdentity(share, slot, otherStatx)) return 'none';
  const found = findHandle(share, descriptor, window.id, scratch.empty, AT_EMPTY_PATH);
  if (found < 0) return prospectAfter(found);
  rememberFingerprint(share, slot, otherStatx, found === 1);
  return 'certain';
}

/** What cannot be found out now may be later. */
function prospectAfter(error: number): Prospect {
  return isPassing(error) || error === -EIO ? 'unclear' : 'none';
}

/**
 * Opens a directory whose node is closed, without opening the node: when descriptors are to become fewer, the way there may not keep
 * any.
 */
function openForNow(share: Share, slot: number): number {
  const { nodes } = share;
  const closed: number[] = [];
  let at = slot;
  for (; at !== NO_SLOT && nodes.descriptorOf(at) === CLOSED; at = nodes.names.parentOf(at)) closed.push(at);
  let directory = at === NO_SLOT ? CLOSED : nodes.descriptorOf(at);
  let own = CLOSED;
  for (let next = closed.pop(); next !== undefined; next = closed.pop()) {
    directory = openWayBack(share, next, directory);
    if (own !== CLOSED) raw.close(own);
    if (directory < 0) return directory;
    own = directory;
    const error = leadsBack(share, next, own);
    if (error === 0) continue;
    raw.close(own);
    return error;
  }
  return own;
}

/** Whether the attributes at a place are of a file with the identity and type of a node. */
function hasIdentity(share: Share, slot: number, statx: number): boolean {
  const words = share.scratch.window.u32;
  const w = statx >> 2;
  return (
    (words[w + STATX_WORD.mode]! & S_IFMT) === share.nodes.typeOf(slot) &&
    share.nodes.identities.matches(
      slot,
      words[w + STATX_WORD.ino]!,
      words[w + STATX_WORD.ino + 1]!,
      words[w + STATX_WORD.dev]!,
      words[w + STATX_WORD.dev + 1]!,
      words[w + STATX_WORD.mountId]!,
      words[w + STATX_WORD.mountId + 1]!,
    )
  );
}

function placeName(share: Share, slot: number): void {
  const { scratch } = share;
  const length = share.nodes.copyWayBack(slot, scratch.window.u8, scratch.nameBack);
  scratch.window.u8[scratch.nameBack + length] = 0;
}

/** Type and bytes of the handle in the scratch memory. */
function handleLength(share: Share): number {
  return 4 + share.scratch.window.u32[share.scratch.handle >> 2]!;
}

/** What {@link fingerprint} computed last. */
const print = { first: 0, second: 0 };

function fingerprint(share: Share, statx: number, hasHandle: boolean): void {
  const { window, handle } = share.scratch;
  print.first = 0x811c9dc5;
  print.second = 0x9e3779b9;
  const w = statx >> 2;
  if (window.u32[w + STATX_WORD.mask]! & STATX_BTIME) {
    for (let i = 0; i < 3; i++) mixIn(window.u32[w + STATX_WORD.btime + i]!);
  }
  if (hasHandle) {
    const end = handle + 4 + handleLength(share);
    for (let at = handle; at < end; at++) mixIn(window.u8[at]!);
  }
  print.first >>>= 0;
  print.second >>>= 0;
}

/** FNV-1a twice over, with different multipliers. */
function mixIn(value: number): void {
  print.first = Math.imul(print.first ^ value, 0x01000193);
  print.first ^= print.first >>> 15;
  print.second = Math.imul(print.second ^ value, 0x85ebca6b);
  print.second ^= print.second >>> 13;
}
