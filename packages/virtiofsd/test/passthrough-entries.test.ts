import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  S_IFMT,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;

describe('MKDIR, MKNOD, SYMLINK', () => {
  it('create with the mode given, for the guest has applied its umask', async () => {
    const { client, path } = await sharedDirectory();
    expect((await client.mkdir(1, 'dir', 0o1777)).attr.mode).toBe(0o041777);
    expect((await client.mknod(1, 'file', 0o100666)).attr.mode).toBe(0o100666);
    expect((await client.mknod(1, 'fifo', 0o010777)).attr.mode).toBe(0o010777);
    expect((await client.mknod(1, 'socket', 0o140700)).attr.mode).toBe(0o140700);
    expect((await client.symlink(1, 'link', 'to/some where/grün')).attr.mode & S_IFMT).toBe(0o120000);
    expect(readlinkSync(path('link'))).toBe('to/some where/grün');
    expect(statSync(path('dir')).mode).toBe(0o041777);
  });

  it('make devices with their numbers, where that is allowed', async () => {
    const { client } = await sharedDirectory();
    const device = client.mknod(1, 'device', 0o020600, 0x1230_0845).catch((error: Error) => error.message);
    if (isRoot) expect(await device).toMatchObject({ attr: { mode: 0o020600, rdev: 0x1230_0845 } });
    else expect(await device).toBe('EPERM');
  });

  it('refuse what exists', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('x'), '');
    await expect(client.mkdir(1, 'x')).rejects.toThrow('EEXIST');
    await expect(client.mknod(1, 'x', 0o100644)).rejects.toThrow('EEXIST');
    await expect(client.symlink(1, 'x', 'y')).rejects.toThrow('EEXIST');
    await expect(client.mkdir(99, 'y')).rejects.toThrow('ESTALE');
  });
});

describe('READLINK', () => {
  it('gives the content, up to the longest', async () => {
    const { client, path } = await sharedDirectory();
    const long = 'x'.repeat(4000);
    symlinkSync(long, path('long'));
    expect(await client.readlink(await client.walk('long'))).toBe(long);
    writeFileSync(path('file'), '');
    await expect(client.readlink(await client.walk('file'))).rejects.toThrow('EINVAL');
    await expect(client.readlink(99)).rejects.toThrow('ESTALE');
  });
});

describe('CREATE', () => {
  it('creates and opens in one step', async () => {
    const { client, path } = await sharedDirectory();
    const { nodeid, fh, attr } = await client.create(1, 'new', O_WRONLY | O_CREAT | O_EXCL, 0o640);
    expect(attr).toMatchObject({ mode: 0o100640, size: 0 });
    await client.write(nodeid, fh, 0, 'hello');
    expect(readFileSync(path('new'), 'utf8')).toBe('hello');
    expect(await client.walk('new')).toBe(nodeid);
  });

  it('may open for writing what nobody may write', async () => {
    const { client, path } = await sharedDirectory();
    const { nodeid, fh } = await client.create(1, 'new', O_WRONLY | O_CREAT, 0);
    await client.write(nodeid, fh, 0, 'x');
    expect(statSync(path('new'))).toMatchObject({ mode: 0o100000, size: 1 });
  });

  it('opens what has appeared there meanwhile, unless it must be new', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'old');
    await expect(client.create(1, 'file', O_RDWR | O_CREAT | O_EXCL)).rejects.toThrow('EEXIST');
    const { nodeid, fh, attr } = await client.create(1, 'file', O_RDWR | O_CREAT);
    expect(attr.size).toBe(3);
    expect((await client.read(nodeid, fh, 0, 10)).toString()).toBe('old');
    const truncated = await client.create(1, 'file', O_RDWR | O_CREAT | O_TRUNC);
    expect(truncated.nodeid).toBe(nodeid);
    expect(truncated.attr.size).toBe(0);
  });

  it('follows no link, opens no fifo, and leaves no reference behind', async () => {
    const { client, path, share } = await sharedDirectory();
    symlinkSync(path('elsewhere'), path('link'));
    symlinkSync('/etc/passwd', path('passwd'));
    await client.forget((await client.mknod(1, 'fifo', 0o010666)).nodeid);
    mkdirSync(path('dir'));
    for (const name of ['link', 'passwd', 'fifo', 'dir']) {
      await expect(client.create(1, name, O_RDWR | O_CREAT)).rejects.toThrow('ESTALE');
      await expect(client.create(1, name, O_RDWR | O_CREAT | O_EXCL)).rejects.toThrow('EEXIST');
    }
    expect(existsSync(path('elsewhere'))).toBe(false);
    expect(share.nodes.size).toBe(1);
    expect(share.handles.size).toBe(0);
  });

  it('creates nothing that it could not open', async () => {
    for (const descriptorBudget of [0, 1]) {
      const { client, path, share } = await sharedDirectory({ share: { descriptorBudget } });
      await expect(client.create(1, 'new', O_RDWR | O_CREAT)).rejects.toThrow('ENFILE');
      expect(readdirSync(path())).toEqual([]);
      expect(share.budget.left).toBe(descriptorBudget);
    }
  });

  it('refuses to create a directory, which some kernels would take for a file', async () => {
    const { client, path } = await sharedDirectory();
    const flags = O_RDWR | O_CREAT | O_DIRECTORY;
    await expect(client.create(1, 'new', flags)).rejects.toThrow('EINVAL');
    await expect(client.create(1, 'new', flags | O_TMPFILE)).rejects.toThrow('EINVAL');
    expect(readdirSync(path())).toEqual([]);
  });

  it('fails where nothing can be created', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    await expect(client.create(await client.walk('file'), 'x', O_CREAT)).rejects.toThrow('ENOTDIR');
    await expect(client.create(99, 'x', O_CREAT)).rejects.toThrow('ESTALE');
  });
});

