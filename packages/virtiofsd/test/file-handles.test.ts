import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { FUSE_ATTR_SUBMOUNT } from '@vfs/fuse-proto';
import { ESTALE, MNT_DETACH, MS_BIND, mount, umount2 } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { Log } from '../src/log.js';
import { FileHandlesError } from '../src/passthrough/mounts.js';
import type { FileHandleMode } from '../src/passthrough/settings.js';
import { Share, type ShareOptions } from '../src/passthrough/share.js';
import { after, type Fixture, sharedDirectory, temporaryDirectory } from './support/fixture.js';

/** File handles and mounts are for root. */
const forRoot = describe.skipIf(process.geteuid!() !== 0);

function mounted(target: string, fstype: string): void {
  mkdirSync(target, { recursive: true });
  mount(target, { source: 'none', fstype });
  after(() => umount2(target, MNT_DETACH));
}

/** A share, and a tmpfs and a ramfs inside: only the first has file handles. */
async function withMounts(share: Partial<ShareOptions>): Promise<Fixture> {
  const fixture = await sharedDirectory({ share });
  for (const type of ['tmpfs', 'ramfs']) {
    mounted(fixture.path(type), type);
    mkdirSync(fixture.path(type, 'dir'));
    writeFileSync(fixture.path(type, 'dir', 'file'), type);
  }
  return fixture;
}

const messagesOf = ({ messages }: Fixture, text: string) => messages.filter((line) => line.includes(text));

