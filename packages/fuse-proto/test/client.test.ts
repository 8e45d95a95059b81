/** Every operation from the client through the session to the file system and back. */
import { describe, expect, test, vi } from 'vitest';
import * as fuse from '../src/index.js';
import { concat, request, text, z } from './support.js';

const { FuseClient, connect } = fuse;

/** A client of a session with that file system. */
async function served(fs: fuse.FileSystem, flags = 0n) {
  const session = new fuse.Session(fs, { flags });
  const client = new FuseClient(connect(session));
  await client.init({ flags: 0x7fff_ffff, flags2: 0xffff_ffff });
  return { session, client };
}

const BIG = 2n ** 63n + 1n;

describe('requests carry', () => {
  test('the credentials', async () => {
    const seen: unknown[] = [];
    const { client } = await served({
      syncfs(ctx, nodeid) {
        seen.push([ctx.uid, ctx.gid, ctx.pid, nodeid, ctx.unique]);
        return 0;
      },
    });
    client.credentials = { uid: 0xffff_fffe, gid: 100, pid: 7 };
    await client.syncfs(3);
    expect(seen).toEqual([[0xffff_fffe, 100, 7, 3, 4]]);
  });

  test('the arguments, all 64 bits of them', async () => {
    const seen: Record<string, unknown> = {};
    const see = (method: string) => (_ctx: fuse.Context, nodeid: number, input: fuse.AnyView) => {
      seen[method] = [nodeid, input.toObject()];
      return 0;
    };
    const { client } = await served({
      flush: see('flush'),
      release: see('release'),
      releasedir: see('releasedir'),
      fsync: see('fsync'),
      fsyncdir: see('fsyncdir'),
      fallocate: see('fallocate'),
      access: see('access'),
      setupmapping: see('setupmapping'),
      open: see('open'),
      opendir: see('opendir'),
    });
    const fallocate = { fh: BIG, offset: 2n ** 63n - 1n, length: 2 ** 53 - 1, mode: 3 };
    await client.fallocate(2, fallocate);
    expect(seen['fallocate']).toEqual([2, { ...fallocate, padding: 0 }]);
    await client.flush(2, { fh: BIG, lock_owner: 2n ** 64n - 1n });
    expect(seen['flush']).toEqual([2, { fh: BIG, unused: 0, padding: 0, lock_owner: 2n ** 64n - 1n }]);
    for (const method of ['release', 'releasedir'] as const) {
      await client[method](3, { fh: BIG, flags: 2, release_flags: 1 });
      expect(seen[method]).toEqual([3, { fh: BIG, flags: 2, release_flags: 1, lock_owner: 0 }]);
    }
    for (const method of ['fsync', 'fsyncdir'] as const) {
      await client[method](3, { fh: 1, fsync_flags: 1 });
      expect(seen[method]).toEqual([3, { fh: 1, fsync_flags: 1, padding: 0 }]);
    }
    for (const method of ['open', 'opendir'] as const) {
      await client[method](3, { flags: 0o100000 });
      expect(seen[method]).toEqual([3, { flags: 0o100000, open_flags: 0 }]);
    }
    await client.access(4, 5);
    expect(seen['access']).toEqual([4, { mask: 5, padding: 0 }]);
    const mapping = { fh: 1, foffset: 2n ** 63n, len: 4096, flags: 3, moffset: BIG };
    await client.setupmapping(4, mapping);
    expect(seen['setupmapping']).toEqual([4, mapping]);
  });

  test('names', async () => {
    const seen: unknown[] = [];
    const log = (method: string) => (_ctx: fuse.Context, parent: number, name: fuse.Name) => {
      seen.push([method, parent, name.toString()]);
      return 0;
    };
    const { client } = await served({
      lookup: log('lookup'),
      unlink: log('unlink'),
      rmdir: log('rmdir'),
      mknod: log('mknod'),
      mkdir: log('mkdir'),
      symlink: log('symlink'),
      create: log('create'),
      removexattr: log('removexattr'),
    });
    await client.lookup(1, 'a');
    await client.unlink(2, z('b').subarray(0, 1));
    await client.rmdir(3, 'c');
    await client.mknod(4, 'd', { mode: 0o010600 });
    await client.mkdir(5, 'e', { mode: 0o700 });
    await client.symlink(6, 'f', '../target');
    await client.create(7, 'g', { mode: 0o600 });
    await client.removexattr(8, 'user.h');
    expect(seen).toEqual([
      ['lookup', 1, 'a'],
      ['unlink', 2, 'b'],
      ['rmdir', 3, 'c'],
      ['mknod', 4, 'd'],
      ['mkdir', 5, 'e'],
      ['symlink', 6, 'f'],
      ['create', 7, 'g'],
      ['removexattr', 8, 'user.h'],
    ]);
  });

  test('lookups taken back', async () => {
    const forget = vi.fn();
    const { client } = await served({ forget });
    await client.forget(3, 2);
    await client.batch_forget([
      { nodeid: 4, nlookup: 1 },
      { nodeid: 5, nlookup: 2 ** 40 },
    ]);
    expect(forget.mock.calls).toEqual([
      [3, 2],
      [4, 1],
      [5, 2 ** 40],
    ]);
  });
});

