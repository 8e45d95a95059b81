/** Faults of real file systems and limits, in place of injected ones. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUSE_WRITE_CACHE } from '@vfs/fuse-proto';
import {
  getrlimit,
  MS_RDONLY,
  MS_REMOUNT,
  mount,
  O_CREAT,
  O_RDWR,
  RLIMIT_NOFILE,
  setrlimit,
  umount2,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { after, type Fixture, type Memory, sharedDirectory, temporaryDirectory } from '../support/fixture.js';

const isRoot = process.geteuid!() === 0;
const MIB = 1 << 20;

/** A share on a file system of its own. */
async function shareOn(mountAt: (path: string) => void, memory: Memory = 'buffers'): Promise<Fixture> {
  const parent = temporaryDirectory();
  mountAt(parent);
  after(() => umount2(parent, 0));
  return sharedDirectory({ parent, memory, share: { inodeFileHandles: 'never' } });
}

const small = (data: string) => (path: string) => mount(path, { source: 'tmpfs', fstype: 'tmpfs', data });

/** ext4 on a device with less room than it says: what is written back there can fail. */
function onThinDevice(path: string): void {
  const backing = temporaryDirectory();
  small('size=8m')(backing);
  after(() => umount2(backing, 0));
  const image = join(backing, 'image');
  writeFileSync(image, '');
  truncateSync(image, 64 * MIB);
  execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', image]);
  execFileSync('mount', ['-o', 'loop', image, path]);
}

describe.runIf(isRoot)('a full file system', () => {
  it.each<Memory>(['buffers', 'segments'])(
    'takes what fits of a write, says ENOSPC for the rest, and goes on when there is room again (%s)',
    async (memory) => {
      const { client, path } = await shareOn(small('size=512k'), memory);
      const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
      const written = await client.write(nodeid, fh, 0, new Uint8Array(MIB));
      expect(written).toBeLessThan(MIB);
      expect(statSync(path('file')).size).toBe(written);
      await expect(client.write(nodeid, fh, written, 'more')).rejects.toThrow('ENOSPC');
      await client.truncate(nodeid, fh, 0);
      expect(await client.write(nodeid, fh, 0, 'again')).toBe(5);
    },
  );

  it.each<Memory>(['buffers', 'segments'])(
    'fails a write from the guest’s cache as a whole, as the guest would forget the rest of it (%s)',
    async (memory) => {
      const { client } = await shareOn(small('size=512k'), memory);
      const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
      const pages = new Uint8Array(MIB);
      await expect(client.write(nodeid, fh, 0, pages, { write_flags: FUSE_WRITE_CACHE })).rejects.toThrow(
        'ENOSPC',
      );
    },
  );

  it('has no room for new names, and nothing half made is left', async () => {
    const { client, path, share } = await shareOn(small('nr_inodes=10'));
    const made: string[] = [];
    await expect(
      (async () => {
        for (;;) {
          const name = `${made.length}`;
          await client.mkdir(1, name);
          made.push(name);
        }
      })(),
    ).rejects.toThrow('ENOSPC');
    const known = [share.nodes.size, share.budget.used];
    await expect(client.create(1, 'new', O_RDWR | O_CREAT)).rejects.toThrow('ENOSPC');
    await expect(client.symlink(1, 'new', 'target')).rejects.toThrow('ENOSPC');
    expect([share.nodes.size, share.budget.used]).toEqual(known);
    expect(readdirSync(path()).sort()).toEqual(made.sort());
    // The node keeps the inode until the guest forgets it.
    const { nodeid } = await client.lookup(1, '0');
    await client.rmdir(1, '0');
    await client.batchForget([nodeid, 2]);
    await client.mkdir(1, 'new');
  });

  it('tells with FSYNC of what could not be written back', async () => {
    const { client } = await shareOn(onThinDevice);
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    for (let at = 0; at < 20; at++) await client.write(nodeid, fh, at * MIB, new Uint8Array(MIB).fill(1));
    await expect(client.fsync(nodeid, fh)).rejects.toThrow(/^(ENOSPC|EIO)$/);
    await client.getattr(nodeid);
  });
});

describe.runIf(isRoot)('a file system that has become read-only', () => {
  it('is served as such, and as before when it is no longer', async () => {
    let at = '';
    const { client, path } = await shareOn((mounted) => {
      at = mounted;
      small('size=1m')(mounted);
    });
    const remount = (flags: number) =>
      mount(at, { source: 'tmpfs', fstype: 'tmpfs', flags: MS_REMOUNT | flags });
    mkdirSync(path('directory'));
    writeFileSync(path('file'), 'content');
    const { nodeid } = await client.lookup(1, 'file');
    remount(MS_RDONLY);
    await expect(client.mkdir(1, 'new')).rejects.toThrow('EROFS');
    await expect(client.create(1, 'new', O_RDWR | O_CREAT)).rejects.toThrow('EROFS');
    await expect(client.open(nodeid, O_RDWR)).rejects.toThrow('EROFS');
    await expect(client.unlink(1, 'file')).rejects.toThrow('EROFS');
    await expect(client.rename(1, 'file', 1, 'new')).rejects.toThrow('EROFS');
    const { fh } = await client.open(nodeid);
    expect((await client.read(nodeid, fh, 0, 100)).toString()).toBe('content');
    await client.release(nodeid, fh);
    remount(0);
    await client.mkdir(1, 'new');
  });
});

describe('a process without descriptors', () => {
  it('closes those of nodes for the guest, then says EMFILE, and goes on when the guest has closed files', async () => {
    const { client, path, share } = await sharedDirectory();
    for (let i = 0; i < 60; i++) writeFileSync(path(`${i}`), `${i}`);
    const nodes: (number | bigint)[] = [];
    for (let i = 0; i < 60; i++) nodes.push((await client.lookup(1, `${i}`)).nodeid);
    const probe = openSync('/dev/null', 'r');
    rmSync(path('0'));
    const limits = getrlimit(RLIMIT_NOFILE);
    const opened: (number | bigint)[] = [];
    setrlimit(RLIMIT_NOFILE, { ...limits, soft: probe + 1 });
    try {
      await expect(
        (async () => {
          for (;;) opened.push((await client.open(nodes[1]!)).fh);
        })(),
      ).rejects.toThrow('EMFILE');
      expect(opened.length).toBeGreaterThan(16);
      expect(share.nodes.closed).toBeGreaterThan(16);
      for (const fh of opened.splice(20)) await client.release(nodes[1]!, fh);
      expect((await client.getattr(nodes[40]!)).size).toBe(2);
    } finally {
      setrlimit(RLIMIT_NOFILE, limits);
    }
    for (const fh of opened) await client.release(nodes[1]!, fh);
    expect(share.handles.size).toBe(0);
  });
});
