import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {
  FATTR_ATIME,
  FATTR_ATIME_NOW,
  FATTR_GID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_MTIME_NOW,
  FATTR_SIZE,
  FATTR_UID,
} from '@vfs/fuse-proto';
import { O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { encodeDevice } from '../src/passthrough/attributes.js';
import { sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;

describe('GETATTR', () => {
  it('says what stat says', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'x'.repeat(5000));
    chmodSync(path('file'), 0o4751);
    const stat = statSync(path('file'), { bigint: true });
    const attr = await client.getattr(await client.walk('file'));
    expect(BigInt(attr.ino)).toBe(stat.ino);
    expect(BigInt(attr.size)).toBe(stat.size);
    expect(BigInt(attr.blocks)).toBe(stat.blocks);
    expect(BigInt(attr.mtime) * 1_000_000_000n + BigInt(attr.mtimensec)).toBe(stat.mtimeNs);
    expect(BigInt(attr.atime) * 1_000_000_000n + BigInt(attr.atimensec)).toBe(stat.atimeNs);
    expect(BigInt(attr.ctime) * 1_000_000_000n + BigInt(attr.ctimensec)).toBe(stat.ctimeNs);
    expect(attr).toMatchObject({
      mode: Number(stat.mode),
      nlink: 1,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      blksize: Number(stat.blksize),
      rdev: 0,
      flags: 0,
    });
  });

  it('is exact beyond 2^53 and before 1970', async () => {
    const { client, path } = await sharedDirectory({ parent: '/dev/shm' });
    const size = 2n ** 62n + 12_345n;
    writeFileSync(path('huge'), '');
    const id = await client.walk('huge');
    await client.setattr(id, { valid: FATTR_SIZE, size });
    expect((await client.getattr(id)).size).toBe(size);
    // Node's own utimes takes a negative time for "now".
    execFileSync('touch', ['-h', '-a', '-d', '@-1.5', path('huge')]);
    execFileSync('touch', ['-h', '-m', '-d', '@-86400', path('huge')]);
    const attr = await client.getattr(id);
    expect([attr.atime, attr.atimensec, attr.mtime]).toEqual([-2, 500_000_000, -86_400]);
  });

  it('knows the attributes of a file that has no name any more', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    unlinkSync(path('file'));
    expect(await client.getattr(id)).toMatchObject({ nlink: 0, size: 3 });
  });

  it('encodes device numbers as the kernel does', () => {
    expect(encodeDevice(0, 0)).toBe(0);
    expect(encodeDevice(1, 3)).toBe(0x103);
    expect(encodeDevice(8, 0x1_2345)).toBe(0x1230_0845);
    expect(encodeDevice(0xfff, 0xf_ffff)).toBe(0xffff_ffff);
  });
});

