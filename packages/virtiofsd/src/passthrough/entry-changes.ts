import type { BytesOut, EntryOut, Name } from '@vfs/fuse-proto';
import {
  AT_SYMLINK_FOLLOW,
  EINVAL,
  ENOENT,
  ESTALE,
  RENAME_EXCHANGE,
  RENAME_WHITEOUT,
  raw,
  S_IFLNK,
} from '@vfs/sys';
import { type Caller, createAs } from './creation.js';
import { nodeDescriptor } from './node-descriptors.js';
import { fillAbsence, fillEntry, forgetNode, lookupNode, noteName, prepareRemoval } from './nodes.js';
import { labelEntry } from './security-labels.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';

/** Looks up a name, counts that, and describes what is there, or its absence: 0 or −errno. */
export function enter(share: Share, parent: number, name: Name, reply: EntryOut): number {
  const { scratch, nodes } = share;
  const slot = nodes.slotOf(parent);
  if (slot === NO_SLOT) return -ESTALE;
  const error = scratch.putName(scratch.name, name);
  if (error < 0) return error;
  const directory = nodeDescriptor(share, slot);
  if (directory < 0) return directory;
  const result = enterPlaced(share, slot, directory, reply);
  if (result !== -ENOENT || !share.caching.tellsAbsence) return result;
  fillAbsence(share, reply);
  return 0;
}

/**
 * Creates an entry as the caller, by one system call, and enters it: 0 or −errno. `create` finds the name in the scratch memory, in
 * the window with the given id.
 */
export function makeEntry(
  share: Share,
  caller: Caller,
  parent: number,
  name: Name,
  reply: EntryOut,
  create: (directory: number, window: number) => number,
): number {
  const { scratch, nodes } = share;
  const slot = nodes.slotOf(parent);
  if (slot === NO_SLOT) return -ESTALE;
  const error = scratch.putName(scratch.name, name);
  if (error < 0) return error;
  const directory = nodeDescriptor(share, slot);
  if (directory < 0) return directory;
  const result = createAs(share, caller, directory, () => create(directory, scratch.window.id));
  if (result < 0) return result;
  const made = lookupMade(share, slot, directory);
  if (made < 0) return made;
  const labeled = labelEntry(share, caller.security, slot, directory, made);
  if (labeled < 0) {
    forgetNode(share, nodes.idOf(made), 1);
    return labeled;
  }
  fillEntry(share, made, reply);
  return 0;
}

/** Gives a file another name and enters that: 0 or −errno. */
export function linkEntry(share: Share, id: number, parent: number, name: Name, reply: EntryOut): number {
  const { scratch, nodes, procSelfFd } = share;
  const slot = nodes.slotOf(id);
  const parentSlot = nodes.slotOf(parent);
  if (slot === NO_SLOT || parentSlot === NO_SLOT) return -ESTALE;
  const error = scratch.putName(scratch.name, name);
  if (error < 0) return error;
  const directory = nodeDescriptor(share, parentSlot);
  if (directory < 0) return directory;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const window = scratch.window.id;
  // By the link in /proc/self/fd: an empty path would need privilege.
  scratch.putNumber(descriptor);
  const result = raw.linkat(
    procSelfFd,
    window,
    scratch.number,
    directory,
    window,
    scratch.name,
    AT_SYMLINK_FOLLOW,
  );
  if (result < 0) return result;
  const made = lookupMade(share, parentSlot, directory);
  if (made < 0) return made;
  fillEntry(share, made, reply);
  return 0;
}

/**
 * Looks up what was made a moment ago, by the name in the scratch memory: its slot or −errno. An error would tell the guest that it has not
 * been made, so one is not enough.
 */
function lookupMade(share: Share, parent: number, directory: number): number {
  const { window, name } = share.scratch;
  const slot = lookupNode(share, parent, directory, window.id, name);
  return slot < 0 ? lookupNode(share, parent, directory, window.id, name) : slot;
}

/** Removes an entry: 0 or −errno. `flags`: 0, or AT_REMOVEDIR for a directory. */
export function removeEntry(share: Share, parent: number, name: Name, flags: number): number {
  const { scratch, nodes } = share;
  const slot = nodes.slotOf(parent);
  if (slot === NO_SLOT) return -ESTALE;
  const error = scratch.putName(scratch.name, name);
  if (error < 0) return error;
  const directory = nodeDescriptor(share, slot);
  if (directory < 0) return directory;
  const kept = prepareRemoval(share, directory, scratch.name);
  if (kept < 0) return kept;
  share.forgotten.nameRemoved();
  return raw.unlinkat(directory, scratch.window.id, scratch.name, flags);
}

/**
 * Renames an entry: 0 or −errno. `flags`: RENAME_ flags, which the kernel checks. With RENAME_WHITEOUT something is created in the
 * old place; it is the caller's.
 */
export function renameEntry(
  share: Share,
  caller: Caller,
  parent: number,
  name: Name,
  newParent: number,
  newName: Name,
  flags: number,
): number {
  const { scratch, nodes } = share;
  const from = nodes.slotOf(parent);
  const to = nodes.slotOf(newParent);
  if (from === NO_SLOT || to === NO_SLOT) return -ESTALE;
  const error = scratch.putName(scratch.name, name) || scratch.putName(scratch.otherName, newName);
  if (error < 0) return error;
  const directory = nodeDescriptor(share, from);
  if (directory < 0) return directory;
  const newDirectory = nodeDescriptor(share, to);
  if (newDirectory < 0) return newDirectory;
  const kept = flags & RENAME_EXCHANGE ? 0 : prepareRemoval(share, newDirectory, scratch.otherName);
  if (kept < 0) return kept;
  share.forgotten.nameRemoved();
  const { id } = scratch.window;
  const rename = () =>
    raw.renameat2(directory, id, scratch.name, newDirectory, id, scratch.otherName, flags | 0);
  const result = flags & RENAME_WHITEOUT ? createAs(share, caller, directory, rename) : rename();
  if (result < 0) return result;
  noteName(share, to, newDirectory, scratch.otherName);
  if (flags & RENAME_EXCHANGE) noteName(share, from, directory, scratch.name);
  return 0;
}

/** Reads the content of a symbolic link: 0 or −errno. */
export function readLink(share: Share, id: number, reply: BytesOut): number {
  const { scratch, nodes } = share;
  const slot = nodes.slotOf(id);
  if (slot === NO_SLOT) return -ESTALE;
  if (nodes.typeOf(slot) !== S_IFLNK) return -EINVAL;
  const window = scratch.window;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const length = raw.readlinkat(
    descriptor,
    window.id,
    scratch.empty,
    window.id,
    scratch.path,
    scratch.pathSize,
  );
  if (length < 0) return length;
  reply.set(window.u8.subarray(scratch.path, scratch.path + length));
  return 0;
}

function enterPlaced(share: Share, parent: number, directory: number, reply: EntryOut): number {
  const { scratch } = share;
  const slot = lookupNode(share, parent, directory, scratch.window.id, scratch.name);
  if (slot < 0) return slot;
  fillEntry(share, slot, reply);
  return 0;
}