describe('UNLINK and RMDIR', () => {
  it('remove what they are for and nothing else', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    mkdirSync(path('dir'));
    mkdirSync(path('full'));
    writeFileSync(path('full', 'x'), '');
    symlinkSync('dir', path('link'));
    await expect(client.unlink(1, 'dir')).rejects.toThrow('EISDIR');
    await expect(client.rmdir(1, 'file')).rejects.toThrow('ENOTDIR');
    await expect(client.rmdir(1, 'full')).rejects.toThrow('ENOTEMPTY');
    await expect(client.rmdir(1, 'link')).rejects.toThrow('ENOTDIR');
    await expect(client.unlink(1, 'none')).rejects.toThrow('ENOENT');
    await expect(client.unlink(99, 'file')).rejects.toThrow('ESTALE');
    await client.unlink(1, 'file');
    await client.unlink(1, 'link');
    await client.rmdir(1, 'dir');
    expect(readdirSync(path())).toEqual(['full']);
  });

  it('leave a node that is known, to be looked at until it is forgotten', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('a'), '');
    linkSync(path('a'), path('b'));
    const id = await client.walk('a');
    await client.unlink(1, 'a');
    expect((await client.getattr(id)).nlink).toBe(1);
    await client.unlink(1, 'b');
    expect((await client.getattr(id)).nlink).toBe(0);
  });
});

describe('RENAME and RENAME2', () => {
  it('move within and between directories, and replace', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    writeFileSync(path('a'), 'a');
    writeFileSync(path('b'), 'b');
    const id = await client.walk('a');
    const dir = await client.walk('dir');
    await client.rename(1, 'a', dir, 'moved');
    expect(await client.walk('dir', 'moved')).toBe(id);
    await client.rename(dir, 'moved', 1, 'b');
    expect(readFileSync(path('b'), 'utf8')).toBe('a');
    expect(readdirSync(path()).sort()).toEqual(['b', 'dir']);
    await expect(client.rename(1, 'none', 1, 'x')).rejects.toThrow('ENOENT');
    await expect(client.rename(1, 'dir', dir, 'x')).rejects.toThrow('EINVAL');
    await expect(client.rename(99, 'b', 1, 'x')).rejects.toThrow('ESTALE');
    await expect(client.rename(1, 'b', 99, 'x')).rejects.toThrow('ESTALE');
  });

  it('exchange, or do not replace, and refuse other flags', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('a'), 'a');
    writeFileSync(path('b'), 'b');
    await expect(client.rename(1, 'a', 1, 'b', RENAME_NOREPLACE)).rejects.toThrow('EEXIST');
    await client.rename(1, 'a', 1, 'b', RENAME_EXCHANGE);
    expect(readFileSync(path('a'), 'utf8') + readFileSync(path('b'), 'utf8')).toBe('ba');
    await client.rename(1, 'a', 1, 'c', RENAME_NOREPLACE);
    expect(readdirSync(path()).sort()).toEqual(['b', 'c']);
    await expect(client.rename(1, 'b', 1, 'd', 0x80)).rejects.toThrow('EINVAL');
    await expect(client.rename(1, 'b', 1, 'd', RENAME_EXCHANGE)).rejects.toThrow('ENOENT');
  });
});

describe('LINK', () => {
  it('gives a file a second name, also after the first is gone', async () => {
    const { client, path, share } = await sharedDirectory();
    writeFileSync(path('a'), 'content');
    const id = await client.walk('a');
    const link = await client.link(id, 1, 'b');
    expect(link).toMatchObject({ nodeid: id, attr: { nlink: 2 } });
    expect(share.nodes.referencesOf(share.nodes.slotOf(Number(id)))).toBe(2);
    await client.unlink(1, 'a');
    await client.link(id, 1, 'c');
    expect(readFileSync(path('c'), 'utf8')).toBe('content');
  });

  it('links a symbolic link itself', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('target'), '');
    symlinkSync('target', path('link'));
    await client.link(await client.walk('link'), 1, 'second');
    expect(lstatSync(path('second')).isSymbolicLink()).toBe(true);
    expect(lstatSync(path('second')).ino).toBe(lstatSync(path('link')).ino);
  });

  it('fails as link does', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('a'), '');
    mkdirSync(path('dir'));
    const id = await client.walk('a');
    await expect(client.link(id, 1, 'a')).rejects.toThrow('EEXIST');
    await expect(client.link(await client.walk('dir'), 1, 'x')).rejects.toThrow('EPERM');
    await expect(client.link(99, 1, 'x')).rejects.toThrow('ESTALE');
    await expect(client.link(id, 99, 'x')).rejects.toThrow('ESTALE');
    await client.unlink(1, 'a');
    await expect(client.link(id, 1, 'x')).rejects.toThrow('ENOENT');
  });
});
