import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { U64 } from '@vfs/fuse-proto';
import { DT_DIR, DT_LNK, DT_REG } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name).sort();
const dots = ['.', '..'];

/** Fills a directory quickly; the names are e0 to e<count − 1>. */
function fill(directory: string, count: number): string[] {
  execFileSync('sh', ['-c', `seq -f e%.0f 0 ${count - 1} | xargs touch`], { cwd: directory });
  return Array.from({ length: count }, (_, i) => `e${i}`);
}

describe.each(['readdir', 'readdirplus'] as const)('%s', (how) => {
  it('lists names, inode numbers and types', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    writeFileSync(path('file'), '');
    symlinkSync('x', path('link'));
    writeFileSync(path('grüße und so'), '');
    const entries = await client.list(1, how);
    expect(names(entries)).toEqual([...dots, 'dir', 'file', 'grüße und so', 'link'].sort());
    for (const { name, ino, type } of entries) {
      const expected = { '.': DT_DIR, '..': DT_DIR, dir: DT_DIR, link: DT_LNK }[name] ?? DT_REG;
      expect([name, type]).toEqual([name, expected]);
      expect(ino).toBe(lstatSync(name === '..' ? path() : path(name)).ino);
    }
  });

  it('lists an empty directory', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('empty'));
    expect(names(await client.list(await client.walk('empty'), how))).toEqual(dots);
  });

  it('shows the parent of an inner directory, but not that of the shared one', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    const own = statSync(path()).ino;
    const parentOf = async (id: U64) => (await client.list(id, how)).find(({ name }) => name === '..')?.ino;
    expect(await parentOf(1)).toBe(own);
    expect(await parentOf(await client.walk('dir'))).toBe(own);
  });

  it.each(['/tmp', '/dev/shm'])(
    'lists 10,000 entries completely, in %s, whatever the size of the replies',
    async (parent) => {
      const { client, path, share } = await sharedDirectory({ parent });
      const expected = [...dots, ...fill(path(), 10_000)].sort();
      for (const size of [1024, 4096, 32_768, 1 << 20]) {
        expect(names(await client.list(1, how, size))).toEqual(expected);
      }
      expect(share.chunks.lent).toBe(0);
    },
  );

  it('continues at any cookie, forwards and backwards', async () => {
    const { client, path } = await sharedDirectory();
    fill(path(), 300);
    const all = await client.list(1, how, 1 << 20);
    const fh = await client.opendir(1);
    for (const index of [250, 10, 299, 0, 150, 149, 150]) {
      const rest = await client[how](1, fh, all[index]!.off, 1024);
      expect(rest.map(({ name }) => name)).toEqual(
        all.slice(index + 1, index + 1 + rest.length).map(({ name }) => name),
      );
      expect(rest.length).toBeGreaterThan(0);
    }
    expect(await client[how](1, fh, all.at(-1)!.off)).toEqual([]);
  });

  it('starts anew at cookie 0, and shows what has changed', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('old'), '');
    const fh = await client.opendir(1);
    expect(names(await client[how](1, fh))).toEqual([...dots, 'old']);
    writeFileSync(path('new'), '');
    unlinkSync(path('old'));
    expect(names(await client[how](1, fh))).toEqual([...dots, 'new']);
  });

  it('refuses a room too small for one entry, and goes on with a larger one', async () => {
    const { client } = await sharedDirectory();
    const fh = await client.opendir(1);
    await expect(client[how](1, fh, 0, 8)).rejects.toThrow('EINVAL');
    expect(names(await client[how](1, fh, 0, 4096))).toEqual(dots);
  });

  it('serves more half-read directories than there are buffers', async () => {
    const { client, path, share } = await sharedDirectory();
    const expected = [...dots, ...fill(path(), 100)].sort();
    const handles: [fh: U64, entries: { name: string; off: U64 }[]][] = [];
    for (let i = 0; i < 300; i++) {
      const fh = await client.opendir(1);
      handles.push([fh, await client[how](1, fh, 0, 1024)]);
    }
    expect(share.chunks.lent).toBe(256);
    for (const [fh, entries] of handles) {
      for (;;) {
        const more = await client[how](1, fh, entries.at(-1)!.off, 4096);
        if (more.length === 0) break;
        entries.push(...more);
      }
      expect(names(entries)).toEqual(expected);
      await client.releasedir(1, fh);
    }
    expect(share.chunks.lent).toBe(0);
  });

  it('answers for handles that are not of a directory', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const file = await client.walk('file');
    const { fh } = await client.open(file);
    await expect(client[how](file, fh)).rejects.toThrow('ENOTDIR');
    await expect(client[how](1, 99)).rejects.toThrow('EBADF');
    await expect(client.opendir(file)).rejects.toThrow('ENOTDIR');
  });

  it('ends at once when the directory has been removed', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    const id = await client.walk('dir');
    const fh = await client.opendir(id);
    rmdirSync(path('dir'));
    const result = await client[how](id, fh).catch((error: Error) => error.message);
    expect(result).toBe('ENOENT');
  });
});

