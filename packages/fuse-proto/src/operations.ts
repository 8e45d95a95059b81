/**
 * One row per operation: what its request has to look like, how the file system is called, what the reply is.
 * Everything that can be said by a number is said by one; the session checks it before it calls `serve`.
 */
import { FUSE_COMPAT_SETXATTR_IN_SIZE } from './abi/constants.js';
import { direntplusSize } from './abi/dirent.js';
import * as op from './abi/opcodes.js';
import * as abi from './abi/views.js';
import { EINVAL, EIO, ENAMETOOLONG, ENOMEM, ERANGE, ESTALE } from './errno.js';
import type { FileSystem, Outcome } from './file-system.js';
import { XATTR_NAME_MAX } from './name.js';
import {
  ANYTHING,
  ENTRY,
  Operation,
  type OperationSpec,
  type SessionControl,
  TARGET,
  XATTR,
} from './operation.js';
import type { Slot } from './slot.js';

/** Largest listing, attribute or ioctl argument served, in bytes. */
export const MAX_VARIABLE_SIZE = 1 << 20;
/** Outcome of an operation that is not to be answered. */
export const NO_REPLY = -0x10000;

const TWO_32 = 0x1_0000_0000;
/** Halves of node ids above this would not make an exact number. */
const MAX_HI = 0x1f_ffff;

const withData = (slot: Slot, length: number) => (length <= slot.data.length ? length : -EIO);
const entryAndOpen = abi.EntryOut.SIZE + abi.OpenOut.SIZE;

/** Takes the second node of a request out of its halves. */
function node2(slot: Slot, lo: number, hi: number): number {
  if (hi > MAX_HI) return -ESTALE;
  slot.nodeid2 = clip(lo, hi);
  return 0;
}

/** Sends a name's or list's bytes, or only their number if the request asked for that (size 0). */
function attribute(slot: Slot): number {
  const { bytes } = slot;
  if (bytes.capacity > 0) return bytes.length <= bytes.capacity ? bytes.length : -ERANGE;
  slot.output.getxattr.size = bytes.length;
  return abi.GetxattrOut.SIZE;
}

/** Prepares `slot.bytes` for the size that GETXATTR or LISTXATTR asks for. */
function offerAttribute(slot: Slot): number {
  const { size } = slot.input.getxattr;
  const room = size === 0 ? abi.GetxattrOut.SIZE : size;
  if (size > MAX_VARIABLE_SIZE) return -ENOMEM;
  if (room > slot.room) return -EINVAL;
  slot.needPayload(room);
  slot.clearPayload(abi.GetxattrOut.SIZE);
  slot.offerBytes(size);
  return 0;
}

/** The name's place depends on what INIT has settled, and the value's size has to match what is there. */
function setxattr(fs: FileSystem, slot: Slot, session: SessionControl): Outcome {
  const long = session.traits.longSetxattr;
  const names = abi.InHeader.SIZE + (long ? abi.SetxattrIn.SIZE : FUSE_COMPAT_SETXATTR_IN_SIZE);
  const input = long ? slot.input.setxattr : slot.expandSetxattr();
  const value = slot.name.scan(slot.request, names, slot.length);
  if (value < 0 || slot.length - value !== input.size) return -EINVAL;
  if (slot.name.length > XATTR_NAME_MAX) return -ERANGE;
  slot.value.set(slot.request, value, input.size);
  return fs.setxattr!(slot.context, slot.nodeid, slot.name, slot.value, input);
}

/** How much of a listing the reader wants and has room for. */
const listLimit = (slot: Slot) => Math.min(slot.input.read.size, slot.room, MAX_VARIABLE_SIZE);

function written(slot: Slot, result: number): number {
  if (result > slot.input.write.size) return -EIO;
  slot.output.write.size = result;
  return abi.WriteOut.SIZE;
}

/** The range is cut to what the 32-bit count of the reply can say; the caller goes on from there. */
function copyRange(fs: FileSystem, slot: Slot, limit: number): Outcome {
  const input = slot.input.copyFileRange;
  if (input.nodeid_out_hi > MAX_HI) return -ESTALE;
  if (input.len > limit) input.len = limit;
  return fs.copy_file_range!(slot.context, slot.nodeid, input);
}

