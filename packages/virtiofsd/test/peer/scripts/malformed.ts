import { encode, encodeRequest, InitIn, MkdirIn, ReadIn, RenameIn, WriteIn } from '@vfs/fuse-proto';
import type { Script } from '../script.js';
import { named, u32 } from './extensions.js';
import { makeTree } from './tree.js';

/** What no kernel sends. Each asks a daemon that has done nothing wrong so far. */
const malformed: Script = {
  name: 'malformed',
  prepare: makeTree,
  async run(guest) {
    const ask = (label: string, request: Uint8Array, room = 4096) => guest.raw(label, request, room);
    const of = (opcode: number, ...body: Uint8Array[]) =>
      encodeRequest(opcode, { nodeid: 1, unique: 2 }, ...body);
    const claiming = (len: number, opcode: number, ...body: Uint8Array[]) =>
      encodeRequest(opcode, { nodeid: 1, unique: 2, len }, ...body);
    await guest.step('GETATTR of the root', (f) => f.getattr(1));
    await ask('a request of 39 bytes', of(3, new Uint8Array(16)).subarray(0, 39));
    await ask('a request of 4 bytes', of(3).subarray(0, 4));
    await ask('GETATTR without its argument', of(3));
    await ask('GETATTR with half of its argument', of(3, new Uint8Array(8)));
    await ask('READ without its argument', of(15));
    await ask('a length below 40', claiming(39, 3, new Uint8Array(16)));
    await ask('a length of 0', claiming(0, 3, new Uint8Array(16)));
    await ask('a length beyond the chain', claiming(1000, 3, new Uint8Array(16)));
    await ask('a length beyond 1 MiB', claiming((1 << 20) + 4097, 3, new Uint8Array(16)));
    await ask('a length beyond 1 MiB of a WRITE', claiming((1 << 20) + 4097, 16, encode(WriteIn, {})));
    await ask('more bytes than the length says', claiming(56, 3, new Uint8Array(32)));
    await ask('LOOKUP without a name', of(1));
    await ask('LOOKUP of a name without NUL', of(1, Buffer.from('file')));
    await ask('LOOKUP of a name with a NUL within', of(1, Buffer.from('fi\0le\0')));
    await ask('MKDIR without a name', of(9, encode(MkdirIn, { mode: 0o755 })));
    await ask('MKDIR of a name without NUL', of(9, encode(MkdirIn, { mode: 0o755 }), Buffer.from('d')));
    await ask('RENAME with one name', of(12, encode(RenameIn, { newdir: 1 }), named('file')));
    await ask(
      'RENAME with a second name without NUL',
      of(12, encode(RenameIn, { newdir: 1 }), named('file'), Buffer.from('x')),
    );
    await ask('SYMLINK with one name', of(6, named('file')));
    await ask(
      'SETXATTR of fewer bytes than it says',
      of(21, u32(100, 0), named('user.x'), Buffer.from('value')),
    );
    await ask(
      'SETXATTR of more bytes than it says',
      of(21, u32(2, 0), named('user.x'), Buffer.from('value')),
    );
    await ask('SETXATTR without a name', of(21, u32(0, 0)));
    await ask(
      'WRITE of fewer bytes than it says',
      of(16, encode(WriteIn, { size: 100 }), Buffer.from('value')),
    );
    await ask('GETATTR without room for the reply', of(3, new Uint8Array(16)), 0);
    await ask('GETATTR with room for half a header', of(3, new Uint8Array(16)), 8);
    await ask('GETATTR with room for the header', of(3, new Uint8Array(16)), 16);
    await ask('GETATTR with room for half the reply', of(3, new Uint8Array(16)), 60);
    await ask('an error with room for half a header', of(1, named('nothing')), 8);
    await ask('INIT without its argument', of(26));
    await ask('INIT with half of its argument', of(26, u32(7, 38)));
    await ask('INIT with room for half the reply', of(26, encode(InitIn, { major: 7, minor: 38 })), 40);
    await ask('BATCH_FORGET of more than there are', of(42, u32(10, 0), new Uint8Array(16)), 0);
    await ask('BATCH_FORGET of 2^20', of(42, u32(1 << 20, 0), new Uint8Array(16)), 4096);
    await ask('FORGET without its argument', of(2), 0);
    await ask(
      'MKDIR with groups of the wrong length',
      of(9, encode(MkdirIn, { mode: 0o755 }), named('x1'), u32(16, 32, 5, 0)),
    );
    await ask(
      'MKDIR with groups beyond the end',
      of(9, encode(MkdirIn, { mode: 0o755 }), named('x2'), u32(64, 32, 2, 0)),
    );
    await ask(
      'MKDIR with an unknown extension',
      of(9, encode(MkdirIn, { mode: 0o755 }), named('x3'), u32(16, 40, 0, 0)),
    );
    await ask(
      'MKDIR with an extension of 4 bytes',
      of(9, encode(MkdirIn, { mode: 0o755 }), named('x4'), u32(4, 32)),
    );
    await ask(
      'MKDIR with groups twice',
      of(9, encode(MkdirIn, { mode: 0o755 }), named('x5'), u32(16, 32, 1, 0, 16, 32, 1, 0)),
    );
    await guest.step('an unknown handle after all that', (f) => f.read(1, { fh: 4711, size: 1 }));
    const { nodeid } = await guest.need('file', (f) => f.lookup(1, 'file'));
    const { fh } = await guest.need('OPEN', (f) => f.open(nodeid, { flags: 2 }));
    await guest.step('READ into more room than it asks for', (f) =>
      f.request(15, nodeid, [encode(ReadIn, { fh, size: 4096 })], 16 + 8192),
    );
    await guest.step('READ into less room than it asks for', (f) =>
      f.request(15, nodeid, [encode(ReadIn, { fh, size: 4096 })], 16 + 100),
    );
    await guest.step('READ at 2^63', (f) => f.read(nodeid, { fh, offset: 2n ** 63n, size: 10 }));
  },
};

const farWrite: Script = {
  name: 'malformed WRITE',
  prepare: makeTree,
  async run(guest) {
    const { nodeid } = await guest.need('file', (f) => f.lookup(1, 'file'));
    const { fh } = await guest.need('OPEN', (f) => f.open(nodeid, { flags: 2 }));
    await guest.step('WRITE at 2^63', (f) => f.write(nodeid, Uint8Array.of(1), { fh, offset: 2n ** 63n }));
  },
};

export const malformedScripts: readonly Script[] = [malformed, farWrite];