describe('replies carry', () => {
  test('structures', async () => {
    const { client } = await served({
      statfs(_ctx, _nodeid, reply) {
        reply.blocks = BIG;
        return 0;
      },
      statx(_ctx, _nodeid, input, reply) {
        reply.stat.mask = input.sx_mask;
        reply.stat.btime.tv_sec = -5;
        return 0;
      },
      lseek(_ctx, _nodeid, input, reply) {
        reply.offset = input.offset;
        return 0;
      },
      bmap(_ctx, _nodeid, input, reply) {
        reply.block = input.block;
        return 0;
      },
      poll(_ctx, _nodeid, input, reply) {
        reply.revents = input.events & 1;
        return 0;
      },
      getlk(_ctx, _nodeid, input, reply) {
        reply.lk.assign(input.lk.toObject());
        reply.lk.pid = 99;
        return 0;
      },
      tmpfile(_ctx, _parent, input, entry, reply) {
        entry.attr.mode = input.mode;
        reply.fh = 5;
        return 0;
      },
    });
    expect((await client.statfs(1)).blocks).toBe(BIG);
    expect((await client.statx(1, { sx_mask: 0x7ff })).stat).toMatchObject({
      mask: 0x7ff,
      btime: { tv_sec: -5 },
    });
    for (const offset of [2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      expect(await client.lseek(1, { offset, whence: 3 })).toBe(offset);
      expect(await client.bmap(1, { block: offset })).toBe(offset);
    }
    expect(await client.poll(1, { events: 5 })).toBe(1);
    const lk = { start: 2n ** 53n + 1n, end: 2n ** 63n - 1n, type: 1, pid: 3 };
    expect((await client.getlk(1, { lk })).lk).toEqual({ ...lk, pid: 99 });
    const { entry, open } = await client.tmpfile(1, { mode: 0o600 });
    expect([entry.attr.mode, open.fh]).toEqual([0o600, 5]);
  });

  test('counts', async () => {
    const copied: unknown[] = [];
    const { client } = await served({
      write: (_ctx, _nodeid, input) => input.size - 1,
      copy_file_range(_ctx, nodeid, input) {
        copied.push([nodeid, input.toObject()]);
        return Number(input.len);
      },
    });
    expect(await client.write(1, z('abc'))).toBe(3);
    const range = { fh_in: 1, off_in: BIG, nodeid_out: 3, fh_out: 2, off_out: 2 ** 53, len: 10, flags: 0 };
    await expect(client.copy_file_range(2, range)).rejects.toThrow(fuse.ValueRangeError);
    expect(await client.copy_file_range(2, { ...range, off_out: 2n ** 53n })).toBe(10);
    expect(copied).toEqual([[2, { ...range, off_out: 2n ** 53n }]]);
    // The count of the reply has 32 bits: a longer copy is cut to whole pages of that.
    expect(await client.copy_file_range(2, { len: 2 ** 40, nodeid_out: 3 })).toBe(0xffff_f000);
    await expect(client.copy_file_range(2, { nodeid_out: 2n ** 60n })).rejects.toMatchObject({
      errno: fuse.ESTALE,
    });
    const long = fuse.encode(fuse.CopyFileRangeIn, { len: 2 ** 40, nodeid_out: 3 });
    const reply = await client.request(fuse.FUSE_COPY_FILE_RANGE_64, 2, [long]);
    expect(fuse.decode(fuse.CopyFileRangeOut, reply).bytes_copied).toBe(2 ** 40);
  });

  test('errors', async () => {
    const { client } = await served({ unlink: () => -fuse.EBUSY });
    const error = await client.unlink(1, 'a').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(fuse.ReplyError);
    expect(error).toMatchObject({ errno: fuse.EBUSY, code: 'ERR_FUSE_REPLY', name: 'ReplyError' });
    expect(String(error)).toMatch('UNLINK');
  });

  test('listings', async () => {
    const { client } = await served({
      readdir: (_ctx, _nodeid, input, reply) => {
        if (input.offset === 0) reply.addEntry(BIG, 2n ** 63n - 1n, 8, 'file');
        return 0;
      },
      readdirplus: (_ctx, _nodeid, input, reply) => {
        if (input.offset !== 0) return 0;
        reply.entry.nodeid = 7;
        reply.addEntry(3, 1, 4, 'dir');
        return 0;
      },
    });
    const [file] = await client.readdir(1);
    expect(file).toEqual({ ino: BIG, off: 2n ** 63n - 1n, type: 8, name: z('file').subarray(0, 4) });
    expect(await client.readdir(1, { offset: file!.off })).toEqual([]);
    const [dir] = await client.readdirplus(1);
    expect([dir!.entry.nodeid, text(dir!.name)]).toEqual([7, 'dir']);
  });
});

describe('attributes', () => {
  const attributes = new Map([['user.a', z('value')]]);
  const fs: fuse.FileSystem = {
    setxattr(_ctx, _nodeid, name, value, input) {
      if ((input.flags & 1) !== 0 && attributes.has(name.toString())) return -fuse.EEXIST;
      attributes.set(name.toString(), value.copy());
      return input.setxattr_flags === 0 ? 0 : -fuse.EPERM;
    },
    getxattr(_ctx, _nodeid, name, reply) {
      const value = attributes.get(name.toString());
      if (value === undefined) return -fuse.ENODATA;
      reply.set(value);
      return 0;
    },
    listxattr(_ctx, _nodeid, reply) {
      reply.set(concat(...[...attributes.keys()].map(z)));
      return 0;
    },
  };

  test('are set, read by size, and listed', async () => {
    const { client } = await served(fs);
    await client.setxattr(1, 'user.b', z('second'));
    expect(await client.getxattr(1, 'user.b', 100)).toEqual(z('second'));
    expect(await client.getxattr(1, 'user.b', 0)).toEqual(z('second'));
    expect(text(await client.listxattr(1, 0))).toBe('user.a\0user.b\0');
    await expect(client.getxattr(1, 'user.b', 3)).rejects.toMatchObject({ errno: fuse.ERANGE });
    await expect(client.getxattr(1, 'user.c', 3)).rejects.toMatchObject({ errno: fuse.ENODATA });
    await expect(client.setxattr(1, 'user.a', z('x'), 1)).rejects.toMatchObject({ errno: fuse.EEXIST });
    await expect(client.getxattr(1, 'x'.repeat(256), 9)).rejects.toMatchObject({ errno: fuse.ERANGE });
    await expect(client.setxattr(1, 'x'.repeat(256), z(''))).rejects.toMatchObject({ errno: fuse.ERANGE });
    await expect(client.getxattr(1, 'user.a', (1 << 20) + 1)).rejects.toMatchObject({ errno: fuse.ENOMEM });
    const large = new Uint8Array(65536).fill(7);
    await client.setxattr(1, 'user.large', large);
    expect(await client.getxattr(1, 'user.large', 65536)).toEqual(large);
  });

  test('a size that does not match the value is refused', async () => {
    const { client } = await served(fs);
    const wrong = fuse.encode(fuse.SetxattrIn, { size: 9 }).subarray(0, 8);
    await expect(client.request(fuse.FUSE_SETXATTR, 1, [wrong, z('user.a'), z('x')])).rejects.toMatchObject({
      errno: fuse.EINVAL,
    });
  });

  test('the long request is understood once it is agreed on', async () => {
    const { client } = await served(fs, fuse.FUSE_SETXATTR_EXT);
    const long = fuse.encode(fuse.SetxattrIn, { size: 2, setxattr_flags: fuse.FUSE_SETXATTR_ACL_KILL_SGID });
    const sent = client.request(fuse.FUSE_SETXATTR, 1, [long, z('user.long'), z('x')]);
    await expect(sent).rejects.toMatchObject({ errno: fuse.EPERM });
    expect(attributes.get('user.long')).toEqual(z('x'));
  });
});

test('IOCTL: argument in, structure and bytes out', async () => {
  const { client } = await served({
    ioctl(_ctx, _nodeid, input, argument, reply, output) {
      reply.result = -1;
      output.set(Uint8Array.from(argument.copy()).reverse());
      return input.cmd === 5 ? 0 : -fuse.ENOTTY;
    },
  });
  const bytes = new Uint8Array([1, 2, 3]);
  const { reply, output } = await client.ioctl(1, { cmd: 5, out_size: 3 }, bytes);
  expect([reply.result, [...output]]).toEqual([-1, [3, 2, 1]]);
  await expect(client.ioctl(1, { cmd: 6, out_size: 3 }, bytes)).rejects.toMatchObject({ errno: fuse.ENOTTY });
  await expect(client.ioctl(1, { cmd: 5, out_size: 2 }, bytes)).rejects.toMatchObject({ errno: fuse.EIO });
  await expect(client.ioctl(1, { in_size: 4 }, bytes)).rejects.toMatchObject({ errno: fuse.EINVAL });
});

test('REMOVEMAPPING: one call for each range, until one fails', async () => {
  const seen: unknown[] = [];
  const { client } = await served({
    removemapping(_ctx, _nodeid, { moffset, len }) {
      seen.push([moffset, len]);
      return len === 0 ? -fuse.EINVAL : Promise.resolve(0);
    },
  });
  await client.removemapping(1, [
    { moffset: 1, len: 2 },
    { moffset: BIG, len: 4 },
  ]);
  const failing = client.removemapping(1, [{ len: 0 }, { len: 1 }]);
  await expect(failing).rejects.toMatchObject({ errno: fuse.EINVAL });
  expect(seen).toEqual([
    [1, 2],
    [BIG, 4],
    [0, 0],
  ]);
  const cut = client.request(fuse.FUSE_REMOVEMAPPING, 1, [fuse.encode(fuse.RemovemappingIn, { count: 2 })]);
  await expect(cut).rejects.toMatchObject({ errno: fuse.EINVAL });
});

test('NOTIFY_REPLY brings data, and has no reply', async () => {
  const seen: unknown[] = [];
  const { client } = await served({
    notify_reply(_ctx, nodeid, input, data) {
      const bytes = new Uint8Array(data.length);
      data.copyTo(bytes);
      seen.push([nodeid, input.offset, text(bytes)]);
      return 0;
    },
  });
  const head = fuse.encode(fuse.NotifyRetrieveIn, { offset: BIG, size: 5 });
  await client.post(fuse.FUSE_NOTIFY_REPLY, 3, head, z('pages').subarray(0, 5));
  expect(seen).toEqual([[3, BIG, 'pages']]);
});

test('SETLKW waits until it is interrupted', async () => {
  const { session, client } = await served({
    setlk(ctx, _nodeid, _input, wait) {
      if (!wait) return -fuse.EAGAIN;
      return new Promise((resolve) => {
        ctx.onCancel = () => resolve(-fuse.EINTR);
      });
    },
  });
  await expect(client.setlk(1, { lk: { type: 1 } })).rejects.toMatchObject({ errno: fuse.EAGAIN });
  const waiting = client.setlk(1, { lk: { type: 1 } }, true, 2n ** 60n);
  expect(session.inFlight).toBe(1);
  await client.interrupt(2n ** 60n);
  await expect(waiting).rejects.toMatchObject({ errno: fuse.EINTR });
});

describe('creation extensions', () => {
  const seen: (readonly [unknown, unknown])[] = [];
  const fs: fuse.FileSystem = {
    mkdir(ctx) {
      seen.push([ctx.groups, ctx.security?.map(({ name, value }) => [text(name), text(value)])]);
      return 0;
    },
  };
  const flags = fuse.FUSE_INIT_EXT | fuse.FUSE_SECURITY_CTX | fuse.FUSE_CREATE_SUPP_GROUP;

  const pad = (bytes: Uint8Array) => concat(bytes, new Uint8Array(-bytes.length & 7));
  const block = (type: number, ...body: Uint8Array[]) => {
    const bytes = concat(...body);
    return pad(concat(fuse.encode(fuse.ExtHeader, { size: 8 + bytes.length, type }), bytes));
  };
  const label = (name: string, value: string) =>
    pad(concat(fuse.encode(fuse.Secctx, { size: value.length }), z(name), z(value).subarray(0, -1)));
  const groups = (...ids: number[]) =>
    block(fuse.FUSE_EXT_GROUPS, new Uint8Array(Uint32Array.from([ids.length, ...ids]).buffer));
  const mkdir = (...blocks: Uint8Array[]) =>
    request(fuse.FUSE_MKDIR, {}, fuse.encode(fuse.MkdirIn, {}), z('dir'), ...blocks);

  async function send(bytes: Uint8Array, wanted = flags): Promise<number> {
    seen.length = 0;
    const { session } = await served(fs, wanted);
    const reply = await connect(session)(bytes, 4096);
    return fuse.decodeReply(reply).error;
  }

  test('security contexts and groups, each or both', async () => {
    expect(await send(mkdir())).toBe(0);
    expect(seen).toEqual([[undefined, undefined]]);
    expect(await send(mkdir(block(1, label('security.selinux', 'system_u'))))).toBe(0);
    expect(seen).toEqual([[undefined, [['security.selinux', 'system_u']]]]);
    expect(await send(mkdir(block(0), groups(5, 0xffff_ffff)))).toBe(0);
    expect(seen).toEqual([[[5, 0xffff_ffff], []]]);
    expect(await send(mkdir(block(2, label('a', 'x'), label('b', 'yy'))))).toBe(0);
    expect(seen).toEqual([
      [
        undefined,
        [
          ['a', 'x'],
          ['b', 'yy'],
        ],
      ],
    ]);
  });

  test('are forgotten with the request', async () => {
    const { session } = await served(fs, flags);
    seen.length = 0;
    await connect(session)(mkdir(groups(5)), 4096);
    await connect(session)(mkdir(), 4096);
    expect(seen).toEqual([
      [[5], undefined],
      [undefined, undefined],
    ]);
  });

  test('that are malformed or not agreed on are refused', async () => {
    expect(await send(mkdir(groups(5)), 0n)).toBe(-fuse.EINVAL);
    const wrong = [
      mkdir(groups(1), groups(1)),
      mkdir(block(0), block(0)),
      mkdir(block(33)),
      mkdir(block(1)),
      mkdir(block(1, label('a', ''))),
      mkdir(block(1, label('x'.repeat(256), 'v'))),
      mkdir(block(1, fuse.encode(fuse.Secctx, { size: 100 }), z('a'), z('short'))),
      mkdir(
        block(1, fuse.encode(fuse.Secctx, { size: 1 }), new Uint8Array([65, 66, 67, 68, 69, 70, 71, 72])),
      ),
      mkdir(block(fuse.FUSE_EXT_GROUPS, new Uint8Array(Uint32Array.from([9, 1]).buffer))),
      mkdir(block(fuse.FUSE_EXT_GROUPS)),
      mkdir(fuse.encode(fuse.ExtHeader, { size: 7, type: 0 })),
      mkdir(fuse.encode(fuse.ExtHeader, { size: 9, type: 0 })),
    ];
    for (const bytes of wrong) expect(await send(bytes)).toBe(-fuse.EINVAL);
    expect(seen).toEqual([]);
  });
});

describe('a client does not believe everything', () => {
  const answered = (bytes: Uint8Array) => new FuseClient(async () => bytes);
  const header = (values: Parameters<fuse.OutHeader['assign']>[0]) =>
    fuse.encode(fuse.OutHeader, { len: 16, unique: 2, ...values });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a wrong length', header({ len: 17 })],
    ['another id', header({ unique: 4 })],
    ['a positive error', header({ error: 2 })],
    ['an impossible error', header({ error: -512 })],
    ['an error with a payload', concat(header({ len: 24, error: -2 }), new Uint8Array(8))],
    ['a missing structure', header({})],
    ['too much', concat(header({ len: 24 + 80 }), new Uint8Array(88))],
  ])('%s', async (_, bytes) => {
    await expect(answered(bytes).statfs(1)).rejects.toThrow(fuse.MalformedReplyError);
  });

  test('listings that are cut off', async () => {
    const cut = concat(header({ len: 16 + 20 }), new Uint8Array(20));
    await expect(answered(cut).readdir(1)).rejects.toThrow(fuse.MalformedReplyError);
    const lying = concat(header({ len: 16 + 24 }), fuse.encode(fuse.Dirent, { namelen: 1 }));
    await expect(answered(lying).readdir(1)).rejects.toThrow(fuse.MalformedReplyError);
    await expect(answered(lying).forget(1, 1)).rejects.toThrow(fuse.MalformedReplyError);
  });
});