function removeMappings(fs: FileSystem, slot: Slot): Outcome {
  const { count } = slot.input.removemapping;
  const start = abi.InHeader.SIZE + abi.RemovemappingIn.SIZE;
  if (count > (slot.length - start) / abi.RemovemappingOne.SIZE) return -EINVAL;
  const from = (index: number): Outcome => {
    for (let i = index; i < count; i++) {
      slot.mapping.attach(slot.requestData, start + i * abi.RemovemappingOne.SIZE);
      const outcome = fs.removemapping!(slot.context, slot.nodeid, slot.mapping);
      if (typeof outcome !== 'number') return outcome.then((result) => (result < 0 ? result : from(i + 1)));
      if (outcome < 0) return outcome;
    }
    return 0;
  };
  return from(0);
}

/** Works through the nodes in pieces, so that a long list needs no buffer of its size. */
function batchForget(fs: FileSystem, slot: Slot): number {
  const { count } = slot.input.batchForget;
  const { readable } = slot.exchange;
  const one = abi.ForgetOne.SIZE;
  let position = abi.InHeader.SIZE + abi.BatchForgetIn.SIZE;
  if (count > (slot.length - position) / one || fs.forget === undefined) return NO_REPLY;
  const perPiece = Math.floor((slot.request.length - abi.InHeader.SIZE) / one);
  for (let left = count; left > 0; left -= perPiece) {
    const some = Math.min(left, perPiece);
    slot.fetchPart(readable, position, some * one);
    position += some * one;
    for (let i = 0; i < some; i++) forgetAt(fs, slot.requestData, abi.InHeader.SIZE + i * one);
  }
  return NO_REPLY;
}

function forgetAt(fs: FileSystem, data: DataView, at: number): void {
  const nodeHi = data.getUint32(at + 4, true);
  if (nodeHi > MAX_HI) return;
  const nlookup = clip(data.getUint32(at + 8, true), data.getUint32(at + 12, true));
  fs.forget!(clip(data.getUint32(at, true), nodeHi), nlookup);
}

/** The number that two halves make, or the largest exact one. */
function clip(lo: number, hi: number): number {
  if (hi === 0) return lo;
  return hi > MAX_HI ? Number.MAX_SAFE_INTEGER : hi * TWO_32 + lo;
}

