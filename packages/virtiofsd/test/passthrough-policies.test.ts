import { writeFileSync } from 'node:fs';
import {
  Connection,
  FOPEN_CACHE_DIR,
  FOPEN_DIRECT_IO,
  FOPEN_KEEP_CACHE,
  FOPEN_NOFLUSH,
  FOPEN_PARALLEL_DIRECT_WRITES,
  FUSE_ALLOW_IDMAP,
  FUSE_ASYNC_READ,
  FUSE_ATOMIC_O_TRUNC,
  FUSE_AUTO_INVAL_DATA,
  FUSE_CACHE_SYMLINKS,
  FUSE_CREATE_SUPP_GROUP,
  FUSE_DIRECT_IO_ALLOW_MMAP,
  FUSE_DO_READDIRPLUS,
  FUSE_FLOCK_LOCKS,
  FUSE_HANDLE_KILLPRIV_V2,
  FUSE_MAX_PAGES,
  FUSE_POSIX_LOCKS,
  FUSE_READDIRPLUS_AUTO,
  FUSE_WRITEBACK_CACHE,
} from '@vfs/fuse-proto';
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '@vfs/sys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validityOf } from '../src/passthrough/cache-policy.js';
import { negotiate } from '../src/passthrough/negotiation.js';
import type { CachePolicy, ShareSettings } from '../src/passthrough/settings.js';
import { sharedDirectory } from './support/fixture.js';

const DIRECT = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES;
const LISTING = FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR;
const EVERYTHING = (1n << 64n) - 1n;

describe('a cache policy', () => {
  const table: [CachePolicy, seconds: number, file: number, directory: number][] = [
    ['auto', 1, 0, 0],
    ['always', 86_400, FOPEN_KEEP_CACHE, LISTING],
    ['never', 0, DIRECT, 0],
    ['metadata', 86_400, DIRECT, LISTING],
  ];

  it.each(table)('%s: decides timeouts and how files are opened', async (cache, seconds, file, directory) => {
    const { client, path } = await sharedDirectory({ share: { cache } });
    writeFileSync(path('file'), '');
    const entry = await client.lookup(1, 'file');
    expect([entry.entry_valid, entry.attr_valid]).toEqual([seconds, seconds]);
    expect((await client.fuse.getattr(1)).attr_valid).toBe(seconds);
    expect((await client.open(Number(entry.nodeid))).open_flags & ~FOPEN_NOFLUSH).toBe(file);
    const { open } = await client.fuse.create(1, 'new', { flags: O_CREAT | O_WRONLY, mode: 0o644 });
    expect(open.open_flags & ~FOPEN_NOFLUSH).toBe(file);
    expect((await client.fuse.opendir(1)).open_flags).toBe(directory);
  });

  it('gives way to timeouts of its own for names and attributes, in fractions of a second', async () => {
    const share = { cache: 'always', entryTimeout: 0.25, attrTimeout: 2.5 } as const;
    const { client, path } = await sharedDirectory({ share });
    writeFileSync(path('file'), '');
    expect(await client.lookup(1, 'file')).toMatchObject({
      entry_valid: 0,
      entry_valid_nsec: 250_000_000,
      attr_valid: 2,
      attr_valid_nsec: 500_000_000,
    });
    expect(await client.fuse.getattr(1)).toMatchObject({ attr_valid: 2, attr_valid_nsec: 500_000_000 });
  });
});

describe('a validity', () => {
  it('is what it was made of, to the nanosecond, with less than a second in the second part', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (time) => {
        const { seconds, nanoseconds } = validityOf(time);
        expect(seconds + nanoseconds / 1e9).toBeCloseTo(time, 6);
        expect(nanoseconds).toBeLessThan(1e9);
        expect(Number.isInteger(seconds) && Number.isInteger(nanoseconds)).toBe(true);
      }),
    );
  });

  it('ends where the field does, and has no negative side', () => {
    expect(validityOf(Number.POSITIVE_INFINITY)).toEqual({ seconds: 0xffff_ffff, nanoseconds: 0 });
    expect(validityOf(1.999_999_999_9)).toEqual({ seconds: 2, nanoseconds: 0 });
    for (const time of [0, -1, Number.NaN]) expect(validityOf(time)).toEqual({ seconds: 0, nanoseconds: 0 });
  });
});

