import { describe, expect, test, vi } from 'vitest';
import { MemoryFs } from '../examples/memory/memory-fs.js';
import * as fuse from '../src/index.js';
import { operations } from '../src/operations/table.js';

async function served(fs: fuse.FileSystem) {
  const client = new fuse.FuseClient(fuse.connect(new fuse.Session(fs)));
  await client.init({ flags: Number(fuse.FUSE_WRITEBACK_CACHE) });
  return client;
}

test('the list of methods has every method that an operation calls', () => {
  for (const operation of operations) {
    if (operation?.method !== undefined) expect(fuse.methods).toContain(operation.method);
  }
});

test('delegate keeps what is there, and what is missing missing', async () => {
  class Counter implements fuse.FileSystem {
    #count = 0;
    syncfs() {
      return ++this.#count > 2 ? -fuse.EIO : 0;
    }
  }
  const layer = fuse.delegate(fuse.delegate(new Counter()));
  expect(Object.keys(layer)).toEqual(['syncfs']);
  const client = await served(layer);
  await client.syncfs(1);
  await client.syncfs(1);
  await expect(client.syncfs(1)).rejects.toMatchObject({ errno: fuse.EIO });
});

describe('readOnly', () => {
  const ok = vi.fn(() => 0);
  const writable: fuse.FileSystem = Object.fromEntries(fuse.methods.map((method) => [method, ok]));

  test.each<[string, (client: fuse.FuseClient) => Promise<unknown>]>([
    ['setattr', (client) => client.setattr(1, {})],
    ['symlink', (client) => client.symlink(1, 'a', 'b')],
    ['mknod', (client) => client.mknod(1, 'a', {})],
    ['mkdir', (client) => client.mkdir(1, 'a', {})],
    ['unlink', (client) => client.unlink(1, 'a')],
    ['rmdir', (client) => client.rmdir(1, 'a')],
    ['rename', (client) => client.rename(1, 'a', 1, 'b')],
    ['rename2', (client) => client.rename(1, 'a', 1, 'b', 1)],
    ['link', (client) => client.link(2, 1, 'a')],
    ['tmpfile', (client) => client.tmpfile(1, {})],
    ['write', (client) => client.write(1, new Uint8Array(1))],
    ['fallocate', (client) => client.fallocate(1, {})],
    ['copy_file_range', (client) => client.copy_file_range(1, {})],
    ['setxattr', (client) => client.setxattr(1, 'user.a', new Uint8Array(1))],
    ['removexattr', (client) => client.removexattr(1, 'user.a')],
    ['open for writing', (client) => client.open(1, { flags: 1 })],
    ['open for both', (client) => client.open(1, { flags: 2 })],
    ['open and truncate', (client) => client.open(1, { flags: 0o1000 })],
    ['access for writing', (client) => client.access(1, 6)],
    ['a writable mapping', (client) => client.setupmapping(1, { flags: 3 })],
  ])('%s is EROFS', async (_, modify) => {
    const client = await served(fuse.readOnly(writable));
    ok.mockClear();
    await expect(modify(client)).rejects.toMatchObject({ errno: fuse.EROFS });
    expect(ok).not.toHaveBeenCalled();
  });

  test('reading goes through', async () => {
    const client = await served(fuse.readOnly(writable));
    await client.open(1, { flags: 0o100000 });
    await client.access(1, 5);
    await client.lookup(1, 'a');
    await client.read(1, { size: 10 });
    await client.fsync(1);
    await client.setupmapping(1, { flags: 2 });
    await expect(client.ioctl(1, {})).rejects.toMatchObject({ errno: fuse.ENOSYS });
  });

  describe('create', () => {
    const O_EXCL = 0o200;

    /** A memory file system with a file, and a client that may only read; and how often the file is referred to. */
    async function withFile(answer = (fs: fuse.FileSystem) => fs) {
      const memory = new MemoryFs();
      const { entry } = await (await served(memory)).create(1, 'file', { mode: 0o644 });
      await (await served(memory)).mkdir(1, 'directory', {});
      let lookups = 0;
      const counted = {
        ...fuse.delegate(memory),
        lookup: (...args: Parameters<MemoryFs['lookup']>) => {
          const outcome = memory.lookup(...args);
          if (outcome === 0) lookups++;
          return outcome;
        },
        forget: (nodeid: number, count: number) => {
          lookups -= count;
          memory.forget(nodeid, count);
        },
      };
      const client = await served(fuse.readOnly(answer(counted)));
      return { client, nodeid: entry.nodeid, lookups: () => lookups };
    }

    test.each([
      ['at once', (fs: fuse.FileSystem) => fs],
      ['later', later],
    ])('opens a file that is there, answered %s', async (_, answer) => {
      const { client, nodeid, lookups } = await withFile(answer);
      const { entry, open } = await client.create(1, 'file', { flags: 0o100 });
      expect(entry.nodeid).toBe(nodeid);
      expect(await client.read(entry.nodeid, { fh: open.fh, size: 10 })).toHaveLength(0);
      expect(lookups()).toBe(1);
    });

    test.each([
      ['for writing', 'file', 1, fuse.EROFS],
      ['to truncate it', 'file', 0o1000, fuse.EROFS],
      ['that must not be there', 'file', O_EXCL, fuse.EEXIST],
      ['that is not there', 'other', 0, fuse.EROFS],
      ['that is a directory', 'directory', 0, fuse.ESTALE],
    ])('refuses a file %s', async (_, name, flags, errno) => {
      for (const answer of [(fs: fuse.FileSystem) => fs, later]) {
        const { client, lookups } = await withFile(answer);
        await expect(client.create(1, name, { flags })).rejects.toMatchObject({ errno });
        expect(lookups()).toBe(0);
      }
    });

    test('refuses everything where nothing can be looked up', async () => {
      const client = await served(fuse.readOnly({ create: () => 0 }));
      await expect(client.create(1, 'file', {})).rejects.toMatchObject({ errno: fuse.EROFS });
    });
  });

  test('ioctl is as the file system says', async () => {
    const inner: fuse.FileSystem = { ioctl: () => 0 };
    const client = await served(fuse.readOnly(inner, { readingIoctls: [1], changingIoctls: [2] }));
    await client.ioctl(1, { cmd: 1 });
    await expect(client.ioctl(1, { cmd: 2 })).rejects.toMatchObject({ errno: fuse.EROFS });
    await expect(client.ioctl(1, { cmd: 3 })).rejects.toMatchObject({ errno: fuse.ENOTTY });
  });

  test('the peer may not cache writes', async () => {
    const session = new fuse.Session(fuse.readOnly({}), { flags: fuse.FUSE_WRITEBACK_CACHE });
    const reply = await new fuse.FuseClient(fuse.connect(session)).init({ flags: 1 << 16 });
    expect(reply.flags).toBe(0);
  });
});

