/** Operations on names, and on the lookups that they give rise to. */
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import { ENAMETOOLONG } from '../errno.js';
import type { FileSystem } from '../file-system.js';
import type { Slot } from '../slot.js';
import { clip, MAX_HI, node2 } from './halves.js';
import { ENTRY, NO_REPLY, type OperationTable, type SessionControl, TARGET } from './operation.js';

/** Works through the nodes in pieces, so that a long list needs no buffer of its size. */
function batchForget(fs: FileSystem, slot: Slot, session: SessionControl): number {
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
    for (let i = 0; i < some; i++) forgetAt(session, slot.requestData, abi.InHeader.SIZE + i * one);
  }
  return NO_REPLY;
}

function forgetAt(session: SessionControl, data: DataView, at: number): void {
  const nodeHi = data.getUint32(at + 4, true);
  if (nodeHi > MAX_HI) return;
  const nlookup = clip(data.getUint32(at + 8, true), data.getUint32(at + 12, true));
  session.forget('BATCH_FORGET', clip(data.getUint32(at, true), nodeHi), nlookup);
}

export const NAMES: OperationTable = {
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
    serve: (_, s, session) => {
      session.forget('FORGET', s.nodeid, clip(s.input.forget.nlookup_lo, s.input.forget.nlookup_hi));
      return NO_REPLY;
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
};
