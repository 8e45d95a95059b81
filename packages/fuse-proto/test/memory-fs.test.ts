/** The in-memory example, as the kernel would use it: through a client and a session. */
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryFs } from '../examples/memory/memory-fs.js';
import * as fuse from '../src/index.js';
import { text, z } from './support.js';

const bytes = (value: string) => new TextEncoder().encode(value);
const ROOT = fuse.FUSE_ROOT_ID;

let fs: MemoryFs;
let client: fuse.FuseClient;

beforeEach(async () => {
  fs = new MemoryFs({ capacity: 1 << 20 });
  client = new fuse.FuseClient(fuse.connect(new fuse.Session(fs)));
  await client.init();
  client.credentials = { uid: 1000, gid: 100 };
});

/** Expects a request to fail with that error number. */
async function fails(errno: number, ...requests: Promise<unknown>[]) {
  for (const request of requests) await expect(request).rejects.toMatchObject({ errno });
}

async function file(parent: fuse.U64, name: string, content = ''): Promise<fuse.U64> {
  const { entry, open } = await client.create(parent, name, { mode: 0o644, flags: 2 });
  if (content !== '') await client.write(entry.nodeid, bytes(content));
  await client.release(entry.nodeid, { fh: open.fh });
  return entry.nodeid;
}

const dir = async (parent: fuse.U64, name: string) =>
  (await client.mkdir(parent, name, { mode: 0o755 })).nodeid;
const attr = async (nodeid: fuse.U64) => (await client.getattr(nodeid)).attr;
const content = async (nodeid: fuse.U64) => text(await client.read(nodeid, { size: 65536 }));

async function names(nodeid: fuse.U64): Promise<string[]> {
  const { fh } = await client.opendir(nodeid);
  const found: string[] = [];
  for (let offset: fuse.U64 = 0; ; ) {
    const entries = await client.readdir(nodeid, { fh, offset, size: 200 });
    if (entries.length === 0) break;
    found.push(...entries.map((entry) => text(entry.name)));
    offset = entries.at(-1)!.off;
  }
  await client.releasedir(nodeid, { fh });
  return found;
}

describe('creation', () => {
  test('of each type, with owner, mode and link count', async () => {
    const node = await file(ROOT, 'file', 'abc');
    expect(await attr(node)).toMatchObject({
      mode: 0o100644,
      nlink: 1,
      uid: 1000,
      gid: 100,
      size: 3,
      blocks: 8,
    });
    const sub = await dir(ROOT, 'dir');
    expect(await attr(sub)).toMatchObject({ mode: 0o040755, nlink: 2 });
    expect(await attr(ROOT)).toMatchObject({ nlink: 3 });
    const link = await client.symlink(ROOT, 'link', '../x');
    expect(link.attr).toMatchObject({ mode: 0o120777, size: 4 });
    expect(text(await client.readlink(link.nodeid))).toBe('../x');
    const fifo = await client.mknod(ROOT, 'fifo', { mode: 0o010600 });
    expect(fifo.attr.mode).toBe(0o010600);
    const device = await client.mknod(ROOT, 'device', { mode: 0o020600, rdev: 0x103 });
    expect(device.attr.rdev).toBe(0x103);
    expect(await names(ROOT)).toEqual(['.', '..', 'file', 'dir', 'link', 'fifo', 'device']);
  });

  test('under a name that is taken, missing or odd', async () => {
    const node = await file(ROOT, 'a', 'keep');
    await fails(fuse.EEXIST, client.mkdir(ROOT, 'a', {}), client.symlink(ROOT, 'a', 'x'));
    await fails(fuse.EEXIST, client.create(ROOT, 'a', { flags: 0o302 }), client.link(node, ROOT, 'a'));
    await fails(fuse.ENOENT, client.lookup(ROOT, 'missing'));
    await fails(fuse.ENOTDIR, client.lookup(node, 'x'), client.mkdir(node, 'x', {}));
    await fails(fuse.ESTALE, client.lookup(99, 'x'), client.getattr(99));
    const { entry } = await client.create(ROOT, 'a', { flags: 2 });
    expect(entry.nodeid).toBe(node);
    expect(await content(node)).toBe('keep');
    const odd = new Uint8Array([0xff, 0xfe, 0x20]);
    await client.mkdir(ROOT, odd, {});
    expect((await client.lookup(ROOT, odd)).attr.nlink).toBe(2);
  });

  test('in a set-group-id directory', async () => {
    const shared = await dir(ROOT, 'shared');
    await client.setattr(shared, { valid: fuse.FATTR_GID | fuse.FATTR_MODE, gid: 5, mode: 0o2775 });
    const inner = await dir(shared, 'dir');
    expect(await attr(inner)).toMatchObject({ gid: 5, mode: 0o042755 });
    expect(await attr(await file(shared, 'file'))).toMatchObject({ gid: 5, mode: 0o100644 });
  });

  test('without a name, and given one later', async () => {
    const { entry, open } = await client.tmpfile(ROOT, { mode: 0o600 });
    expect(entry.attr.nlink).toBe(0);
    await client.write(entry.nodeid, bytes('late'));
    await client.link(entry.nodeid, ROOT, 'named');
    await client.release(entry.nodeid, { fh: open.fh });
    expect(await content((await client.lookup(ROOT, 'named')).nodeid)).toBe('late');
    const closed = await client.tmpfile(ROOT, { mode: 0o600, flags: 0o200 });
    await fails(fuse.ENOENT, client.link(closed.entry.nodeid, ROOT, 'no'));
  });
});