test('traced tells of every call and changes none', async () => {
  const calls: unknown[] = [];
  const fs: fuse.FileSystem = {
    init() {},
    lookup: () => -fuse.ENOENT,
    read: (_ctx, _nodeid, input) => Promise.resolve(input.size),
    forget() {},
    statfs() {
      throw new fuse.ErrnoError(fuse.EACCES);
    },
    syncfs: () => Promise.reject(new TypeError('bug')),
    destroy() {},
  };
  const client = await served(
    fuse.traced(fs, (method, nodeid, outcome, milliseconds) => {
      expect(milliseconds).toBeGreaterThanOrEqual(0);
      calls.push([method, nodeid, outcome]);
    }),
  );
  await expect(client.lookup(2, 'a')).rejects.toMatchObject({ errno: fuse.ENOENT });
  expect((await client.read(3, { size: 5 })).length).toBe(5);
  await client.forget(4, 1);
  await expect(client.statfs(5)).rejects.toMatchObject({ errno: fuse.EACCES });
  await expect(client.syncfs(6)).rejects.toMatchObject({ errno: fuse.EIO });
  await expect(client.flush(7)).rejects.toMatchObject({ errno: fuse.ENOSYS });
  await client.destroy();
  expect(calls).toEqual([
    ['init', 0, 0],
    ['lookup', 2, -fuse.ENOENT],
    ['read', 3, 5],
    ['forget', 4, 0],
    ['statfs', 5, -fuse.EACCES],
    ['syncfs', 6, -fuse.EIO],
    ['destroy', 0, 0],
  ]);
});

