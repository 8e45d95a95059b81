import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUSE_LOOKUP } from '@vfs/fuse-proto';
import { S_IFDIR, S_IFLNK, S_IFMT } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory, temporaryDirectory } from './support/fixture.js';

const openDescriptors = () => readdirSync('/proc/self/fd').length;

describe('LOOKUP', () => {
  it('describes a file, and gives the same id as long as it is known', async () => {
    const { client, path, share } = await sharedDirectory();
    writeFileSync(path('file'), 'hello');
    const first = await client.lookup(1, 'file');
    expect(first).toMatchObject({
      generation: 0,
      entry_valid: 1,
      attr_valid: 1,
      attr: { size: 5, nlink: 1 },
    });
    const second = await client.lookup(1, 'file');
    expect(second.nodeid).toBe(first.nodeid);
    expect(share.nodes.referencesOf(share.nodes.slotOf(Number(first.nodeid)))).toBe(2);
  });

  it('knows a file by what it is, not by its name', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('a'), '');
    const { nodeid } = await client.lookup(1, 'a');
    renameSync(path('a'), path('b'));
    writeFileSync(path('a'), 'another');
    expect((await client.lookup(1, 'b')).nodeid).toBe(nodeid);
    expect((await client.lookup(1, 'a')).nodeid).not.toBe(nodeid);
  });

  it('describes a symbolic link itself', async () => {
    const { client, path } = await sharedDirectory();
    symlinkSync('/etc/passwd', path('link'));
    const { attr } = await client.lookup(1, 'link');
    expect(attr.mode & S_IFMT).toBe(S_IFLNK);
  });

  it('finds names with spaces, in UTF-8, and that are not text', async () => {
    const { client, path } = await sharedDirectory();
    const notText = Buffer.from([0x66, 0xff, 0xfe]);
    writeFileSync(path('a b'), '');
    writeFileSync(path('grüße'), '');
    writeFileSync(Buffer.concat([Buffer.from(`${path()}/`), notText]), '');
    await client.lookup(1, 'a b');
    await client.lookup(1, 'grüße');
    await client.lookup(1, notText);
  });

  it('answers for what is not there', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    await expect(client.lookup(1, 'none')).rejects.toThrow('ENOENT');
    await expect(client.lookup(await client.walk('file'), 'x')).rejects.toThrow('ENOTDIR');
    await expect(client.lookup(77, 'x')).rejects.toThrow('ESTALE');
    await expect(client.lookup(2n ** 63n, 'x')).rejects.toThrow('ESTALE');
    await expect(client.lookup(1, 'n'.repeat(256))).rejects.toThrow('ENAMETOOLONG');
  });
});