describe('links', () => {
  test('share one inode, which goes with the last of everything', async () => {
    const node = await file(ROOT, 'a', 'shared');
    await client.link(node, ROOT, 'b');
    expect(await attr(node)).toMatchObject({ nlink: 2 });
    const { fh } = await client.open(node, { flags: 0 });
    await client.unlink(ROOT, 'a');
    await client.unlink(ROOT, 'b');
    expect(await attr(node)).toMatchObject({ nlink: 0 });
    expect(await content(node)).toBe('shared');
    await fails(fuse.ENOENT, client.link(node, ROOT, 'c'));
    await client.release(node, { fh });
    expect(fs.inodes).toBe(2);
    await client.forget(node, 2);
    expect(fs.inodes).toBe(1);
    const { bfree, blocks } = await client.statfs(ROOT);
    expect(bfree).toBe(blocks);
  });

  test('not to directories; and removal minds the type', async () => {
    const sub = await dir(ROOT, 'dir');
    await file(ROOT, 'file');
    await fails(fuse.EPERM, client.link(sub, ROOT, 'again'));
    await fails(fuse.EISDIR, client.unlink(ROOT, 'dir'));
    await fails(fuse.ENOTDIR, client.rmdir(ROOT, 'file'));
    await fails(fuse.ENOENT, client.unlink(ROOT, 'x'), client.rmdir(ROOT, 'x'));
    await file(sub, 'inner');
    await fails(fuse.ENOTEMPTY, client.rmdir(ROOT, 'dir'));
    await client.unlink(sub, 'inner');
    await client.rmdir(ROOT, 'dir');
    expect(await attr(ROOT)).toMatchObject({ nlink: 2 });
    // Still there for whoever uses it, but it takes no new names.
    const { nodeid } = await client.lookup(ROOT, 'file');
    await fails(fuse.ENOENT, client.mkdir(sub, 'x', {}), client.link(nodeid, sub, 'x'));
    expect(await names(sub)).toEqual(['.', '..']);
  });

  test('DESTROY forgets what only the kernel remembered', async () => {
    await file(ROOT, 'kept');
    await file(ROOT, 'gone');
    await client.unlink(ROOT, 'gone');
    expect(fs.inodes).toBe(3);
    await client.destroy();
    expect(fs.inodes).toBe(2);
    await client.init();
    expect((await client.lookup(ROOT, 'kept')).attr.nlink).toBe(1);
  });
});

