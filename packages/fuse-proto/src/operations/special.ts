/** Operations that go beyond reading and writing: locks, device control, events, mappings. */
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import { EINVAL, EIO } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import type { Slot } from '../slot.js';
import { MAX_VARIABLE_SIZE, type OperationTable } from './operation.js';

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

export const SPECIAL: OperationTable = {
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
  [op.FUSE_BMAP]: {
    name: 'BMAP',
    method: 'bmap',
    input: abi.BmapIn.SIZE,
    output: abi.BmapOut.SIZE,
    serve: (fs, s) => fs.bmap!(s.context, s.nodeid, s.input.bmap, s.output.bmap),
  },
  [op.FUSE_IOCTL]: {
    name: 'IOCTL',
    method: 'ioctl',
    input: abi.IoctlIn.SIZE,
    more: true,
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
    more: true,
    serve: removeMappings,
  },
};