describe('no name leads out of the shared folder', () => {
  it.each(['..', '.', '../secret', '/etc/passwd', 'sub/file', 'sub/../..', '../', '/'])(
    '%j',
    async (name) => {
      const outside = temporaryDirectory();
      writeFileSync(join(outside, 'secret'), 'secret');
      const { client, path } = await sharedDirectory({ parent: outside });
      mkdirSync(path('sub'));
      writeFileSync(path('sub', 'file'), '');
      const before = readdirSync(outside);
      await expect(client.lookup(1, name)).rejects.toThrow('EINVAL');
      await expect(client.mkdir(1, name)).rejects.toThrow('EINVAL');
      await expect(client.mknod(1, name, 0o100644)).rejects.toThrow('EINVAL');
      await expect(client.create(1, name, 0)).rejects.toThrow('EINVAL');
      await expect(client.symlink(1, name, 'target')).rejects.toThrow('EINVAL');
      await expect(client.unlink(1, name)).rejects.toThrow('EINVAL');
      await expect(client.rmdir(1, name)).rejects.toThrow('EINVAL');
      await expect(client.rename(1, name, 1, 'x')).rejects.toThrow('EINVAL');
      await expect(client.rename(1, 'sub', 1, name)).rejects.toThrow('EINVAL');
      await expect(client.rename(1, 'sub', 1, name, 1)).rejects.toThrow('EINVAL');
      await expect(client.link(await client.walk('sub', 'file'), 1, name)).rejects.toThrow('EINVAL');
      expect(readdirSync(outside)).toEqual(before);
      expect(readdirSync(path())).toEqual(['sub']);
    },
  );

  it('nor does a name that hides something behind a NUL', async () => {
    const { client } = await sharedDirectory();
    await expect(client.call(FUSE_LOOKUP, 1, [Buffer.from('..\0..\0')])).rejects.toThrow('EINVAL');
    await expect(client.call(FUSE_LOOKUP, 1, [Buffer.from('\0')])).rejects.toThrow('EINVAL');
  });

  it('nor a link that replaces a directory between two requests', async () => {
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret'), 'secret');
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    const dir = await client.walk('dir');
    rmSync(path('dir'), { recursive: true });
    symlinkSync(outside, path('dir'));
    await expect(client.lookup(dir, 'secret')).rejects.toThrow('ENOENT');
    const link = await client.lookup(1, 'dir');
    expect(link.nodeid).not.toBe(dir);
    await expect(client.lookup(link.nodeid, 'secret')).rejects.toThrow('ENOTDIR');
    await expect(client.opendir(link.nodeid)).rejects.toThrow('ENOTDIR');
    await expect(client.open(link.nodeid)).rejects.toThrow('EBADF');
    await expect(client.create(link.nodeid, 'x', 0)).rejects.toThrow('ENOTDIR');
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  it('nor a link that somebody puts in the place of files all the time', async () => {
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret'), 'secret');
    const { client, path } = await sharedDirectory();
    let swaps = 0;
    for (; swaps < 200; swaps++) {
      rmSync(path('x'), { recursive: true, force: true });
      if (swaps % 3 === 0) writeFileSync(path('x'), 'inside');
      else if (swaps % 3 === 1) symlinkSync(join(outside, 'secret'), path('x'));
      else mkdirSync(path('x'));
      const { nodeid, attr } = await client.lookup(1, 'x');
      if (swaps % 2) unlinkOrRemove(path('x'), (attr.mode & S_IFMT) === S_IFDIR);
      try {
        const { fh } = await client.open(nodeid);
        expect((await client.read(nodeid, fh, 0, 100)).toString()).toBe('inside');
        await client.release(nodeid, fh);
      } catch (error) {
        expect((error as Error).message).toMatch(/EBADF|EISDIR/);
      }
      await client.forget(nodeid);
    }
  });
});

function unlinkOrRemove(path: string, isDirectory: boolean): void {
  if (isDirectory) rmSync(path, { recursive: true });
  else unlinkSync(path);
}

describe('FORGET', () => {
  it('closes a node with its last reference, and makes its id stale', async () => {
    const { client, path, share } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const before = openDescriptors();
    const { nodeid } = await client.lookup(1, 'file');
    await client.lookup(1, 'file');
    await client.lookup(1, 'file');
    expect(openDescriptors()).toBe(before + 1);
    await client.forget(nodeid, 2);
    await client.getattr(nodeid);
    await client.forget(nodeid);
    expect(openDescriptors()).toBe(before);
    await expect(client.getattr(nodeid)).rejects.toThrow('ESTALE');
    const again = await client.lookup(1, 'file');
    expect(again.nodeid).not.toBe(nodeid);
    await expect(client.getattr(nodeid)).rejects.toThrow('ESTALE');
    expect(share.nodes.size).toBe(2);
  });

  it('never takes the root', async () => {
    const { client } = await sharedDirectory();
    await client.forget(1, 2n ** 64n - 1n);
    await client.batchForget([1, 2n ** 64n - 1n], [1, 5]);
    await client.getattr(1);
  });

  it('survives a storm of lookups and forgets with exact counts', async () => {
    const { client, path, share } = await sharedDirectory();
    const before = openDescriptors();
    for (let i = 0; i < 50; i++) writeFileSync(path(`f${i}`), '');
    const ids: [number, number][] = [];
    for (let i = 0; i < 50; i++) {
      for (let n = 0; n <= i; n++) {
        const { nodeid } = await client.lookup(1, `f${i}`);
        ids[i] = [Number(nodeid), n + 1];
      }
    }
    expect(share.nodes.size).toBe(51);
    await client.batchForget(...ids.map(([id, count]): [number, number] => [id, count - 1]));
    expect(share.nodes.size).toBe(51);
    await client.batchForget(...ids.map(([id]): [number, number] => [id, 1]));
    expect(share.nodes.size).toBe(1);
    expect(openDescriptors()).toBe(before);
  });

  it('leaves a handle usable that is still open', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'data');
    const { nodeid } = await client.lookup(1, 'file');
    const { fh } = await client.open(nodeid);
    await client.forget(nodeid);
    expect((await client.read(nodeid, fh, 0, 10)).toString()).toBe('data');
    await client.release(nodeid, fh);
  });
});

describe('the end of a session', () => {
  it.each(['DESTROY', 'INIT'])('%s closes all nodes and handles', async (how) => {
    const { client, path, share } = await sharedDirectory();
    mkdirSync(path('dir'));
    writeFileSync(path('dir', 'file'), '');
    const before = openDescriptors();
    const file = await client.walk('dir', 'file');
    const { fh } = await client.open(file);
    await client.opendir(1);
    await client.readdir(1, await client.opendir(1), 0, 64);
    expect(openDescriptors()).toBe(before + 5);
    if (how === 'DESTROY') await client.destroy();
    await client.init();
    expect(openDescriptors()).toBe(before);
    expect(share.handles.size).toBe(0);
    expect(share.chunks.lent).toBe(0);
    await expect(client.getattr(file)).rejects.toThrow('ESTALE');
    await expect(client.read(file, fh, 0, 1)).rejects.toThrow('EBADF');
    await client.getattr(1);
  });
});

describe('the budget of descriptors', () => {
  it('is answered with ENFILE when open files use it up, reported once, and returned by FORGET and RELEASE', async () => {
    const { client, path, messages } = await sharedDirectory({ share: { descriptorBudget: 3 } });
    for (const name of ['a', 'b', 'c']) writeFileSync(path(name), '');
    const a = await client.walk('a');
    const b = await client.walk('b');
    const { fh } = await client.open(a);
    await expect(client.open(a)).rejects.toThrow('ENFILE');
    await expect(client.create(1, 'new', 0)).rejects.toThrow('ENFILE');
    await expect(client.opendir(1)).rejects.toThrow('ENFILE');
    const c = await client.walk('c');
    await expect(client.getattr(c)).rejects.toThrow('ENFILE');
    await client.forget(b);
    await client.getattr(c);
    await client.release(a, fh);
    await client.open(c);
    expect(messages.filter((line) => line.includes('uses all 3 descriptors'))).toHaveLength(1);
  });
});
