import { describe, expect, test, vi } from 'vitest';
import * as fuse from '../src/index.js';
import { call, concat, INIT_VALUES, init, request, started, TestLog, text, z } from './support.js';

const { encode, decode, decodeReply, BufferExchange, Session } = fuse;

/** As the peer sees it: what came back, or null when nothing did. */
function send(session: fuse.Session, bytes: Uint8Array, room = 4096) {
  const exchange = new BufferExchange(bytes, room);
  session.dispatch(exchange);
  expect(exchange.done).toBe(true);
  return exchange.reply.length === 0 ? null : decodeReply(exchange.reply);
}

describe('INIT', () => {
  test('agrees on the flags that both sides have', () => {
    const session = new Session({}, { flags: fuse.FUSE_ASYNC_READ | fuse.FUSE_WRITEBACK_CACHE });
    const { error, payload } = init(session, { flags: Number(fuse.FUSE_ASYNC_READ | fuse.FUSE_SPLICE_READ) });
    expect(error).toBe(0);
    expect(payload.length).toBe(64);
    expect(decode(fuse.InitOut, payload).toObject()).toEqual({
      major: 7,
      minor: 38,
      max_readahead: 131072,
      flags: Number(fuse.FUSE_ASYNC_READ),
      max_background: 65535,
      congestion_threshold: 49149,
      max_write: 1 << 20,
      time_gran: 1,
      max_pages: 0,
      map_alignment: 0,
      flags2: 0,
      max_stack_depth: 0,
      request_timeout: 0,
      unused: Array(11).fill(0),
    });
    expect(session.connection?.has(fuse.FUSE_ASYNC_READ)).toBe(true);
  });

  test('reads and writes the upper half of the flags only with INIT_EXT', () => {
    const wanted = fuse.FUSE_INIT_EXT | fuse.FUSE_SECURITY_CTX;
    const extended = init(new Session({}, { flags: wanted }), { flags: 1 << 30, flags2: 3 });
    expect(decode(fuse.InitOut, extended.payload).flags2).toBe(1);
    expect(decode(fuse.InitOut, extended.payload).flags).toBe(1 << 30);
    const plain = init(new Session({}, { flags: wanted }), { flags: 0, flags2: 3 });
    expect(decode(fuse.InitOut, plain.payload).flags2).toBe(0);
  });

  test('takes the first 16 bytes for enough without INIT_EXT', () => {
    const bytes = encode(fuse.InitIn, { ...INIT_VALUES, minor: 35 }).subarray(0, 16);
    expect(call(new Session({}), request(fuse.FUSE_INIT, {}, bytes)).error).toBe(0);
    const short = encode(fuse.InitIn, { ...INIT_VALUES, flags: 1 << 30 }).subarray(0, 16);
    expect(call(new Session({}), request(fuse.FUSE_INIT, {}, short)).error).toBe(-fuse.EINVAL);
  });

  test.each([
    [6, 50, -fuse.EPROTO],
    [7, 26, -fuse.EPROTO],
    [7, 27, 0],
    [7, 99, 0],
  ])('answers version %i.%i with %i', (major, minor, error) => {
    const session = new Session({});
    const reply = init(session, { major, minor });
    expect(reply.error).toBe(error);
    expect(session.connection?.minor).toBe(error === 0 ? minor : undefined);
    if (error === 0) expect(decode(fuse.InitOut, reply.payload).minor).toBe(38);
  });

  test('offers its own version to a newer major one, and starts nothing', () => {
    const fs = { init: vi.fn(() => 0) };
    const session = new Session(fs);
    const { error, payload } = init(session, { major: 8, minor: 0 });
    const { major, minor, ...rest } = decode(fuse.InitOut, payload).toObject();
    expect([error, major, minor]).toEqual([0, 7, 38]);
    expect(
      Object.values(rest)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    expect(session.connection).toBeUndefined();
    expect(fs.init).not.toHaveBeenCalled();
  });

  test('gives an old kernel the short reply', () => {
    const session = new Session({}, { minimumMinor: 12 });
    expect(init(session, { minor: 22 }).payload.length).toBe(24);
    expect(init(session, { minor: 11 }).error).toBe(-fuse.EPROTO);
  });

  test('lets the file system choose and refuse', () => {
    const choose = new Session({
      init(connection) {
        expect(connection.offered).toBe(fuse.FUSE_POSIX_ACL | fuse.FUSE_MAX_PAGES);
        connection.flags |= fuse.FUSE_POSIX_ACL | fuse.FUSE_WRITEBACK_CACHE;
        connection.max_write = 65536;
        connection.max_readahead = 1 << 30;
      },
    });
    const out = decode(
      fuse.InitOut,
      init(choose, { flags: Number(fuse.FUSE_POSIX_ACL | fuse.FUSE_MAX_PAGES) }).payload,
    );
    expect(BigInt(out.flags)).toBe(fuse.FUSE_POSIX_ACL | fuse.FUSE_MAX_PAGES);
    expect([out.max_write, out.max_pages, out.max_readahead]).toEqual([65536, 16, 131072]);

    const destroy = vi.fn();
    const refuse = new Session({ init: () => -fuse.EPROTO, destroy });
    expect(init(refuse).error).toBe(-fuse.EPROTO);
    expect(refuse.connection).toBeUndefined();
    refuse.reset();
    expect(destroy).not.toHaveBeenCalled();
  });

  test('may be answered later, or fail', async () => {
    const session = new Session({ init: async () => 0 });
    const exchange = new BufferExchange(request(fuse.FUSE_INIT, {}, encode(fuse.InitIn, INIT_VALUES)));
    session.dispatch(exchange);
    expect(call(session, request(fuse.FUSE_STATFS, {})).error).toBe(-fuse.EBADF);
    expect(decodeReply(await exchange.replied).payload.length).toBe(64);
    expect(call(session, request(fuse.FUSE_STATFS, {})).error).toBe(-fuse.ENOSYS);

    const failing = new Session({
      init: () => {
        throw new fuse.ErrnoError(fuse.EACCES);
      },
    });
    expect(init(failing).error).toBe(-fuse.EACCES);
  });

  test('that fails later has started nothing that could be destroyed', async () => {
    const destroy = vi.fn();
    const session = new Session({ init: () => Promise.reject(new fuse.ErrnoError(fuse.EACCES)), destroy });
    const exchange = new BufferExchange(request(fuse.FUSE_INIT, {}, encode(fuse.InitIn, INIT_VALUES)));
    session.dispatch(exchange);
    expect(decodeReply(await exchange.replied).error).toBe(-fuse.EACCES);
    session.reset();
    expect(destroy).not.toHaveBeenCalled();
  });

  test('comes a second time: the first session is destroyed', () => {
    const fs = { init: vi.fn(() => 0), destroy: vi.fn() };
    const { session } = started(fs);
    init(session);
    expect(fs.init).toHaveBeenCalledTimes(2);
    expect(fs.destroy).toHaveBeenCalledTimes(1);
    expect(fs.destroy.mock.invocationCallOrder[0]).toBeLessThan(fs.init.mock.invocationCallOrder[1]!);
  });
});

describe('header checks', () => {
  const fs = { statfs: () => 0, getattr: () => 0, forget: () => {} };

  test('before INIT everything is EBADF', () => {
    expect(call(new Session(fs), request(fuse.FUSE_STATFS, {})).error).toBe(-fuse.EBADF);
  });

  test.each([
    ['a length below the header', request(fuse.FUSE_STATFS, { len: 39 }), fuse.EINVAL],
    ['a length beyond the chain', request(fuse.FUSE_STATFS, { len: 41 }), fuse.EINVAL],
    ['an enormous length', request(fuse.FUSE_STATFS, { len: (1 << 20) + 4097 }), fuse.ENOMEM],
    ['missing arguments', request(fuse.FUSE_GETATTR, {}, new Uint8Array(15)), fuse.EINVAL],
    ['an unknown opcode', request(4711, {}), fuse.ENOSYS],
    ['an opcode of the other byte order', request(fuse.FUSE_INIT_BSWAP_RESERVED, {}), fuse.ENOSYS],
    ['a missing method', request(fuse.FUSE_OPEN, {}, encode(fuse.OpenIn, {})), fuse.ENOSYS],
    ['a node id above 2^53', request(fuse.FUSE_STATFS, { nodeid: 2n ** 53n }), fuse.ESTALE],
  ])('%s', (_, bytes, errno) => {
    expect(call(started(fs).session, bytes).error).toBe(-errno);
  });

  test('a request shorter than the header is answered as far as its id is known', () => {
    const { session } = started(fs);
    expect(send(session, request(fuse.FUSE_STATFS, { unique: 5 }).subarray(0, 20))).toMatchObject({
      error: -fuse.EINVAL,
      unique: 5,
    });
    expect(send(session, new Uint8Array(0))).toMatchObject({ error: -fuse.EINVAL, unique: 0 });
  });

  test('the id is given back as it came', () => {
    const unique = 0xfedc_ba98_7654_3211n;
    expect(call(started(fs).session, request(fuse.FUSE_STATFS, { unique })).unique).toBe(unique);
  });

  test('bytes of the chain beyond the length are ignored', () => {
    const seen: string[] = [];
    const { session } = started({
      lookup: (_ctx, _parent, name) => {
        seen.push(name.toString());
        return -fuse.ENOENT;
      },
    });
    const bytes = request(fuse.FUSE_LOOKUP, {}, z('short'));
    call(session, concat(bytes, z('more')));
    expect(seen).toEqual(['short']);
  });
});

describe('room for the reply', () => {
  test('nothing is executed that could not be answered', () => {
    const lookup = vi.fn(() => 0);
    const unlink = vi.fn(() => 0);
    const { session } = started({ lookup, unlink });
    const bytes = request(fuse.FUSE_LOOKUP, {}, z('name'));
    expect(send(session, bytes, 143)).toMatchObject({ error: -fuse.EINVAL });
    expect(send(session, bytes, 15)).toBeNull();
    expect(send(session, request(fuse.FUSE_UNLINK, {}, z('name')), 15)).toBeNull();
    expect(send(session, request(fuse.FUSE_UNLINK, {}, z('name')), 0)).toBeNull();
    expect(lookup).not.toHaveBeenCalled();
    expect(unlink).not.toHaveBeenCalled();
    expect(send(session, bytes, 144)).toMatchObject({ error: 0 });
  });
});

describe('names', () => {
  const names = (session: fuse.Session, opcode: number, ...parts: Uint8Array[]) =>
    call(session, request(opcode, {}, ...parts)).error;
  const ok = () => 0;
  const { session } = started({ lookup: ok, rename: ok, symlink: ok, unlink: ok });

  test.each([
    ['', fuse.EINVAL],
    ['.', fuse.EINVAL],
    ['..', fuse.EINVAL],
    ['a/b', fuse.EINVAL],
    ['/', fuse.EINVAL],
    ['x'.repeat(256), fuse.ENAMETOOLONG],
    ['x'.repeat(255), 0],
    ['...', 0],
    ['.a', 0],
    ['a b', 0],
  ])('an entry named %j: errno %i', (name, errno) => {
    expect(names(session, fuse.FUSE_UNLINK, z(name))).toBe(0 - errno);
  });

  test('without a NUL, with two, or with something behind', () => {
    expect(names(session, fuse.FUSE_LOOKUP)).toBe(-fuse.EINVAL);
    expect(names(session, fuse.FUSE_LOOKUP, new Uint8Array([65, 66]))).toBe(-fuse.EINVAL);
    expect(names(session, fuse.FUSE_LOOKUP, z('a'), z('b'))).toBe(-fuse.EINVAL);
    expect(names(session, fuse.FUSE_LOOKUP, z('a'), new Uint8Array(1))).toBe(-fuse.EINVAL);
  });

  test('two of them', () => {
    const dir = encode(fuse.RenameIn, { newdir: 1 });
    expect(names(session, fuse.FUSE_RENAME, dir, z('a'), z('b'))).toBe(0);
    expect(names(session, fuse.FUSE_RENAME, dir, z('a'))).toBe(-fuse.EINVAL);
    expect(names(session, fuse.FUSE_RENAME, dir, z('a'), z('..'))).toBe(-fuse.EINVAL);
    const far = encode(fuse.RenameIn, { newdir: 2n ** 60n });
    expect(names(session, fuse.FUSE_RENAME, far, z('a'), z('b'))).toBe(-fuse.ESTALE);
  });

  test('a link target may be a path of up to 4095 bytes', () => {
    expect(names(session, fuse.FUSE_SYMLINK, z('a'), z('../b/c'))).toBe(0);
    expect(names(session, fuse.FUSE_SYMLINK, z('a'), z('x'.repeat(4095)))).toBe(0);
    expect(names(session, fuse.FUSE_SYMLINK, z('a'), z('x'.repeat(4096)))).toBe(-fuse.ENAMETOOLONG);
    expect(names(session, fuse.FUSE_SYMLINK, z('a'), z(''))).toBe(-fuse.EINVAL);
  });

  test('"." and ".." may be looked up for NFS', () => {
    const exporting = started({ lookup: ok, unlink: ok }, { flags: fuse.FUSE_EXPORT_SUPPORT }).session;
    expect(names(exporting, fuse.FUSE_LOOKUP, z('..'))).toBe(0);
    expect(names(exporting, fuse.FUSE_UNLINK, z('..'))).toBe(-fuse.EINVAL);
  });
});

describe('replies', () => {
  test('GETATTR: the structure that was filled in, all else zero', () => {
    const { session } = started({
      getattr(ctx, nodeid, input, reply) {
        expect([ctx.uid, ctx.gid, ctx.pid, ctx.opcode]).toEqual([1, 2, 3, fuse.FUSE_GETATTR]);
        expect([nodeid, input.fh]).toEqual([2 ** 53 - 1, 2n ** 64n - 1n]);
        reply.attr.ino = 2n ** 63n + 1n;
        reply.attr.mtime = -1;
        reply.attr.mode = 0o100644;
        return 0;
      },
    });
    const fh = 2n ** 64n - 1n;
    const header = { nodeid: 2 ** 53 - 1, uid: 1, gid: 2, pid: 3 };
    const getattr = request(fuse.FUSE_GETATTR, header, encode(fuse.GetattrIn, { getattr_flags: 1, fh }));
    const { payload } = call(session, getattr);
    const expected = encode(fuse.AttrOut, { attr: { ino: 2n ** 63n + 1n, mtime: -1, mode: 0o100644 } });
    expect(payload).toEqual(expected);
    expect(decode(fuse.AttrOut, payload).attr.mtime).toBe(-1);
  });

  test('READ: data goes into the writable part at once, at most what was asked for', () => {
    const { session } = started({
      read(_ctx, _nodeid, input, sink) {
        expect(input.offset).toBe(2n ** 63n - 1n);
        expect([sink.position, sink.length]).toEqual([16, 8]);
        sink.copyFrom(new TextEncoder().encode('data'));
        return 4;
      },
    });
    const read = encode(fuse.ReadIn, { offset: 2n ** 63n - 1n, size: 8 });
    expect(text(call(session, request(fuse.FUSE_READ, {}, read)).payload)).toBe('data');
  });

  test('READ: clipped to the room; a count above it is the file system’s bug', () => {
    const { session, log } = started({ read: (_ctx, _nodeid, _input, sink) => sink.length + 1 });
    const read = request(fuse.FUSE_READ, {}, encode(fuse.ReadIn, { size: 100 }));
    expect(call(session, read, 50).error).toBe(-fuse.EIO);
    expect(log.lines).toEqual([]);
    const fitting = started({ read: (_ctx, _nodeid, _input, sink) => sink.length }).session;
    expect(call(fitting, read, 50).payload.length).toBe(34);
  });

  test('WRITE: the payload stays where it is', () => {
    const { session } = started({
      write(_ctx, _nodeid, input, source) {
        const bytes = new Uint8Array(source.length);
        source.copyTo(bytes);
        expect(text(bytes)).toBe('hello');
        return input.size;
      },
    });
    const header = encode(fuse.WriteIn, { size: 5 });
    const { payload } = call(session, request(fuse.FUSE_WRITE, {}, header, z('hello').subarray(0, 5)));
    expect(decode(fuse.WriteOut, payload).size).toBe(5);
    const lying = encode(fuse.WriteIn, { size: 6 });
    expect(call(session, request(fuse.FUSE_WRITE, {}, lying, z('hello').subarray(0, 5))).error).toBe(
      -fuse.EINVAL,
    );
  });

  test('CREATE: entry and open one after the other', () => {
    const { session } = started({
      create(_ctx, _parent, name, input, entry, reply) {
        expect([name.toString(), input.mode]).toEqual(['new', 0o600]);
        entry.nodeid = 5;
        reply.fh = 2n ** 63n;
        return 0;
      },
    });
    const { payload } = call(
      session,
      request(fuse.FUSE_CREATE, {}, encode(fuse.CreateIn, { mode: 0o600 }), z('new')),
    );
    expect(payload.length).toBe(144);
    expect(decode(fuse.EntryOut, payload).nodeid).toBe(5);
    expect(decode(fuse.OpenOut, payload, 128).fh).toBe(2n ** 63n);
  });

  test('LINK: the node is the one in the arguments, the parent the one in the header', () => {
    const link = vi.fn(() => 0);
    const { session } = started({ link });
    call(session, request(fuse.FUSE_LINK, { nodeid: 3 }, encode(fuse.LinkIn, { oldnodeid: 9 }), z('l')));
    expect((link.mock.calls as unknown[][])[0]!.slice(1, 3)).toEqual([9, 3]);
  });

  test('READLINK: bytes, and an error for more than fit', () => {
    const { session } = started({
      readlink(_ctx, _nodeid, reply) {
        reply.set(z('ab'));
        return 0;
      },
    });
    expect(call(session, request(fuse.FUSE_READLINK, {})).payload).toEqual(z('ab'));
    expect(call(session, request(fuse.FUSE_READLINK, {}), 18).error).toBe(-fuse.ENAMETOOLONG);
  });

  test('RENAME2 and RENAME: one method', () => {
    const rename = vi.fn(() => 0);
    const { session } = started({ rename });
    call(session, request(fuse.FUSE_RENAME, {}, encode(fuse.RenameIn, { newdir: 2 }), z('a'), z('b')));
    const rename2 = encode(fuse.Rename2In, { newdir: 2, flags: 1 });
    call(session, request(fuse.FUSE_RENAME2, {}, rename2, z('a'), z('b')));
    expect((rename.mock.calls as unknown[][]).map((args) => [args[1], args[3], args[5]])).toEqual([
      [1, 2, 0],
      [1, 2, 1],
    ]);
  });
});

describe('listings', () => {
  const names = ['.', '..', 'a', 'longer name', 'ünïcödé'];
  const { session } = started({
    readdir(_ctx, _nodeid, input, reply) {
      for (let i = Number(input.offset); i < names.length; i++) {
        if (!reply.addEntry(2n ** 63n + BigInt(i), i + 1, 4, names[i]!)) break;
      }
      return 0;
    },
    readdirplus(_ctx, _nodeid, input, reply) {
      for (let i = Number(input.offset); i < names.length; i++) {
        if (!reply.fits(new TextEncoder().encode(names[i]).length)) break;
        reply.entry.nodeid = i;
        reply.entry.attr.size = 7;
        reply.addEntry(i, i + 1, 8, names[i]!);
      }
      return 0;
    },
  });

  function list(opcode: number, size: number, room: number): string[] {
    const found: string[] = [];
    const plus = opcode === fuse.FUSE_READDIRPLUS;
    for (let offset: fuse.U64 = 0; ; ) {
      const { payload } = call(session, request(opcode, {}, encode(fuse.ReadIn, { offset, size })), room);
      expect(payload.length).toBeLessThanOrEqual(Math.min(size, room - 16));
      if (payload.length === 0) return found;
      for (let at = 0; at < payload.length; ) {
        const i: number = found.length;
        if (plus) {
          const entry = decode(fuse.EntryOut, payload, at);
          expect([entry.nodeid, entry.attr.size, entry.generation]).toEqual([i, 7, 0]);
        }
        const dirent = decode(fuse.Dirent, payload, at + (plus ? fuse.EntryOut.SIZE : 0));
        const name = at + (plus ? fuse.FUSE_NAME_OFFSET_DIRENTPLUS : fuse.FUSE_NAME_OFFSET);
        found.push(text(payload.subarray(name, name + dirent.namelen)));
        const end = at + (plus ? fuse.direntplusSize(dirent.namelen) : fuse.direntSize(dirent.namelen));
        expect(payload.subarray(name + dirent.namelen, end).every((byte) => byte === 0)).toBe(true);
        expect(dirent.ino).toBe(plus ? i : 2n ** 63n + BigInt(i));
        offset = dirent.off;
        at = end;
      }
    }
  }

  test.each([
    [fuse.FUSE_READDIR, 4096, 4096],
    [fuse.FUSE_READDIR, 64, 4096],
    [fuse.FUSE_READDIR, 4096, 64],
    [fuse.FUSE_READDIR, 0xffff_ffff, 4 << 20],
    [fuse.FUSE_READDIRPLUS, 4096, 4096],
    [fuse.FUSE_READDIRPLUS, 180, 4096],
    [fuse.FUSE_READDIRPLUS, 4096, 200],
    [fuse.FUSE_READDIRPLUS, 0xffff_ffff, 4 << 20],
  ])('opcode %i by %i bytes in %i', (opcode, size, room) => {
    expect(list(opcode, size, room)).toEqual(names);
  });
});

describe('forgetting', () => {
  test('FORGET and BATCH_FORGET have no reply', () => {
    const forget = vi.fn();
    const { session } = started({ forget });
    const one = request(fuse.FUSE_FORGET, { nodeid: 3 }, encode(fuse.ForgetIn, { nlookup: 2n ** 64n - 1n }));
    expect(send(session, one)).toBeNull();
    expect(forget.mock.calls).toEqual([[3, Number.MAX_SAFE_INTEGER]]);
    forget.mockClear();
    // More than fit into a slot at once.
    const count = 2000;
    const items = Array.from({ length: count }, (_, i) =>
      encode(fuse.ForgetOne, { nodeid: i + 2, nlookup: i }),
    );
    const batch = request(fuse.FUSE_BATCH_FORGET, {}, encode(fuse.BatchForgetIn, { count }), ...items);
    expect(send(session, batch, 0)).toBeNull();
    expect(forget.mock.calls).toEqual(Array.from({ length: count }, (_, i) => [i + 2, i]));
  });

  test('malformed ones, and such before INIT, are dropped', () => {
    const forget = vi.fn();
    const { session } = started({ forget });
    expect(
      send(session, request(fuse.FUSE_BATCH_FORGET, {}, encode(fuse.BatchForgetIn, { count: 9 }))),
    ).toBeNull();
    expect(
      send(session, request(fuse.FUSE_FORGET, { nodeid: 2n ** 60n }, encode(fuse.ForgetIn, {}))),
    ).toBeNull();
    expect(send(session, request(fuse.FUSE_FORGET, {}))).toBeNull();
    const far = encode(fuse.ForgetOne, { nodeid: 2n ** 60n, nlookup: 1 });
    send(session, request(fuse.FUSE_BATCH_FORGET, {}, encode(fuse.BatchForgetIn, { count: 1 }), far));
    expect(
      send(new Session({ forget }), request(fuse.FUSE_FORGET, {}, encode(fuse.ForgetIn, {}))),
    ).toBeNull();
    expect(forget).not.toHaveBeenCalled();
  });
});

describe('failures', () => {
  const statfs = request(fuse.FUSE_STATFS, {});

  test.each([
    ['a number of bytes that is none', Number.NaN],
    ['a fraction', 0.5],
    ['an error number that is none', -100000],
    ['nothing', undefined as unknown as number],
  ])('%s is EIO and logged', async (_, outcome) => {
    const { session, log } = started({ statfs: () => outcome });
    const exchange = new BufferExchange(statfs);
    session.dispatch(exchange);
    expect(decodeReply(await exchange.replied).error).toBe(-fuse.EIO);
    expect(log.lines[0]).toMatch('STATFS');
  });

  test('an error with errno is that errno, thrown or rejected, positive or as Node has it', async () => {
    const thrown = started({
      statfs: () => {
        throw new fuse.ErrnoError(fuse.ENOSPC);
      },
    });
    expect(call(thrown.session, statfs).error).toBe(-fuse.ENOSPC);
    const rejected = started({ statfs: () => Promise.reject(Object.assign(new Error(), { errno: -13 })) });
    const exchange = new BufferExchange(statfs);
    rejected.session.dispatch(exchange);
    expect(decodeReply(await exchange.replied).error).toBe(-fuse.EACCES);
    expect([...thrown.log.lines, ...rejected.log.lines]).toEqual([]);
  });

  test('anything else thrown is EIO for that request alone, and logged', () => {
    let calls = 0;
    const { session, log } = started({
      statfs: () => {
        if (calls++ === 0) throw new TypeError('a bug');
        return 0;
      },
    });
    expect(call(session, statfs).error).toBe(-fuse.EIO);
    expect(log.lines[0]).toMatch(/STATFS.*a bug/);
    expect(call(session, statfs).error).toBe(0);
  });

  test('a reply cannot hold what is no exact 64-bit number', () => {
    const { session, log } = started({
      statfs: (_ctx, _nodeid, reply) => {
        reply.blocks = 2 ** 53;
        return 0;
      },
    });
    expect(call(session, statfs).error).toBe(-fuse.EIO);
    expect(log.lines[0]).toMatch('9007199254740992');
  });

  test('a transport that throws does not end the session', () => {
    const log = new TestLog();
    const session = new Session({ statfs: () => 0 }, { log });
    init(session);
    const complete = vi.fn();
    const broken = () => {
      throw new Error('broken');
    };
    session.dispatch({
      readable: { byteLength: 99, copyOut: broken, copyIn: broken },
      writable: new fuse.ByteSegments(new Uint8Array(99)),
      complete,
    });
    expect(complete).toHaveBeenCalledExactlyOnceWith(0);
    session.dispatch({
      readable: new fuse.ByteSegments(statfs),
      writable: new fuse.ByteSegments(new Uint8Array(99)),
      complete: broken,
    });
    expect(log.lines.length).toBe(2);
    expect(call(session, statfs).error).toBe(0);
  });
});

describe('requests that wait', () => {
  interface Waiting {
    resolve(outcome: number): void;
    reject(error: unknown): void;
    ctx: fuse.Context;
    name: fuse.Name;
  }

  function waiting() {
    const requests: Waiting[] = [];
    const destroy = vi.fn();
    const { session, log } = started({
      destroy,
      lookup: (ctx, _parent, name, reply) =>
        new Promise<number>((resolve, reject) => {
          reply.nodeid = requests.length + 10;
          requests.push({ resolve, reject, ctx, name });
        }),
    });
    const dispatch = (name: string, unique: number) => {
      const exchange = new BufferExchange(request(fuse.FUSE_LOOKUP, { unique }, z(name)));
      session.dispatch(exchange);
      return exchange;
    };
    return { requests, session, log, destroy, dispatch };
  }

  const tick = () => new Promise((resolve) => setImmediate(resolve));

  test('keep their names and replies, and may be answered in any order', async () => {
    const { requests, session, dispatch } = waiting();
    const exchanges = ['one', 'two', 'three'].map((name, i) => dispatch(name, i + 1));
    expect(session.inFlight).toBe(3);
    expect(requests.map(({ name }) => name.toString())).toEqual(['one', 'two', 'three']);
    for (const i of [2, 0, 1]) requests[i]!.resolve(0);
    await tick();
    expect(session.inFlight).toBe(0);
    for (const [i, { reply }] of exchanges.entries()) {
      const { payload } = decodeReply(reply, i + 1);
      expect(decode(fuse.EntryOut, payload).nodeid).toBe(i + 10);
    }
  });

  test('INTERRUPT cancels the one it names, once', async () => {
    const { requests, session, dispatch } = waiting();
    const exchange = dispatch('slow', 2 ** 40 + 4);
    dispatch('other', 6);
    const onCancel = vi.fn(() => requests[0]!.resolve(-fuse.EINTR));
    requests[0]!.ctx.onCancel = onCancel;
    const interrupt = request(
      fuse.FUSE_INTERRUPT,
      { unique: 9 },
      encode(fuse.InterruptIn, { unique: 2 ** 40 + 4 }),
    );
    expect(send(session, interrupt)).toBeNull();
    expect(send(session, interrupt)).toBeNull();
    expect(onCancel).toHaveBeenCalledTimes(1);
    expect(requests.map(({ ctx }) => ctx.canceled)).toEqual([true, false]);
    expect(decodeReply(await exchange.replied).error).toBe(-fuse.EINTR);
    requests[1]!.resolve(0);
  });

  test('cancelWaits ends those that can be canceled, with EAGAIN, and the others go on', async () => {
    const { requests, session, dispatch } = waiting();
    const cut = dispatch('cut', 2);
    const finished = dispatch('finished', 4);
    dispatch('deaf', 6);
    requests[0]!.ctx.onCancel = () => requests[0]!.resolve(-fuse.EINTR);
    requests[1]!.ctx.onCancel = () => requests[1]!.resolve(-fuse.ENOSPC);
    session.cancelWaits();
    session.cancelWaits();
    expect(decodeReply(await cut.replied).error).toBe(-fuse.EAGAIN);
    expect(decodeReply(await finished.replied).error).toBe(-fuse.ENOSPC);
    expect(requests[2]!.ctx.canceled).toBe(false);
    expect(session.inFlight).toBe(1);
    requests[2]!.resolve(0);
  });

  test('a reset drops their results: they are answered ENOTCONN when they settle', async () => {
    const { requests, session, log, destroy, dispatch } = waiting();
    const exchanges = [dispatch('a', 1), dispatch('b', 2)];
    init(session);
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(exchanges.some(({ done }) => done)).toBe(false);
    requests[0]!.resolve(0);
    requests[1]!.reject(new Error('late'));
    for (const exchange of exchanges) expect(decodeReply(await exchange.replied).error).toBe(-fuse.ENOTCONN);
    expect(log.lines.join()).toMatch('late');
  });

  test('an abandoned exchange is not touched again', async () => {
    const { requests, session, dispatch } = waiting();
    const [kept, gone] = [dispatch('a', 1), dispatch('b', 2)];
    session.abandon(gone);
    requests[0]!.resolve(0);
    requests[1]!.resolve(0);
    await tick();
    expect([kept.done, gone.done, session.inFlight]).toEqual([true, false, 0]);
    expect(gone.writable.bytes.every((byte) => byte === 0)).toBe(true);

    const third = dispatch('c', 3);
    session.abandon();
    expect(session.connection).toBeUndefined();
    requests[2]!.resolve(0);
    await tick();
    expect([third.done, session.inFlight]).toEqual([false, 0]);
  });

  test('DESTROY ends the session and is answered', () => {
    const { session, destroy } = waiting();
    expect(call(session, request(fuse.FUSE_DESTROY, { nodeid: 0 })).error).toBe(0);
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(call(session, request(fuse.FUSE_LOOKUP, {}, z('a'))).error).toBe(-fuse.EBADF);
    expect(init(session).error).toBe(0);
    session.destroy();
    expect(destroy).toHaveBeenCalledTimes(2);
    expect(init(session).error).toBe(-fuse.ENODEV);
  });

  test('the transport may dispatch from within complete', () => {
    const { session } = started({ statfs: () => 0 });
    let depth = 0;
    const next = () => {
      if (++depth > 5) return;
      const bytes = request(fuse.FUSE_STATFS, {});
      session.dispatch({
        readable: new fuse.ByteSegments(bytes),
        writable: new fuse.ByteSegments(new Uint8Array(99)),
        complete: next,
      });
    };
    next();
    expect(depth).toBe(6);
  });
});

describe('resume', () => {
  const agreed = () => new fuse.Connection(38, fuse.FUSE_SETXATTR_EXT, fuse.FUSE_SETXATTR_EXT, 4096);

  test('goes on without an INIT, with what another session has agreed on', () => {
    const seen: number[] = [];
    const destroy = vi.fn();
    const fs: fuse.FileSystem = {
      destroy,
      setxattr: (_ctx, _nodeid, _name, _value, input) => {
        seen.push(input.setxattr_flags);
        return 0;
      },
    };
    const session = new Session(fs);
    session.resume(agreed());
    expect(session.connection?.has(fuse.FUSE_SETXATTR_EXT)).toBe(true);
    const input = encode(fuse.SetxattrIn, { size: 1, flags: 0, setxattr_flags: 1, padding: 0 });
    const reply = call(session, request(fuse.FUSE_SETXATTR, {}, input, z('user.a'), Uint8Array.of(118)));
    expect([reply.error, seen]).toEqual([0, [1]]);
    session.reset();
    expect(destroy).toHaveBeenCalledOnce();
    expect(call(session, request(fuse.FUSE_SETXATTR, {}, input, z('user.a'), Uint8Array.of(118))).error).toBe(
      -fuse.EBADF,
    );
  });

  test('is refused for a session that has begun, until it is reset, and for one that is destroyed', () => {
    const { session } = started({});
    expect(() => session.resume(agreed())).toThrow('begun');
    session.reset();
    session.resume(agreed());
    session.destroy();
    expect(() => session.resume(agreed())).toThrow('destroyed');
  });
});
