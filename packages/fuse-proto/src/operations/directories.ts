/** Operations on open directories. */
import { direntplusSize } from '../abi/dirent.js';
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import type { Slot } from '../slot.js';
import { MAX_VARIABLE_SIZE, type OperationTable } from './operation.js';

/** How much of a listing the reader wants and has room for. */
const listLimit = (slot: Slot) => Math.min(slot.input.read.size, slot.room, MAX_VARIABLE_SIZE);

export const DIRECTORIES: OperationTable = {
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
};