describe('SETATTR', () => {
  it('changes the mode, all twelve bits', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const id = await client.walk('file');
    for (const mode of [0o600, 0o7777, 0o4711, 0]) {
      const attr = await client.setattr(id, { valid: FATTR_MODE, mode: 0o100000 | mode });
      expect(attr.mode).toBe(0o100000 | mode);
      expect(statSync(path('file')).mode).toBe(0o100000 | mode);
    }
  });

  it('changes owner and mode as asked for in one request', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const id = await client.walk('file');
    const owner = isRoot
      ? { uid: 1234, gid: 0xffff_fffe }
      : { uid: process.getuid!(), gid: process.getgid!() };
    const change = { valid: FATTR_UID | FATTR_GID | FATTR_MODE, mode: 0o6755, ...owner };
    const attr = await client.setattr(id, change);
    expect(attr).toMatchObject({ ...owner, mode: 0o106755 });
    expect(await client.setattr(id, { valid: FATTR_GID, gid: process.getgid!() })).toMatchObject({
      uid: owner.uid,
      gid: process.getgid!(),
      mode: 0o100755,
    });
  });

  it('refuses ids that are nobody’s, which chown would take for "leave it"', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '', { mode: 0o755 });
    const file = await client.walk('file');
    chmodSync(path('file'), 0o6755);
    await expect(client.setattr(file, { valid: FATTR_UID, uid: 0xffff_ffff })).rejects.toThrow('EINVAL');
    await expect(client.setattr(file, { valid: FATTR_GID, gid: 0xffff_ffff })).rejects.toThrow('EINVAL');
    expect(statSync(path('file')).mode & 0o7777).toBe(0o6755);
  });

  it('truncates with and without a handle', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abcdef');
    const id = await client.walk('file');
    expect((await client.setattr(id, { valid: FATTR_SIZE, size: 4 })).size).toBe(4);
    const { fh } = await client.open(id, O_RDWR);
    expect((await client.truncate(id, fh, 2)).size).toBe(2);
    expect(readFileSync(path('file'), 'utf8')).toBe('ab');
    await expect(client.truncate(id, 99, 2)).rejects.toThrow('EBADF');
    await expect(client.setattr(id, { valid: FATTR_SIZE, size: 2n ** 63n })).rejects.toThrow('EINVAL');
  });

  it('truncates regular files only', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    await client.mknod(1, 'fifo', 0o010644);
    const change = { valid: FATTR_SIZE, size: 0 };
    await expect(client.setattr(await client.walk('dir'), change)).rejects.toThrow('EISDIR');
    await expect(client.setattr(await client.walk('fifo'), change)).rejects.toThrow('EINVAL');
  });

  it('sets times: given, now, or not at all', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const id = await client.walk('file');
    let attr = await client.setattr(id, {
      valid: FATTR_ATIME | FATTR_MTIME,
      atime: -7,
      atimensec: 999_999_999,
      mtime: 4_000_000_000,
      mtimensec: 1,
    });
    expect([attr.atime, attr.atimensec, attr.mtime, attr.mtimensec]).toEqual([-7, 999_999_999, 4e9, 1]);
    attr = await client.setattr(id, { valid: FATTR_MTIME | FATTR_MTIME_NOW });
    expect(attr.atime).toBe(-7);
    expect(Math.abs(Number(attr.mtime) - Date.now() / 1000)).toBeLessThan(10);
    attr = await client.setattr(id, { valid: FATTR_ATIME | FATTR_ATIME_NOW });
    expect(Math.abs(Number(attr.atime) - Date.now() / 1000)).toBeLessThan(10);
  });

  it('sets the times given after those that truncation sets', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    const attr = await client.setattr(id, { valid: FATTR_SIZE | FATTR_MTIME, size: 0, mtime: 5 });
    expect([attr.size, attr.mtime]).toEqual([0, 5]);
  });

  it('changes a symbolic link and never what it points to', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('target'), '');
    utimesSync(path('target'), 100, 100);
    symlinkSync('target', path('link'));
    lutimesSync(path('link'), 200, 200);
    const id = await client.walk('link');
    await client.setattr(id, { valid: FATTR_MTIME, mtime: 300 });
    expect(lstatSync(path('link')).mtimeMs).toBe(300_000);
    expect(statSync(path('target')).mtimeMs).toBe(100_000);
  });

  it('works on a file that is open but has no name any more', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abcdef');
    const id = await client.walk('file');
    unlinkSync(path('file'));
    const change = { valid: FATTR_MODE | FATTR_SIZE | FATTR_MTIME, mode: 0o640, size: 3, mtime: 9 };
    expect(await client.setattr(id, change)).toMatchObject({ mode: 0o100640, size: 3, mtime: 9 });
  });

  it('answers for nodes it does not know', async () => {
    const { client } = await sharedDirectory();
    await expect(client.setattr(99, { valid: FATTR_MODE, mode: 0 })).rejects.toThrow('ESTALE');
    await expect(client.getattr(99)).rejects.toThrow('ESTALE');
  });
});

describe('STATFS', () => {
  it('says what statfs says', async () => {
    const { client, path } = await sharedDirectory({ parent: '/dev/shm' });
    const file = openSync(path('file'), 'w');
    ftruncateSync(file, 10);
    closeSync(file);
    const host = statfsSync(path());
    const reply = await client.statfs(1);
    expect(reply).toMatchObject({ blocks: host.blocks, files: host.files, bsize: host.bsize, namelen: 255 });
    expect(reply.frsize).toBe(host.bsize);
    expect(Math.abs(Number(reply.bfree) - host.bfree)).toBeLessThan(10_000);
    await expect(client.statfs(99)).rejects.toThrow('ESTALE');
  });
});
