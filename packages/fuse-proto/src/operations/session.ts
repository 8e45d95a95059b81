/** Operations that concern the session itself. */
import * as op from '../abi/opcodes.js';
import * as abi from '../abi/views.js';
import { NO_REPLY, type OperationTable } from './operation.js';

export const SESSION: OperationTable = {
  [op.FUSE_INIT]: {
    name: 'INIT',
    input: 16,
    output: 8,
    anyNode: true,
    serve: (_, s, session) => session.init(s),
    finish: (s) => s.payload,
  },
  [op.FUSE_DESTROY]: {
    name: 'DESTROY',
    anyNode: true,
    serve: (_fs, _slot, session) => {
      session.reset();
      return 0;
    },
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
};