const TABLE: { readonly [opcode: number]: OperationSpec } = {
  [op.FUSE_LOOKUP]: {
    name: 'LOOKUP',
    method: 'lookup',
    names: [ENTRY],
    output: abi.EntryOut.SIZE,
    serve: (fs, s) => fs.lookup!(s.context, s.nodeid, s.name, s.output.entry),
  },
  [op.FUSE_FORGET]: {
    name: 'FORGET',
    input: abi.ForgetIn.SIZE,
    silent: true,
    serve: (fs, s) => {
      if (fs.forget === undefined) return NO_REPLY;
      fs.forget(s.nodeid, clip(s.input.forget.nlookup_lo, s.input.forget.nlookup_hi));
      return NO_REPLY;
    },
  },
  [op.FUSE_GETATTR]: {
    name: 'GETATTR',
    method: 'getattr',
    input: abi.GetattrIn.SIZE,
    output: abi.AttrOut.SIZE,
    serve: (fs, s) => fs.getattr!(s.context, s.nodeid, s.input.getattr, s.output.attr),
  },
  [op.FUSE_SETATTR]: {
    name: 'SETATTR',
    method: 'setattr',
    input: abi.SetattrIn.SIZE,
    output: abi.AttrOut.SIZE,
    serve: (fs, s) => fs.setattr!(s.context, s.nodeid, s.input.setattr, s.output.attr),
  },
  [op.FUSE_READLINK]: {
    name: 'READLINK',
    method: 'readlink',
    serve: (fs, s) => fs.readlink!(s.context, s.nodeid, s.offerBytes(Math.min(s.room, 4096))),
    finish: (s) => (s.bytes.length <= s.bytes.capacity ? s.bytes.length : -ENAMETOOLONG),
  },
  [op.FUSE_SYMLINK]: {
    name: 'SYMLINK',
    method: 'symlink',
    names: [ENTRY, TARGET],
    output: abi.EntryOut.SIZE,
    extended: true,
    serve: (fs, s) => fs.symlink!(s.context, s.nodeid, s.name, s.name2, s.output.entry),
  },
  [op.FUSE_MKNOD]: {
    name: 'MKNOD',
    method: 'mknod',
    input: abi.MknodIn.SIZE,
    names: [ENTRY],
    output: abi.EntryOut.SIZE,
    extended: true,
    serve: (fs, s) => fs.mknod!(s.context, s.nodeid, s.name, s.input.mknod, s.output.entry),
  },
  [op.FUSE_MKDIR]: {
    name: 'MKDIR',
    method: 'mkdir',
    input: abi.MkdirIn.SIZE,
    names: [ENTRY],
    output: abi.EntryOut.SIZE,
    extended: true,
    serve: (fs, s) => fs.mkdir!(s.context, s.nodeid, s.name, s.input.mkdir, s.output.entry),
  },
  [op.FUSE_UNLINK]: {
    name: 'UNLINK',
    method: 'unlink',
    names: [ENTRY],
    serve: (fs, s) => fs.unlink!(s.context, s.nodeid, s.name),
  },
  [op.FUSE_RMDIR]: {
    name: 'RMDIR',
    method: 'rmdir',
    names: [ENTRY],
    serve: (fs, s) => fs.rmdir!(s.context, s.nodeid, s.name),
  },
  [op.FUSE_RENAME]: {
    name: 'RENAME',
    method: 'rename',
    input: abi.RenameIn.SIZE,
    names: [ENTRY, ENTRY],
    serve: (fs, s) => {
      const error = node2(s, s.input.rename.newdir_lo, s.input.rename.newdir_hi);
      return error < 0 ? error : fs.rename!(s.context, s.nodeid, s.name, s.nodeid2, s.name2, 0);
    },
  },
  [op.FUSE_LINK]: {
    name: 'LINK',
    method: 'link',
    input: abi.LinkIn.SIZE,
    names: [ENTRY],
    output: abi.EntryOut.SIZE,
    serve: (fs, s) => {
      const error = node2(s, s.input.link.oldnodeid_lo, s.input.link.oldnodeid_hi);
      return error < 0 ? error : fs.link!(s.context, s.nodeid2, s.nodeid, s.name, s.output.entry);
    },
  },
  [op.FUSE_OPEN]: {
    name: 'OPEN',
    method: 'open',
    input: abi.OpenIn.SIZE,
    output: abi.OpenOut.SIZE,
    serve: (fs, s) => fs.open!(s.context, s.nodeid, s.input.open, s.output.open),
  },
  [op.FUSE_READ]: {
    name: 'READ',
    method: 'read',
    input: abi.ReadIn.SIZE,
    inPlace: true,
    serve: (fs, s) => {
      const { size } = s.input.read;
      s.data.set(s.exchange.writable, abi.OutHeader.SIZE, Math.min(size, s.room));
      return fs.read!(s.context, s.nodeid, s.input.read, s.data);
    },
    finish: withData,
  },
  [op.FUSE_WRITE]: {
    name: 'WRITE',
    method: 'write',
    input: abi.WriteIn.SIZE,
    output: abi.WriteOut.SIZE,
    bulk: true,
    serve: (fs, s) => {
      const error = s.takeData(abi.WriteIn.SIZE, s.input.write.size);
      return error < 0 ? error : fs.write!(s.context, s.nodeid, s.input.write, s.data);
    },
    finish: written,
  },
  [op.FUSE_STATFS]: {
    name: 'STATFS',
    method: 'statfs',
    output: abi.Kstatfs.SIZE,
    serve: (fs, s) => fs.statfs!(s.context, s.nodeid, s.output.kstatfs),
  },
  [op.FUSE_RELEASE]: {
    name: 'RELEASE',
    method: 'release',
    input: abi.ReleaseIn.SIZE,
    serve: (fs, s) => fs.release!(s.context, s.nodeid, s.input.release),
  },
  [op.FUSE_FSYNC]: {
    name: 'FSYNC',
    method: 'fsync',
    input: abi.FsyncIn.SIZE,
    serve: (fs, s) => fs.fsync!(s.context, s.nodeid, s.input.fsync),
  },
  [op.FUSE_SETXATTR]: {
    name: 'SETXATTR',
    method: 'setxattr',
    input: FUSE_COMPAT_SETXATTR_IN_SIZE,
    serve: setxattr,
  },
  [op.FUSE_GETXATTR]: {
    name: 'GETXATTR',
    method: 'getxattr',
    input: abi.GetxattrIn.SIZE,
    names: [XATTR],
    serve: (fs, s) => {
      const error = offerAttribute(s);
      return error < 0 ? error : fs.getxattr!(s.context, s.nodeid, s.name, s.bytes);
    },
    finish: attribute,
  },
  [op.FUSE_LISTXATTR]: {
    name: 'LISTXATTR',
    method: 'listxattr',
    input: abi.GetxattrIn.SIZE,
    serve: (fs, s) => {
      const error = offerAttribute(s);
      return error < 0 ? error : fs.listxattr!(s.context, s.nodeid, s.bytes);
    },
    finish: attribute,
  },
  [op.FUSE_REMOVEXATTR]: {
    name: 'REMOVEXATTR',
    method: 'removexattr',
    names: [XATTR],
    serve: (fs, s) => fs.removexattr!(s.context, s.nodeid, s.name),
  },
  [op.FUSE_FLUSH]: {
    name: 'FLUSH',
    method: 'flush',
    input: abi.FlushIn.SIZE,
    serve: (fs, s) => fs.flush!(s.context, s.nodeid, s.input.flush),
  },
  [op.FUSE_INIT]: {
    name: 'INIT',
    input: 16,
    output: 8,
    anyNode: true,
    serve: (_, s, session) => session.init(s),
    finish: (s) => s.payload,
  },
  [op.FUSE_OPENDIR]: {
    name: 'OPENDIR',
    method: 'opendir',
    input: abi.OpenIn.SIZE,
    output: abi.OpenOut.SIZE,
    serve: (fs, s) => fs.opendir!(s.context, s.nodeid, s.input.open, s.output.open),
  },
  [op.FUSE_READDIR]: {
    name: 'READDIR',
    method: 'readdir',
    input: abi.ReadIn.SIZE,
    serve: (fs, s) => {
      const limit = listLimit(s);
      s.needPayload(limit);
      s.dirents.reset(s.replyData, s.reply, abi.OutHeader.SIZE, limit);
      return fs.readdir!(s.context, s.nodeid, s.input.read, s.dirents);
    },
    finish: (s) => s.dirents.byteLength,
  },
  [op.FUSE_RELEASEDIR]: {
    name: 'RELEASEDIR',
    method: 'releasedir',
    input: abi.ReleaseIn.SIZE,
    serve: (fs, s) => fs.releasedir!(s.context, s.nodeid, s.input.release),
  },
  [op.FUSE_FSYNCDIR]: {
    name: 'FSYNCDIR',
    method: 'fsyncdir',
    input: abi.FsyncIn.SIZE,
    serve: (fs, s) => fs.fsyncdir!(s.context, s.nodeid, s.input.fsync),
  },
  [op.FUSE_GETLK]: {
    name: 'GETLK',
    method: 'getlk',
    input: abi.LkIn.SIZE,
    output: abi.LkOut.SIZE,
    serve: (fs, s) => fs.getlk!(s.context, s.nodeid, s.input.lk, s.output.lk),
  },
  [op.FUSE_SETLK]: {
    name: 'SETLK',
    method: 'setlk',
    input: abi.LkIn.SIZE,
    serve: (fs, s) => fs.setlk!(s.context, s.nodeid, s.input.lk, false),
  },
  [op.FUSE_SETLKW]: {
    name: 'SETLKW',
    method: 'setlk',
    input: abi.LkIn.SIZE,
    serve: (fs, s) => fs.setlk!(s.context, s.nodeid, s.input.lk, true),
  },
  [op.FUSE_ACCESS]: {
    name: 'ACCESS',
    method: 'access',
    input: abi.AccessIn.SIZE,
    serve: (fs, s) => fs.access!(s.context, s.nodeid, s.input.access),
  },
  [op.FUSE_CREATE]: {
    name: 'CREATE',
    method: 'create',
    input: abi.CreateIn.SIZE,
    names: [ENTRY],
    output: entryAndOpen,
    extended: true,
    serve: (fs, s) =>
      fs.create!(s.context, s.nodeid, s.name, s.input.create, s.output.entry, s.openAfterEntry),
  },
  [op.FUSE_INTERRUPT]: {
    name: 'INTERRUPT',
    input: abi.InterruptIn.SIZE,
    silent: true,
    anyNode: true,
    serve: (_, s, session) => {
      session.interrupt(s.input.interrupt.unique_lo, s.input.interrupt.unique_hi);
      return NO_REPLY;
    },
  },
  [op.FUSE_BMAP]: {
    name: 'BMAP',
    method: 'bmap',
    input: abi.BmapIn.SIZE,
    output: abi.BmapOut.SIZE,
    serve: (fs, s) => fs.bmap!(s.context, s.nodeid, s.input.bmap, s.output.bmap),
  },
  [op.FUSE_DESTROY]: {
    name: 'DESTROY',
    anyNode: true,
    serve: (_fs, _slot, session) => {
      session.reset();
      return 0;
    },
  },
  [op.FUSE_IOCTL]: {
    name: 'IOCTL',
    method: 'ioctl',
    input: abi.IoctlIn.SIZE,
    output: abi.IoctlOut.SIZE,
    serve: (fs, s) => {
      const input = s.input.ioctl;
      const start = abi.InHeader.SIZE + abi.IoctlIn.SIZE;
      if (input.in_size > s.length - start) return -EINVAL;
      s.value.set(s.request, start, input.in_size);
      const capacity = Math.min(input.out_size, s.room - abi.IoctlOut.SIZE, MAX_VARIABLE_SIZE);
      const output = s.offerBytes(capacity, abi.IoctlOut.SIZE);
      return fs.ioctl!(s.context, s.nodeid, input, s.value, s.output.ioctl, output);
    },
    finish: (s) => (s.bytes.length <= s.bytes.capacity ? abi.IoctlOut.SIZE + s.bytes.length : -EIO),
  },
  [op.FUSE_POLL]: {
    name: 'POLL',
    method: 'poll',
    input: abi.PollIn.SIZE,
    output: abi.PollOut.SIZE,
    serve: (fs, s) => fs.poll!(s.context, s.nodeid, s.input.poll, s.output.poll),
  },
  [op.FUSE_NOTIFY_REPLY]: {
    name: 'NOTIFY_REPLY',
    method: 'notify_reply',
    input: abi.NotifyRetrieveIn.SIZE,
    bulk: true,
    silent: true,
    serve: (fs, s) => {
      const error = s.takeData(abi.NotifyRetrieveIn.SIZE, s.input.notifyRetrieve.size);
      return error < 0 ? error : fs.notify_reply!(s.context, s.nodeid, s.input.notifyRetrieve, s.data);
    },
  },
  [op.FUSE_BATCH_FORGET]: {
    name: 'BATCH_FORGET',
    input: abi.BatchForgetIn.SIZE,
    bulk: true,
    silent: true,
    anyNode: true,
    serve: batchForget,
  },
  [op.FUSE_FALLOCATE]: {
    name: 'FALLOCATE',
    method: 'fallocate',
    input: abi.FallocateIn.SIZE,
    serve: (fs, s) => fs.fallocate!(s.context, s.nodeid, s.input.fallocate),
  },
  [op.FUSE_READDIRPLUS]: {
    name: 'READDIRPLUS',
    method: 'readdirplus',
    input: abi.ReadIn.SIZE,
    serve: (fs, s) => {
      const limit = listLimit(s);
      // One record more than the limit: the place of the entry that is being prepared.
      s.needPayload(limit + direntplusSize(0));
      s.direntsPlus.reset(s.replyData, s.reply, abi.OutHeader.SIZE, limit);
      return fs.readdirplus!(s.context, s.nodeid, s.input.read, s.direntsPlus);
    },
    finish: (s) => s.direntsPlus.byteLength,
  },
  [op.FUSE_RENAME2]: {
    name: 'RENAME2',
    method: 'rename',
    input: abi.Rename2In.SIZE,
    names: [ENTRY, ENTRY],
    serve: (fs, s) => {
      const input = s.input.rename2;
      const error = node2(s, input.newdir_lo, input.newdir_hi);
      return error < 0 ? error : fs.rename!(s.context, s.nodeid, s.name, s.nodeid2, s.name2, input.flags);
    },
  },
  [op.FUSE_LSEEK]: {
    name: 'LSEEK',
    method: 'lseek',
    input: abi.LseekIn.SIZE,
    output: abi.LseekOut.SIZE,
    serve: (fs, s) => fs.lseek!(s.context, s.nodeid, s.input.lseek, s.output.lseek),
  },
  [op.FUSE_COPY_FILE_RANGE]: {
    name: 'COPY_FILE_RANGE',
    method: 'copy_file_range',
    input: abi.CopyFileRangeIn.SIZE,
    output: abi.WriteOut.SIZE,
    serve: (fs, s) => copyRange(fs, s, 0xffff_f000),
    finish: (s, result) => {
      if (result > 0xffff_ffff) return -EIO;
      s.output.write.size = result;
      return abi.WriteOut.SIZE;
    },
  },
  [op.FUSE_SETUPMAPPING]: {
    name: 'SETUPMAPPING',
    method: 'setupmapping',
    input: abi.SetupmappingIn.SIZE,
    serve: (fs, s) => fs.setupmapping!(s.context, s.nodeid, s.input.setupmapping),
  },
  [op.FUSE_REMOVEMAPPING]: {
    name: 'REMOVEMAPPING',
    method: 'removemapping',
    input: abi.RemovemappingIn.SIZE,
    serve: removeMappings,
  },
  [op.FUSE_SYNCFS]: {
    name: 'SYNCFS',
    method: 'syncfs',
    input: abi.SyncfsIn.SIZE,
    serve: (fs, s) => fs.syncfs!(s.context, s.nodeid),
  },
  [op.FUSE_TMPFILE]: {
    name: 'TMPFILE',
    method: 'tmpfile',
    input: abi.CreateIn.SIZE,
    // The kernel sends the placeholder name of the unnamed dentry, "/": it says nothing.
    names: [ANYTHING],
    output: entryAndOpen,
    extended: true,
    serve: (fs, s) => fs.tmpfile!(s.context, s.nodeid, s.input.create, s.output.entry, s.openAfterEntry),
  },
  [op.FUSE_STATX]: {
    name: 'STATX',
    method: 'statx',
    input: abi.StatxIn.SIZE,
    output: abi.StatxOut.SIZE,
    serve: (fs, s) => fs.statx!(s.context, s.nodeid, s.input.statx, s.output.statx),
  },
  [op.FUSE_COPY_FILE_RANGE_64]: {
    name: 'COPY_FILE_RANGE_64',
    method: 'copy_file_range',
    input: abi.CopyFileRangeIn.SIZE,
    output: abi.CopyFileRangeOut.SIZE,
    serve: (fs, s) => copyRange(fs, s, Number.MAX_SAFE_INTEGER),
    finish: (s, result) => {
      s.output.copyFileRange.bytes_copied = result;
      return abi.CopyFileRangeOut.SIZE;
    },
  },
};

/** By opcode; undefined where FUSE has no operation. */
export const operations: readonly (Operation | undefined)[] = Array.from({ length: 64 }, (_, opcode) => {
  const spec = TABLE[opcode];
  return spec && new Operation(opcode, spec);
});

/** The name of an opcode as in FUSE_<name>, or its number where there is none. */
export function opcodeName(opcode: number): string {
  return operations[opcode]?.name ?? String(opcode);
}