describe('rename', () => {
  test('moves, replaces, and counts links', async () => {
    const [one, two] = [await dir(ROOT, 'one'), await dir(ROOT, 'two')];
    const node = await file(one, 'f', 'new');
    await file(two, 'g', 'old');
    await client.rename(one, 'f', two, 'g');
    expect(await names(one)).toEqual(['.', '..']);
    expect((await client.lookup(two, 'g')).nodeid).toBe(node);
    const sub = await dir(one, 'sub');
    await client.rename(one, 'sub', two, 'sub');
    expect([(await attr(one)).nlink, (await attr(two)).nlink]).toEqual([2, 3]);
    await client.rename(two, 'sub', one, 'sub');
    await client.rename(ROOT, 'two', ROOT, 'three');
    expect((await client.lookup(one, 'sub')).nodeid).toBe(sub);
    expect(await attr(ROOT)).toMatchObject({ nlink: 4 });
  });

  test('of two names of one inode does nothing', async () => {
    const node = await file(ROOT, 'a');
    await client.link(node, ROOT, 'b');
    await client.rename(ROOT, 'a', ROOT, 'b');
    expect(await names(ROOT)).toEqual(['.', '..', 'a', 'b']);
  });

  test('refuses what cannot be', async () => {
    const one = await dir(ROOT, 'one');
    const inner = await dir(one, 'inner');
    await file(ROOT, 'file');
    await fails(fuse.ENOENT, client.rename(ROOT, 'x', ROOT, 'y'));
    await fails(fuse.EINVAL, client.rename(ROOT, 'one', inner, 'x'), client.rename(ROOT, 'one', one, 'x'));
    await fails(fuse.ENOTEMPTY, client.rename(one, 'inner', ROOT, 'one'));
    await fails(fuse.EISDIR, client.rename(ROOT, 'file', ROOT, 'one'));
    await fails(fuse.ENOTDIR, client.rename(ROOT, 'one', ROOT, 'file'));
    const other = await dir(ROOT, 'other');
    await fails(fuse.ENOTEMPTY, client.rename(ROOT, 'other', ROOT, 'one'));
    await client.rename(one, 'inner', ROOT, 'other');
    expect((await client.lookup(ROOT, 'other')).nodeid).toBe(inner);
    await fails(fuse.ENOENT, client.rename(ROOT, 'file', other, 'file'));
  });

  test('with flags', async () => {
    const [a, b] = [await file(ROOT, 'a'), await file(ROOT, 'b')];
    const sub = await dir(ROOT, 'sub');
    const inner = await dir(sub, 'inner');
    await fails(fuse.EEXIST, client.rename(ROOT, 'a', ROOT, 'b', 1));
    await client.rename(ROOT, 'a', ROOT, 'b', 2);
    expect([(await client.lookup(ROOT, 'a')).nodeid, (await client.lookup(ROOT, 'b')).nodeid]).toEqual([
      b,
      a,
    ]);
    await client.rename(ROOT, 'a', sub, 'inner', 2);
    expect([(await client.lookup(ROOT, 'a')).nodeid, (await client.lookup(sub, 'inner')).nodeid]).toEqual([
      inner,
      b,
    ]);
    expect([(await attr(ROOT)).nlink, (await attr(sub)).nlink]).toEqual([4, 2]);
    await fails(fuse.ENOENT, client.rename(ROOT, 'b', ROOT, 'x', 2));
    await fails(fuse.EINVAL, client.rename(ROOT, 'b', ROOT, 'x', 3), client.rename(ROOT, 'b', ROOT, 'x', 8));
    await fails(fuse.EINVAL, client.rename(ROOT, 'sub', sub, 'inner', 2));
    await client.rename(ROOT, 'b', ROOT, 'moved', 4);
    expect((await client.lookup(ROOT, 'b')).attr).toMatchObject({ mode: 0o020000, rdev: 0 });
    expect((await client.lookup(ROOT, 'moved')).nodeid).toBe(a);
  });
});

