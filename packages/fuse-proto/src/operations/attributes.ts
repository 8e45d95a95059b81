/** Operations on attributes: of nodes, of the file system, and extended ones. */
import { FUSE_COMPAT_SETXATTR_IN_SIZE } from '../abi/constants.js';
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import { EINVAL, ENOMEM, ERANGE } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import { XATTR_NAME_MAX } from '../name.js';
import type { Slot } from '../slot.js';
import { MAX_VARIABLE_SIZE, type OperationTable, type SessionControl, XATTR } from './operation.js';

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

/** Sends a name's or list's bytes, or only their number if the request asked for that (size 0). */
function attribute(slot: Slot): number {
  const { bytes } = slot;
  if (bytes.capacity > 0) return bytes.length <= bytes.capacity ? bytes.length : -ERANGE;
  slot.output.getxattr.size = bytes.length;
  return abi.GetxattrOut.SIZE;
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

export const ATTRIBUTES: OperationTable = {
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
  [op.FUSE_STATFS]: {
    name: 'STATFS',
    method: 'statfs',
    output: abi.Kstatfs.SIZE,
    serve: (fs, s) => fs.statfs!(s.context, s.nodeid, s.output.kstatfs),
  },
  [op.FUSE_STATX]: {
    name: 'STATX',
    method: 'statx',
    input: abi.StatxIn.SIZE,
    output: abi.StatxOut.SIZE,
    serve: (fs, s) => fs.statx!(s.context, s.nodeid, s.input.statx, s.output.statx),
  },
  [op.FUSE_SYNCFS]: {
    name: 'SYNCFS',
    method: 'syncfs',
    input: abi.SyncfsIn.SIZE,
    serve: (fs, s) => fs.syncfs!(s.context, s.nodeid),
  },
  [op.FUSE_ACCESS]: {
    name: 'ACCESS',
    method: 'access',
    input: abi.AccessIn.SIZE,
    serve: (fs, s) => fs.access!(s.context, s.nodeid, s.input.access),
  },
  [op.FUSE_SETXATTR]: {
    name: 'SETXATTR',
    method: 'setxattr',
    input: FUSE_COMPAT_SETXATTR_IN_SIZE,
    more: true,
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
};
