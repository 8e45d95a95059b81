/** Operations on open files and their contents. */
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import { EIO, ESTALE } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import type { Slot } from '../slot.js';
import { MAX_HI } from './halves.js';
import { ANYTHING, ENTRY, type OperationTable } from './operation.js';

const entryAndOpen = abi.EntryOut.SIZE + abi.OpenOut.SIZE;

const withData = (slot: Slot, length: number) => (length <= slot.data.length ? length : -EIO);

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

export const FILES: OperationTable = {
  [op.FUSE_OPEN]: {
    name: 'OPEN',
    method: 'open',
    input: abi.OpenIn.SIZE,
    output: abi.OpenOut.SIZE,
    serve: (fs, s) => fs.open!(s.context, s.nodeid, s.input.open, s.output.open),
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
  [op.FUSE_FLUSH]: {
    name: 'FLUSH',
    method: 'flush',
    input: abi.FlushIn.SIZE,
    serve: (fs, s) => fs.flush!(s.context, s.nodeid, s.input.flush),
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
  [op.FUSE_LSEEK]: {
    name: 'LSEEK',
    method: 'lseek',
    input: abi.LseekIn.SIZE,
    output: abi.LseekOut.SIZE,
    serve: (fs, s) => fs.lseek!(s.context, s.nodeid, s.input.lseek, s.output.lseek),
  },
  [op.FUSE_FALLOCATE]: {
    name: 'FALLOCATE',
    method: 'fallocate',
    input: abi.FallocateIn.SIZE,
    serve: (fs, s) => fs.fallocate!(s.context, s.nodeid, s.input.fallocate),
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