describe('content', () => {
  test('is read and written anywhere', async () => {
    const node = await file(ROOT, 'f', 'hello world');
    await client.write(node, bytes('WORLD'), { offset: 6 });
    expect(await content(node)).toBe('hello WORLD');
    expect(text(await client.read(node, { offset: 6, size: 3 }))).toBe('WOR');
    expect((await client.read(node, { offset: 11, size: 3 })).length).toBe(0);
    expect((await client.read(node, { offset: 2n ** 63n - 1n, size: 3 })).length).toBe(0);
    await client.write(node, bytes('!'), { flags: 0o2001 });
    expect(await content(node)).toBe('hello WORLD!');
    const large = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251);
    await client.write(node, large, { offset: 4000 });
    expect(await client.read(node, { offset: 4000, size: 65536 })).toEqual(large);
    await fails(fuse.EFBIG, client.write(node, bytes('x'), { offset: 2n ** 63n - 1n }));
  });

  test('may have holes', async () => {
    const node = await file(ROOT, 'sparse');
    await client.write(node, bytes('end'), { offset: 2 ** 40 });
    expect(await attr(node)).toMatchObject({ size: 2 ** 40 + 3, blocks: 8 });
    expect(await client.read(node, { offset: 2 ** 40 - 2, size: 9 })).toEqual(
      new Uint8Array([0, 0, 101, 110, 100]),
    );
    expect(await client.lseek(node, { offset: 5, whence: 3 })).toBe(2 ** 40);
    expect(await client.lseek(node, { offset: 5, whence: 4 })).toBe(5);
    expect(await client.lseek(node, { offset: 2 ** 40, whence: 4 })).toBe(2 ** 40 + 3);
    await fails(fuse.ENXIO, client.lseek(node, { offset: 2 ** 40 + 3, whence: 3 }));
    await fails(fuse.ENXIO, client.lseek(node, { offset: 2n ** 63n - 1n, whence: 3 }));
    await client.fallocate(node, { mode: 3, offset: 2 ** 40 + 1, length: 1 });
    expect(text(await client.read(node, { offset: 2 ** 40, size: 9 }))).toBe('e\0d');
    await client.fallocate(node, { mode: 3, offset: 0, length: 2 ** 41 });
    expect(await attr(node)).toMatchObject({ size: 2 ** 40 + 3, blocks: 0 });
    await fails(fuse.ENXIO, client.lseek(node, { offset: 0, whence: 3 }));
  });

  test('is allocated in advance, as far as there is room', async () => {
    const node = await file(ROOT, 'f', 'x');
    await client.fallocate(node, { mode: 1, length: 8192 });
    expect(await attr(node)).toMatchObject({ size: 1, blocks: 16 });
    await client.fallocate(node, { length: 8000 });
    expect(await attr(node)).toMatchObject({ size: 8000 });
    await client.fallocate(node, { mode: 0x11, length: 4096 });
    expect(await content(node)).toBe('\0'.repeat(8000));
    await fails(fuse.ENOSPC, client.fallocate(node, { length: 1 << 21 }));
    await fails(fuse.ENOSPC, client.fallocate(node, { length: 2 ** 50 }));
    await fails(fuse.EFBIG, client.fallocate(node, { offset: 2n ** 63n - 1n, length: 1 }));
    await fails(fuse.EOPNOTSUPP, client.fallocate(node, { mode: 8, length: 1 }));
  });

  test('ends with the memory', async () => {
    const node = await file(ROOT, 'f');
    expect(await client.write(node, new Uint8Array(1 << 20))).toBe(1 << 20);
    await fails(fuse.ENOSPC, client.write(node, bytes('x'), { offset: 1 << 20 }));
    await client.setattr(node, { valid: fuse.FATTR_SIZE, size: 5000 });
    expect(await client.write(node, new Uint8Array(1 << 20), { offset: 5000 })).toBe((1 << 20) - 5000);
  });

  test('is truncated: what was cut off does not come back', async () => {
    const node = await file(ROOT, 'f', 'abcdef');
    await client.setattr(node, { valid: fuse.FATTR_SIZE, size: 3 });
    await client.setattr(node, { valid: fuse.FATTR_SIZE, size: 6 });
    expect(await content(node)).toBe('abc\0\0\0');
    await client.open(node, { flags: 0o1001 });
    expect(await attr(node)).toMatchObject({ size: 0, blocks: 0 });
    await fails(fuse.EISDIR, client.setattr(ROOT, { valid: fuse.FATTR_SIZE }), client.open(ROOT));
    await fails(fuse.EFBIG, client.setattr(node, { valid: fuse.FATTR_SIZE, size: 2n ** 63n }));
  });

  test('is copied without leaving the file system', async () => {
    const empty = await file(ROOT, 'empty', 'x');
    expect(await client.copy_file_range(empty, { nodeid_out: empty, len: 0 })).toBe(0);
    const [from, to] = [await file(ROOT, 'from', 'some text'), await file(ROOT, 'to', '--')];
    expect(await client.copy_file_range(from, { off_in: 5, nodeid_out: to, off_out: 1, len: 100 })).toBe(4);
    expect(await content(to)).toBe('-text');
    expect(await client.copy_file_range(from, { off_in: 2n ** 62n, nodeid_out: to, len: 100 })).toBe(0);
  });
});