describe('translateIds', () => {
  const shift: fuse.IdMap = {
    uidIn: (uid) => (uid === 13 ? undefined : uid + 1000),
    uidOut: (uid) => uid - 1000,
    gidIn: (gid) => (gid === 13 ? undefined : gid + 2000),
    gidOut: (gid) => gid - 2000,
  };

  test.each([
    ['at once', (fs: fuse.FileSystem) => fs],
    ['later', later],
  ])('owners and callers, answered %s', async (_, answer) => {
    const memory = new MemoryFs();
    const plain = await served(memory);
    await plain.setattr(1, { valid: fuse.FATTR_UID | fuse.FATTR_GID, uid: 1000, gid: 2000 });
    const client = await served(fuse.translateIds(answer(memory), shift));
    client.credentials = { uid: 5, gid: 6 };
    const owner = { uid: 5, gid: 6 };
    const { entry } = await client.create(1, 'file', { mode: 0o600 });
    expect(entry.attr).toMatchObject(owner);
    for (const made of [
      await client.mkdir(1, 'dir', {}),
      await client.mknod(1, 'fifo', { mode: 0o010600 }),
      await client.symlink(1, 'link', 'x'),
      await client.link(entry.nodeid, 1, 'again'),
      (await client.tmpfile(1, {})).entry,
      await client.lookup(1, 'file'),
    ]) {
      expect(made.attr).toMatchObject(owner);
    }
    expect((await client.getattr(1)).attr).toMatchObject({ uid: 0, gid: 0 });
    const { fh } = await client.opendir(1);
    const listed = await client.readdirplus(1, { fh });
    expect(listed.slice(2).map((one) => one.entry.attr.uid)).toEqual([5, 5, 5, 5, 5]);
    const changed = await client.setattr(entry.nodeid, { valid: fuse.FATTR_UID, uid: 8 });
    expect(changed.attr).toMatchObject({ uid: 8, gid: 6 });
    const inside = await served(memory);
    expect((await inside.lookup(1, 'file')).attr).toMatchObject({ uid: 1008, gid: 2006 });
    expect((await inside.lookup(1, 'dir')).attr).toMatchObject({ uid: 1005, gid: 2006 });
  });

  test('ACCESS and STATX', async () => {
    const client = await served(
      fuse.translateIds(
        {
          access: (ctx) => (ctx.uid === 1005 && ctx.gid === 2006 ? 0 : -fuse.EACCES),
          statx(_ctx, _nodeid, _input, reply) {
            reply.stat.uid = 1007;
            reply.stat.gid = 2008;
            return 0;
          },
        },
        shift,
      ),
    );
    client.credentials = { uid: 5, gid: 6 };
    await client.access(1, 4);
    expect((await client.statx(1)).stat).toMatchObject({ uid: 7, gid: 8 });
  });

  test('a forbidden number gets nowhere', async () => {
    const client = await served(fuse.translateIds(new MemoryFs(), shift));
    client.credentials = { uid: 13 };
    const refused = { errno: fuse.EPERM };
    await expect(client.mkdir(1, 'a', {})).rejects.toMatchObject(refused);
    await expect(client.create(1, 'a', {})).rejects.toMatchObject(refused);
    await expect(client.setattr(1, { valid: fuse.FATTR_GID, gid: 13 })).rejects.toMatchObject(refused);
    expect((await client.getattr(1)).attr.nlink).toBe(2);
  });
});

/** The same file system, each result a Promise. */
function later(fs: fuse.FileSystem): fuse.FileSystem {
  const layer = fuse.delegate(fs) as Record<string, (...args: unknown[]) => unknown>;
  for (const [method, own] of Object.entries(layer)) {
    if (method !== 'forget') layer[method] = async (...args) => own(...args);
  }
  return layer as fuse.FileSystem;
}
