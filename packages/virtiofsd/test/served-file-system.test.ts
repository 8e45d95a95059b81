import {
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { FATTR_GID, FATTR_MODE, FATTR_UID } from '@vfs/fuse-proto';
import {
  EPERM,
  FS_NODUMP_FL,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  RENAME_WHITEOUT,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const FS_IOC_SETFLAGS = 0x4008_6602;

describe('a read-only share', () => {
  async function readOnlyShare() {
    const fixture = await sharedDirectory({
      serving: { readOnly: true, settings: { xattr: true, writeback: true } },
    });
    const { path } = fixture;
    writeFileSync(path('file'), 'text');
    mkdirSync(path('directory'));
    symlinkSync('target', path('link'));
    return fixture;
  }

  it('refuses every change, and nothing changes', async () => {
    const { client, path } = await readOnlyShare();
    const before = lstatSync(path('file'));
    const file = await client.walk('file');
    const { fh } = await client.open(file, O_RDONLY);
    const changes: Promise<unknown>[] = [
      client.setattr(file, { valid: FATTR_MODE, mode: 0o600 }),
      client.truncate(file, fh, 0),
      client.symlink(1, 'new', 'target'),
      client.mknod(1, 'new', 0o100644),
      client.mkdir(1, 'new'),
      client.unlink(1, 'file'),
      client.rmdir(1, 'directory'),
      client.rename(1, 'file', 1, 'new'),
      client.rename(1, 'file', 1, 'new', 1),
      client.link(file, 1, 'new'),
      client.create(1, 'new', O_RDWR | O_CREAT),
      client.open(file, O_WRONLY),
      client.open(file, O_RDWR),
      client.open(file, O_RDONLY | O_TRUNC),
      client.create(1, 'file', O_WRONLY | O_CREAT),
      client.create(1, 'file', O_RDONLY | O_CREAT | O_TRUNC),
      client.write(file, fh, 0, 'other'),
      client.fallocate(file, fh, 0, 0, 100),
      client.setxattr(file, 'user.a', 'x'),
      client.removexattr(file, 'user.a'),
    ];
    for (const change of changes) await expect(change).rejects.toThrow('EROFS');
    expect(readFileSync(path('file'), 'utf8')).toBe('text');
    expect(lstatSync(path('file'))).toMatchObject({ mode: before.mode, ctimeMs: before.ctimeMs, nlink: 1 });
  });

  it('shows everything', async () => {
    const { client, path } = await readOnlyShare();
    const file = await client.walk('file');
    const { fh } = await client.open(file, O_RDONLY);
    expect((await client.read(file, fh, 0, 10)).toString()).toBe('text');
    expect(await client.readlink(await client.walk('link'))).toBe(readlinkSync(path('link')));
    expect((await client.list(1, 'readdirplus')).map(({ name }) => name).sort()).toEqual([
      '.',
      '..',
      'directory',
      'file',
      'link',
    ]);
    await client.fsync(file, fh);
    await client.flush(file, fh);
    expect(await client.listxattr(file)).toEqual([]);
  });

  it('opens by CREATE what is there, for reading', async () => {
    const { client, share } = await readOnlyShare();
    const { nodeid, fh } = await client.create(1, 'file', O_RDONLY | O_CREAT);
    expect((await client.read(nodeid, fh, 0, 10)).toString()).toBe('text');
    await expect(client.create(1, 'file', O_RDONLY | O_CREAT | O_EXCL)).rejects.toThrow('EEXIST');
    await client.release(nodeid, fh);
    // The lookups of attempts that failed are taken back.
    await client.forget(nodeid);
    expect(share.nodes.size).toBe(1);
  });

  it('lets the guest keep no writes back', async () => {
    const { share } = await readOnlyShare();
    expect(share.settings.writeback).toBe(false);
    expect(share.agreed.writeback).toBe(false);
  });
});

describe.runIf(isRoot)('a share with other ids', () => {
  const serving = {
    translateUid: ['map:0:100000:1000', 'squash-host:0:65534:1000', 'forbid-guest:5000:1'],
    translateGid: ['map:0:200000:1000', 'forbid-guest:5000:1'],
  };

  async function shareOfOthers() {
    const fixture = await sharedDirectory({ serving });
    lchownSync(fixture.directory, 100000, 200000);
    return fixture;
  }

  it('belongs to the users that the guest believes in', async () => {
    const { client, path } = await shareOfOthers();
    expect(await client.getattr(1)).toMatchObject({ uid: 0, gid: 0 });
    Object.assign(client, { uid: 0, gid: 0 });
    const made = [
      await client.mkdir(1, 'directory'),
      await client.mknod(1, 'fifo', 0o010644),
      await client.symlink(1, 'link', 'target'),
      await client.create(1, 'file', O_RDWR | O_CREAT),
    ];
    for (const { attr } of made) expect(attr).toMatchObject({ uid: 0, gid: 0 });
    for (const name of ['directory', 'fifo', 'link', 'file']) {
      expect(lstatSync(path(name)), name).toMatchObject({ uid: 100000, gid: 200000 });
    }
    const { entry } = (await client.list(1, 'readdirplus')).find(({ name }) => name === 'link')!;
    expect(entry!.attr).toMatchObject({ uid: 0, gid: 0 });
  });

  it('can be given to users of the guest', async () => {
    const { client, path } = await shareOfOthers();
    writeFileSync(path('file'), '');
    const file = await client.walk('file');
    expect(await client.getattr(file)).toMatchObject({ uid: 65534, gid: 0 });
    const both = FATTR_UID | FATTR_GID;
    expect(await client.setattr(file, { valid: both, uid: 7, gid: 8 })).toMatchObject({ uid: 7, gid: 8 });
    expect(lstatSync(path('file'))).toMatchObject({ uid: 100007, gid: 200008 });
    expect(await client.setattr(file, { valid: FATTR_UID, uid: 2000 })).toMatchObject({ uid: 2000, gid: 8 });
    expect(lstatSync(path('file'))).toMatchObject({ uid: 2000, gid: 200008 });
  });

  it('has nothing of a user who is forbidden', async () => {
    const { client, path } = await shareOfOthers();
    writeFileSync(path('file'), '');
    const file = await client.walk('file');
    for (const who of [
      { uid: 5000, gid: 0 },
      { uid: 0, gid: 5000 },
    ]) {
      Object.assign(client, who);
      await expect(client.mkdir(1, 'new')).rejects.toThrow('EPERM');
      await expect(client.create(1, 'new', O_CREAT)).rejects.toThrow('EPERM');
      await expect(client.symlink(1, 'new', 'target')).rejects.toThrow('EPERM');
    }
    await expect(client.setattr(file, { valid: FATTR_UID, uid: 5000 })).rejects.toThrow('EPERM');
    await expect(client.setattr(file, { valid: FATTR_GID, gid: 5000 })).rejects.toThrow('EPERM');
    // Leaving it as it is, which the request would mean, is not what it asks for.
    await expect(client.setattr(file, { valid: FATTR_UID, uid: 2 ** 32 - 1 })).rejects.toThrow('EINVAL');
    expect((await client.list(1)).map(({ name }) => name)).not.toContain('new');
  });

  it('gets whiteouts from users that the host knows, and none from a user who is forbidden', async () => {
    const { client, path } = await shareOfOthers();
    for (const name of ['a', 'b']) writeFileSync(path(name), '');
    Object.assign(client, { uid: 7, gid: 8 });
    await client.rename(1, 'a', 1, 'c', RENAME_WHITEOUT);
    expect(lstatSync(path('a'))).toMatchObject({ uid: 100007, gid: 200008 });
    Object.assign(client, { uid: 5000, gid: 0 });
    await expect(client.rename(1, 'b', 1, 'd', RENAME_WHITEOUT)).rejects.toThrow('EPERM');
    // Which creates nothing.
    await client.rename(1, 'b', 1, 'd');
  });

  it('has flags of files that root of the guest may set, and others of their own files', async () => {
    const { client, path } = await shareOfOthers();
    writeFileSync(path('file'), '');
    lchownSync(path('file'), 100007, 200007);
    const file = await client.walk('file');
    const { fh } = await client.open(file);
    const setFlags = (uid: number) => {
      client.fuse.credentials = { uid, gid: uid };
      const input = { fh, cmd: FS_IOC_SETFLAGS, out_size: 0 };
      return client.fuse.ioctl(file, input, new Uint8Array(Uint32Array.of(FS_NODUMP_FL).buffer));
    };
    await setFlags(0);
    await setFlags(7);
    await expect(setFlags(8)).rejects.toMatchObject({ errno: EPERM });
    await expect(setFlags(5000)).rejects.toMatchObject({ errno: EPERM });
  });

  it('is still read-only if that is wanted, too', async () => {
    const { client } = await sharedDirectory({ serving: { ...serving, readOnly: true } });
    await expect(client.mkdir(1, 'new')).rejects.toThrow('EROFS');
    expect(await client.getattr(1)).toMatchObject({ uid: 65534, gid: 0 });
  });
});

it('rules for extended attributes that leave something open are told to the administrator', async () => {
  const { messages } = await sharedDirectory({ serving: { xattrMap: ':ok:server::user.:' } });
  const warnings = messages.filter((line) => line.includes('WARN'));
  expect(warnings).toEqual([
    expect.stringContaining('nothing about some names that the guest may use, which are refused'),
    expect.stringContaining(
      'nothing about some names of the host, which are hidden: end them with :ok:all:::',
    ),
  ]);
});