describe('attributes', () => {
  test('times follow what happens', async () => {
    const node = await file(ROOT, 'f');
    const old = { atime: 10, atimensec: 1, mtime: 20, mtimensec: 2 };
    await client.setattr(node, { valid: fuse.FATTR_ATIME | fuse.FATTR_MTIME, ...old });
    expect(await attr(node)).toMatchObject(old);
    const seconds = Math.floor(Date.now() / 1000) - 1;
    await client.read(node, { size: 1 });
    expect(Number((await attr(node)).atime)).toBeGreaterThanOrEqual(seconds);
    expect((await attr(node)).mtime).toBe(20);
    await client.write(node, bytes('x'));
    expect(Number((await attr(node)).mtime)).toBeGreaterThanOrEqual(seconds);
    await client.setattr(node, { valid: fuse.FATTR_MTIME, mtime: 30 });
    await client.setattr(node, { valid: fuse.FATTR_MTIME_NOW | fuse.FATTR_ATIME_NOW });
    const { atime, mtime, ctime } = await attr(node);
    expect([atime, mtime]).toEqual([ctime, ctime]);
    await client.setattr(node, { valid: fuse.FATTR_CTIME, ctime: 5, ctimensec: 6 });
    expect(await attr(node)).toMatchObject({ ctime: 5, ctimensec: 6 });
  });

  test('times before 1970 and after the year 285 million are exact', async () => {
    const node = await file(ROOT, 'f');
    const times = { atime: -(2n ** 63n), mtime: 2n ** 53n + 1n };
    await client.setattr(node, { valid: fuse.FATTR_ATIME | fuse.FATTR_MTIME, ...times });
    expect(await attr(node)).toMatchObject(times);
  });

  test('owner and mode', async () => {
    const node = await file(ROOT, 'f');
    const { FATTR_MODE, FATTR_UID, FATTR_GID } = fuse;
    await client.setattr(node, {
      valid: FATTR_MODE | FATTR_UID | FATTR_GID,
      mode: 0o106755,
      uid: 1,
      gid: 0xffff_fffe,
    });
    expect(await attr(node)).toMatchObject({ mode: 0o106755, uid: 1, gid: 0xffff_fffe });
    await client.write(node, bytes('x'), { write_flags: fuse.FUSE_WRITE_KILL_SUIDGID });
    expect(await attr(node)).toMatchObject({ mode: 0o100755 });
  });

  test('a node made by MKNOD is no directory', async () => {
    await fails(fuse.EPERM, client.mknod(ROOT, 'd', { mode: 0o040755 }));
    await fails(fuse.EINVAL, client.mknod(ROOT, 'x', { mode: 0o170644 }));
    expect((await client.mknod(ROOT, 'f', { mode: 0o644 })).attr.mode).toBe(0o100644);
  });

  test('handles are given back to what they are of, once', async () => {
    const { fh } = await client.opendir(ROOT);
    await fails(fuse.EBADF, client.release(ROOT, { fh }));
    await client.releasedir(ROOT, { fh });
    await fails(fuse.EBADF, client.releasedir(ROOT, { fh }));
  });

  test('extended ones', async () => {
    const node = await file(ROOT, 'f');
    await client.setxattr(node, 'user.a', bytes('1'));
    await client.setxattr(node, 'user.a', bytes('2'), 2);
    await client.setxattr(node, 'user.empty', bytes(''), 1);
    await fails(fuse.EEXIST, client.setxattr(node, 'user.a', bytes('3'), 1));
    await fails(
      fuse.ENODATA,
      client.setxattr(node, 'user.b', bytes('3'), 2),
      client.getxattr(node, 'user.b', 9),
    );
    await fails(fuse.ENODATA, client.removexattr(node, 'user.b'));
    await fails(fuse.EOPNOTSUPP, client.setxattr(node, 'system.posix_acl_access', bytes('')));
    await fails(fuse.E2BIG, client.setxattr(node, 'user.b', new Uint8Array(65537)));
    expect(text(await client.getxattr(node, 'user.a', 0))).toBe('2');
    expect((await client.getxattr(node, 'user.empty', 0)).length).toBe(0);
    expect(await client.listxattr(node, 0)).toEqual(bytes(`user.a\0user.empty\0`));
    await client.removexattr(node, 'user.a');
    expect(await client.listxattr(node, 100)).toEqual(z('user.empty'));
  });
});