describe('the absence of a name', () => {
  it('is an error, unless the guest may remember it', async () => {
    const { client } = await sharedDirectory();
    await expect(client.lookup(1, 'nothing')).rejects.toThrow('ENOENT');
  });

  it('is told with the time for which it may', async () => {
    const { client, share } = await sharedDirectory({ share: { negativeTimeout: 1.5 } });
    expect(await client.lookup(1, 'nothing')).toMatchObject({
      nodeid: 0,
      entry_valid: 1,
      entry_valid_nsec: 500_000_000,
    });
    expect(share.nodes.size).toBe(1);
    await expect(client.unlink(1, 'nothing')).rejects.toThrow('ENOENT');
  });
});

describe('closing a file', () => {
  it('is not told where it means nothing: on a disk of the host’s own', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    const id = Number(await client.walk('file'));
    for (const flags of [O_RDONLY, O_RDWR])
      expect((await client.open(id, flags)).open_flags & FOPEN_NOFLUSH).toBe(FOPEN_NOFLUSH);
  });

  it('is told where it ends locks', async () => {
    const { client, path } = await sharedDirectory({ share: { posixLock: true } });
    writeFileSync(path('file'), '');
    expect((await client.open(Number(await client.walk('file')))).open_flags & FOPEN_NOFLUSH).toBe(0);
  });
});

describe('INIT', () => {
  /** What is agreed on with a guest that offers all but some, and what is said about it. */
  async function agreed(settings: Partial<ShareSettings>, lacking = 0n) {
    const { share, messages } = await sharedDirectory({ share: settings });
    messages.length = 0;
    const connection = new Connection(38, EVERYTHING & ~lacking, 0n, 0);
    expect(negotiate(share, connection)).toBe(0);
    return { connection, share, warnings: messages.filter((line) => line.includes(' WARN ')) };
  }

  it('agrees on what asks nothing of anybody, whatever the session wants', async () => {
    const { connection, warnings } = await agreed({});
    for (const flag of [
      FUSE_ASYNC_READ,
      FUSE_AUTO_INVAL_DATA,
      FUSE_MAX_PAGES,
      FUSE_CREATE_SUPP_GROUP,
      FUSE_ALLOW_IDMAP,
      FUSE_CACHE_SYMLINKS,
      FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO,
    ]) {
      expect(connection.has(flag)).toBe(true);
    }
    for (const flag of [
      FUSE_WRITEBACK_CACHE,
      FUSE_HANDLE_KILLPRIV_V2,
      FUSE_DIRECT_IO_ALLOW_MMAP,
      FUSE_POSIX_LOCKS,
      FUSE_FLOCK_LOCKS,
    ]) {
      expect(connection.flags & flag).toBe(0n);
    }
    expect(warnings).toEqual([]);
  });

  it.each([
    ['writeback', { writeback: true }, FUSE_WRITEBACK_CACHE],
    ['killprivV2', { killprivV2: true }, FUSE_HANDLE_KILLPRIV_V2],
    ['mappings', { allowMmap: true, cache: 'never' }, FUSE_DIRECT_IO_ALLOW_MMAP],
  ] as const)('agrees on %s where it is wanted, and says so where it cannot', async (_, settings, flag) => {
    expect((await agreed(settings)).connection.has(flag)).toBe(true);
    const without = await agreed(settings, flag);
    expect(without.connection.flags & flag).toBe(0n);
    expect(without.warnings).toEqual([expect.stringContaining('doing without')]);
    expect(without.share.agreed).toMatchObject({ writeback: false, killprivV2: false });
  });

  it('keeps no writes back where the guest caches no files', async () => {
    for (const cache of ['never', 'metadata'] as const) {
      const { connection, share, warnings } = await agreed({ cache, writeback: true });
      expect(connection.flags & FUSE_WRITEBACK_CACHE).toBe(0n);
      expect(share.agreed.writeback).toBe(false);
      expect(warnings).toEqual([expect.stringContaining(cache)]);
    }
  });

  it('caches neither lookups in listings nor links where nothing is to be cached', async () => {
    const { connection } = await agreed({ cache: 'never' });
    expect(connection.flags & (FUSE_DO_READDIRPLUS | FUSE_CACHE_SYMLINKS)).toBe(0n);
    expect((await agreed({ readdirplus: false })).connection.flags & FUSE_DO_READDIRPLUS).toBe(0n);
  });

  // Else nobody would know whether the caller may keep the set-id bits of what is truncated.
  it('lets OPEN truncate only if it says who may keep set-id bits', async () => {
    const has = async (settings: Partial<ShareSettings>, lacking = 0n) =>
      (await agreed(settings, lacking)).connection.has(FUSE_ATOMIC_O_TRUNC);
    expect(await has({})).toBe(false);
    expect(await has({ killprivV2: true })).toBe(true);
    expect(await has({}, FUSE_ALLOW_IDMAP)).toBe(true);
  });
});