forRoot('where the share begins', () => {
  /** A share of a file system that has no file handles. */
  function open(inodeFileHandles: FileHandleMode): { messages: string[]; share: Share } {
    const directory = temporaryDirectory();
    mounted(directory, 'ramfs');
    const messages: string[] = [];
    const log = new Log('debug', (line) => messages.push(line)).module('passthrough');
    const share = new Share({ directory, log, inodeFileHandles });
    after(() => share[Symbol.dispose]());
    return { messages, share };
  }

  it('a file system without file handles is served without, and that is said once, when they are preferred', () => {
    const { messages } = open('prefer');
    expect(messages.filter((line) => line.includes('WARN'))).toEqual([
      expect.stringContaining('no file handles that can be used (EOPNOTSUPP)'),
    ]);
  });

  it('it is refused, by an error with a code, when they are mandatory', () => {
    expect(() => open('mandatory')).toThrow(FileHandlesError);
    expect(() => open('mandatory')).toThrow(
      expect.objectContaining({ code: 'ERR_FILE_HANDLES', message: expect.stringContaining('EOPNOTSUPP') }),
    );
  });

  it('nothing is said when they are not wanted', () => {
    expect(open('never').messages).toEqual([]);
  });

  it('a daemon without the privilege prefers without a warning, and refuses to do it without', () => {
    const program = `
      import { Log, Share } from '@vfs/virtiofsd';
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
      const lines = [];
      const log = new Log('debug', (line) => lines.push(line)).module('passthrough');
      const share = new Share({ directory: '/tmp', log, inodeFileHandles: 'prefer' });
      share[Symbol.dispose]();
      let code;
      try {
        new Share({ directory: '/tmp', log, inodeFileHandles: 'mandatory' });
      } catch (error) {
        code = [error.code, error.message];
      }
      console.log(JSON.stringify({ lines, code }));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
    });
    const { lines, code } = JSON.parse(output);
    expect(lines).toEqual([expect.stringMatching(/ INFO .*CAP_DAC_READ_SEARCH/)]);
    expect(code).toEqual(['ERR_FILE_HANDLES', expect.stringContaining('CAP_DAC_READ_SEARCH')]);
  });
});

forRoot('mounts inside the share', () => {
  it.each<FileHandleMode>(['never', 'prefer'])(
    'are announced to a guest that can make mounts of them (file handles: %s)',
    async (inodeFileHandles) => {
      const { client, path } = await withMounts({ inodeFileHandles });
      mkdirSync(path('plain'));
      for (const type of ['tmpfs', 'ramfs']) {
        const entry = await client.lookup(1, type);
        expect(entry.attr.flags).toBe(FUSE_ATTR_SUBMOUNT);
        expect(entry.attr.ino).toBe(statSync(path(type)).ino);
        expect((await client.lookup(entry.nodeid, 'dir')).attr.flags).toBe(0);
      }
      expect((await client.lookup(1, 'plain')).attr.flags).toBe(0);
      const flags = new Map(
        (await client.list(1, 'readdirplus')).map(({ name, entry }) => [name, entry!.attr.flags]),
      );
      expect(flags.get('tmpfs')).toBe(FUSE_ATTR_SUBMOUNT);
      expect(flags.get('plain')).toBe(0);
    },
  );

  it('have inode numbers of their own where they are not announced', async () => {
    const { client, path } = await withMounts({ announceSubmounts: false });
    const seen = new Set<unknown>();
    for (const type of ['tmpfs', 'ramfs']) {
      const entry = await client.lookup(1, type);
      expect(entry.attr.flags).toBe(0);
      for (const name of ['dir', 'dir2', 'dir3']) {
        mkdirSync(path(type, name), { recursive: true });
        const { nodeid, attr } = await client.lookup(entry.nodeid, name);
        seen.add(attr.ino);
        expect((await client.getattr(nodeid)).ino).toBe(attr.ino);
        const listed = (await client.list(entry.nodeid)).find((other) => other.name === name)!;
        expect(listed.ino).toBe(attr.ino);
      }
    }
    expect(seen.size).toBe(6);
    expect((await client.getattr(1)).ino).toBe(statSync(path()).ino);
  });

  it('two ways to one file through a bind mount are two nodes', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('dir'));
    mkdirSync(path('bind'));
    writeFileSync(path('dir', 'file'), 'content');
    mount(path('bind'), { source: path('dir'), flags: MS_BIND });
    after(() => umount2(path('bind'), MNT_DETACH));
    expect(await client.walk('dir', 'file')).not.toBe(await client.walk('bind', 'file'));
    expect((await client.lookup(1, 'bind')).attr.flags).toBe(FUSE_ATTR_SUBMOUNT);
  });

  it('can each be written to their disks', async () => {
    const { client, path } = await withMounts({});
    writeFileSync(path('file'), '');
    await client.fuse.syncfs(1);
    await client.fuse.syncfs(await client.walk('tmpfs'));
    await client.fuse.syncfs(await client.walk('ramfs', 'dir', 'file'));
    await expect(client.fuse.syncfs(77)).rejects.toMatchObject({ errno: ESTALE });
    const all = await withMounts({ announceSubmounts: false, threadPoolSize: 2 });
    await all.client.walk('tmpfs', 'dir');
    await all.client.fuse.syncfs(1);
  });

  it('those without file handles are served without, next to others, when they are preferred', async () => {
    const fixture = await withMounts({ inodeFileHandles: 'prefer', descriptorBudget: 20 });
    const { client, share, path } = fixture;
    const ids: [string, number][] = [];
    for (const type of ['tmpfs', 'ramfs']) {
      const dir = await client.walk(type, 'dir');
      for (let i = 0; i < 40; i++) {
        writeFileSync(path(type, 'dir', `f${i}`), type);
        ids.push([type, Number((await client.lookup(dir, `f${i}`)).nodeid)]);
      }
    }
    for (let round = 0; round < 2; round++) {
      for (const [type, id] of ids) expect((await client.getattr(id)).size).toBe(type.length);
    }
    expect(share.nodes.closed).toBeGreaterThan(60);
    expect(messagesOf(fixture, 'for a mount inside the share')).toHaveLength(1);
    expect(messagesOf(fixture, 'WARN')).toEqual([]);
  });

  it('those without are refused, and only those, when they are mandatory', async () => {
    const fixture = await withMounts({ inodeFileHandles: 'mandatory' });
    const { client } = fixture;
    await client.walk('tmpfs', 'dir', 'file');
    await expect(client.walk('ramfs')).rejects.toThrow('EOPNOTSUPP');
    await expect(client.walk('ramfs')).rejects.toThrow('EOPNOTSUPP');
    const names = (await client.list(1, 'readdirplus')).map(({ name }) => name);
    expect(names).toContain('ramfs');
    expect(messagesOf(fixture, 'is not served')).toHaveLength(1);
  });

  it('are let go when the guest knows nothing on them any more', async () => {
    const { client, share, path } = await sharedDirectory();
    mkdirSync(path('mnt'));
    mount(path('mnt'), { source: 'none', fstype: 'tmpfs' });
    after(() => {
      try {
        umount2(path('mnt'), MNT_DETACH);
      } catch {
        // As it should be.
      }
    });
    writeFileSync(path('mnt', 'file'), '');
    const [mnt, file] = [await client.walk('mnt'), await client.walk('mnt', 'file')];
    expect(share.mounts.size).toBe(2);
    expect(() => umount2(path('mnt'))).toThrow('EBUSY');
    await client.batchForget([mnt, 2], [file, 1]);
    expect(share.mounts.size).toBe(1);
    unlinkSync(path('mnt', 'file'));
    umount2(path('mnt'));
    expect(share.budget.used).toBe(0);
  });
});