describe('what a peer may make it keep is limited', () => {
  beforeEach(async () => {
    fs = new MemoryFs({ capacity: 1 << 20, names: 20 });
    client = new fuse.FuseClient(fuse.connect(new fuse.Session(fs)));
    await client.init();
  });

  test('inodes and names, with and without each other', async () => {
    const node = await file(ROOT, 'f');
    const made: string[] = [];
    for (let i = 0; i < 50; i++) {
      await client.link(node, ROOT, `link${i}`).then(
        () => made.push(`link${i}`),
        (error) => expect(error.errno).toBe(fuse.ENOSPC),
      );
    }
    expect(made.length).toBeLessThan(20);
    await fails(
      fuse.ENOSPC,
      client.mkdir(ROOT, 'd', {}),
      client.tmpfile(ROOT, { mode: 0o600 }),
      client.rename(ROOT, 'f', ROOT, 'g', 4),
    );
    expect(await names(ROOT)).toContain('f');
    for (const name of made) await client.unlink(ROOT, name);
    await client.mkdir(ROOT, 'd', {});
    await client.rename(ROOT, 'f', ROOT, 'g', 4);
  });

  test('extended attributes', async () => {
    const free = async () => (await client.statfs(ROOT)).bfree;
    const before = await free();
    const node = await file(ROOT, 'f');
    const set = (name: string) => client.setxattr(node, `user.${name}`, new Uint8Array(60_000));
    for (let i = 0; i < 17; i++) await set(`x${i}`);
    await fails(fuse.ENOSPC, set('y'));
    await client.removexattr(node, 'user.x0');
    await set('y');
    await client.forget(node, 1);
    await client.unlink(ROOT, 'f');
    expect(await free()).toBe(before);
  });
});

describe('listing', () => {
  test('a large directory, completely and once', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `file-${i}`);
    for (const name of many) await client.mknod(ROOT, name, { mode: 0o100644 });
    expect(await names(ROOT)).toEqual(['.', '..', ...many]);
  });

  test('while it changes', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await file(ROOT, name);
    const { fh } = await client.opendir(ROOT);
    const first = await client.readdir(ROOT, { fh, size: 100 });
    expect(first.map(({ name }) => text(name))).toEqual(['.', '..', 'a']);
    await client.unlink(ROOT, 'b');
    await file(ROOT, 'e');
    const rest = await client.readdirplus(ROOT, { fh, offset: first.at(-1)!.off });
    expect(rest.map(({ name }) => text(name))).toEqual(['c', 'd']);
    const again = await client.readdirplus(ROOT, { fh });
    expect(again.map(({ name, entry }) => [text(name), Number(entry.nodeid) > 0])).toEqual([
      ['.', false],
      ['..', false],
      ['a', true],
      ['c', true],
      ['d', true],
      ['e', true],
    ]);
    await client.releasedir(ROOT, { fh });
    await fails(fuse.EBADF, client.readdir(ROOT, { fh }), client.releasedir(ROOT, { fh }));
  });
});