describe('READDIRPLUS', () => {
  it('looks up every entry but the dots, and counts that', async () => {
    const { client, path, share } = await sharedDirectory();
    fill(path(), 50);
    mkdirSync(path('dir'));
    const known = await client.lookup(1, 'e7');
    const entries = await client.list(1, 'readdirplus');
    for (const { name, entry, ino } of entries) {
      if (dots.includes(name)) {
        expect(entry).toMatchObject({
          nodeid: 0,
          entry_valid: 0,
          attr_valid: 0,
          attr: { ino, mode: 0o040000 },
        });
      } else {
        expect(entry).toMatchObject({
          entry_valid: 1,
          attr_valid: 1,
          attr: { ino, nlink: name === 'dir' ? 2 : 1 },
        });
        const slot = share.nodes.slotOf(Number(entry!.nodeid));
        expect(share.nodes.referencesOf(slot)).toBe(name === 'e7' ? 2 : 1);
      }
    }
    expect(entries.find(({ name }) => name === 'e7')?.entry?.nodeid).toBe(known.nodeid);
    const nodes = entries.flatMap(({ entry }) =>
      entry!.nodeid ? [[entry!.nodeid, 1] as [U64, number]] : [],
    );
    await client.batchForget(...nodes);
    expect(share.nodes.size).toBe(2);
  });

  it('takes no reference for an entry that did not fit', async () => {
    const { client, path, share } = await sharedDirectory();
    fill(path(), 100);
    const entries = await client.readdirplus(1, await client.opendir(1), 0, 4096);
    expect(share.nodes.size - 1).toBe(entries.filter(({ name }) => !dots.includes(name)).length);
  });

  it('lists an entry that was removed meanwhile, without a node', async () => {
    const { client, path } = await sharedDirectory();
    const all = fill(path(), 200);
    const fh = await client.opendir(1);
    const first = await client.readdirplus(1, fh, 0, 1024);
    for (const name of readdirSync(path())) unlinkSync(path(name));
    const rest = await client.readdirplus(1, fh, first.at(-1)!.off, 1 << 20);
    expect(names([...first, ...rest])).toEqual([...dots, ...all].sort());
    for (const { entry, type } of rest.filter(({ name }) => !dots.includes(name)))
      expect([entry!.nodeid, entry!.attr.mode, type]).toEqual([0, 0o100000, DT_REG]);
  });

  it('lists and looks up everything when no descriptor is left for nodes', async () => {
    const { client, path } = await sharedDirectory({ share: { descriptorBudget: 11 } });
    const all = fill(path(), 40);
    const entries = await client.list(1, 'readdirplus');
    expect(names(entries)).toEqual([...dots, ...all].sort());
    expect(entries.filter(({ entry }) => entry!.nodeid !== 0)).toHaveLength(all.length);
  });
});
