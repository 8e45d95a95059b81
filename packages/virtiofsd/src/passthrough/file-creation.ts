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
  O_TMPFILE,
  O_TRUNC,
  raw,
  S_IFREG,
} from '@vfs/sys';
import { type Caller, createAs } from './creation.js';
import { madeRoomAfter, makeRoom, makeRoomForHandle } from './descriptor-room.js';
import { nodeDescriptor } from './node-descriptors.js';
import { adoptNode, forgetNode, lookupNode } from './nodes.js';
import { hostOpenFlags } from './open-flags.js';
import { addHandle, closeHandle, openFile } from './opening.js';
import { reopen } from './reopen.js';
import { labelEntry, labelFile } from './security-labels.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK } from './statx.js';
import { underUmask } from './umask.js';

const PERMISSIONS = 0o7777;
/** How often CREATE follows a file that others create and remove again at the same time. */
const CREATE_ATTEMPTS = 8;

/** What the functions here made: valid until the next call of one. */
export const created = { slot: NO_SLOT, handle: NO_SLOT };

/** What the guest wants to be created. */
export interface FileRequest {
  /** O_ flags. */
  readonly flags: number;
  readonly mode: number;
  /** That of the guest's process, for where it has not been applied. */
  readonly umask: number;
  /** If the file is there already, truncating it takes set-id bits away. */
  readonly kills: boolean;
}

/**
 * Creates a file, or opens the one that is there unless the guest insists (O_EXCL); its name is in the scratch memory. The node has one
 * lookup counted, and its attributes are in the scratch memory.
 *
 * @returns 0 with {@link created} filled in, or −errno
 */
export function createFile(share: Share, caller: Caller, parent: number, request: FileRequest): number {
  // Linux before 6.4 makes a file of this and says that it is no directory.
  if (request.flags & O_DIRECTORY) return -EINVAL;
  let result = -EEXIST;
  for (let attempts = 0; attempts < CREATE_ATTEMPTS; attempts++) {
    const directory = nodeDescriptor(share, parent);
    if (directory < 0) return directory;
    result = createNew(share, caller, parent, directory, request);
    if (result !== -EEXIST || request.flags & O_EXCL) return result;
    result = openExisting(share, parent, directory, request);
    if (result !== -ENOENT) return result;
  }
  return result;
}

/** Creates a file without a name, that has to be given one, or vanishes with the last who has it open; as {@link createFile}. */
export function createUnnamed(share: Share, caller: Caller, parent: number, request: FileRequest): number {
  const directory = nodeDescriptor(share, parent);
  if (directory < 0) return directory;
  const { scratch } = share;
  const flags = hostOpenFlags(share, request.flags) & ~O_DIRECTORY;
  // With O_EXCL it is not to be given a name.
  const how = flags | O_TMPFILE | (request.flags & O_EXCL) | O_CLOEXEC;
  return create(share, caller, NO_SLOT, directory, flags, request.umask, () =>
    raw.openat(directory, scratch.window.id, scratch.here, how, request.mode & PERMISSIONS),
  );
}

function createNew(
  share: Share,
  caller: Caller,
  parent: number,
  directory: number,
  request: FileRequest,
): number {
  const { scratch } = share;
  const flags = hostOpenFlags(share, request.flags);
  const how = flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  return create(share, caller, parent, directory, flags, request.umask, () =>
    raw.openat(directory, scratch.window.id, scratch.name, how, request.mode & PERMISSIONS),
  );
}

/** Creates a file by `act`, as the caller, which opens it with `flags`. `parent`: NO_SLOT for one without a name. */
function create(
  share: Share,
  caller: Caller,
  parent: number,
  directory: number,
  flags: number,
  umask: number,
  act: () => number,
): number {
  // For the handle and for the node, before there is a file that could not be opened.
  if (!makeRoomForHandle(share, 1)) return -ENFILE;
  const attempt = () => createAs(share, caller, directory, () => underUmask(share, umask, act));
  let descriptor = attempt();
  if (madeRoomAfter(share, descriptor)) descriptor = attempt();
  if (descriptor < 0) {
    share.budget.give(2);
    return descriptor;
  }
  let slot = nodeOf(share, parent, descriptor);
  // The file is there: an error would tell the guest that it is not, so one is not enough.
  if (slot < 0 && makeRoom(share)) slot = nodeOf(share, parent, descriptor);
  const labeled = slot < 0 ? slot : label(share, caller, parent, directory, slot);
  if (labeled < 0) {
    raw.close(descriptor);
    share.budget.give();
    if (slot >= 0) forgetNode(share, share.nodes.idOf(slot), 1);
    return labeled;
  }
  return finish(share, slot, addHandle(share, slot, descriptor, flags));
}

/** The node of an open file whose name is in the scratch memory, the budget for it charged: its slot or −errno. */
function nodeOf(share: Share, parent: number, descriptor: number): number {
  const path = reopen(share, descriptor, O_PATH);
  if (path >= 0) return adoptNode(share, path, parent, share.scratch.window.id, share.scratch.name);
  share.budget.give();
  return path;
}

function label(share: Share, caller: Caller, parent: number, directory: number, slot: number): number {
  if (parent !== NO_SLOT) return labelEntry(share, caller.security, parent, directory, slot);
  return caller.security ? labelFile(share, caller.security, nodeDescriptor(share, slot)) : 0;
}

function openExisting(share: Share, parent: number, directory: number, request: FileRequest): number {
  const { scratch } = share;
  const slot = lookupNode(share, parent, directory, scratch.window.id, scratch.name);
  if (slot < 0) return slot;
  // Something else than a file has appeared there: the guest's kernel looks again and does what is right for it.
  const isFile = share.nodes.typeOf(slot) === S_IFREG;
  const handle = isFile ? openFile(share, slot, request.flags, request.kills) : -ESTALE;
  if (handle < 0 || !(request.flags & O_TRUNC)) return finish(share, slot, handle);
  const { window, statx } = scratch;
  const error = raw.statxFd(share.handles.descriptorOf(handle), STATX_MASK, window.id, statx);
  if (error < 0) closeHandle(share, handle);
  return finish(share, slot, error < 0 ? error : handle);
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
