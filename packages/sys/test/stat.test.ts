import { lstatSync, mkdirSync, statfsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  close,
  EACCES,
  EBADF,
  EINVAL,
  ENOENT,
  fchmod,
  fchmodat,
  fchownat,
  fstatat,
  fstatx,
  ftruncate,
  futimens,
  memfdCreate,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  openat,
  R_OK,
  raw,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  STATX_ALL,
  STATX_BASIC_STATS,
  STATX_MNT_ID,
  STATX_OFFSETS,
  STATX_SIZE,
  statx,
  UTIME_NOW,
  UTIME_OMIT,
  utimensat,
  W_OK,
  X_OK,
} from '../src/index.js';
import { Arena, expectSysError, isRoot, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
writeFileSync(join(root, 'file'), 'hello');
mkdirSync(join(root, 'sub'));
symlinkSync('file', join(root, 'link'));
const dir = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);

describe('statx', () => {
  test('agrees with fs.stat', () => {
    const ours = statx(dir, 'file');
    const theirs = statSync(join(root, 'file'), { bigint: true });
    expect(ours.stx_mode).toBe(Number(theirs.mode));
    expect(BigInt(ours.stx_ino)).toBe(theirs.ino);
    expect(ours.stx_size).toBe(5);
    expect(ours.stx_nlink).toBe(1);
    expect([ours.stx_uid, ours.stx_gid]).toEqual([Number(theirs.uid), Number(theirs.gid)]);
    expect(BigInt(ours.stx_blocks)).toBe(theirs.blocks);
    expect(BigInt(ours.stx_blksize)).toBe(theirs.blksize);
    expect(BigInt(ours.stx_mtime.tv_sec) * 1_000_000_000n + BigInt(ours.stx_mtime.tv_nsec)).toBe(
      theirs.mtimeNs,
    );
    expect(BigInt(ours.stx_atime.tv_sec) * 1_000_000_000n + BigInt(ours.stx_atime.tv_nsec)).toBe(
      theirs.atimeNs,
    );
    expect(BigInt(ours.stx_ctime.tv_sec) * 1_000_000_000n + BigInt(ours.stx_ctime.tv_nsec)).toBe(
      theirs.ctimeNs,
    );
    expect(ours.stx_mask & STATX_BASIC_STATS).toBe(STATX_BASIC_STATS);
    expect(ours.stx_mask & STATX_MNT_ID).toBe(STATX_MNT_ID);
    expect(ours.stx_mnt_id).toBeGreaterThan(0);
    expect(ours.stx_dev_major * 256 + ours.stx_dev_minor).toBe(Number(theirs.dev));
  });

  test('follows links unless told otherwise, and takes a descriptor', () => {
    expect(statx(dir, 'link').stx_mode & S_IFMT).toBe(S_IFREG);
    expect(statx(dir, 'link', AT_SYMLINK_NOFOLLOW).stx_mode & S_IFMT).toBe(S_IFLNK);
    expect(statx(dir, '', AT_EMPTY_PATH).stx_mode & S_IFMT).toBe(S_IFDIR);
    const path = openat(dir, 'file', O_PATH);
    expect(fstatx(path)).toEqual(statx(dir, 'file'));
    close(path);
  });

  test('fstatat gives what fstatat(2) has', () => {
    expect(fstatat(dir, 'file')).toMatchObject({
      stx_size: 5,
      stx_mask: expect.toSatisfy((mask: number) => (mask & STATX_BASIC_STATS) === STATX_BASIC_STATS),
    });
    expect(fstatat(dir, 'link', AT_SYMLINK_NOFOLLOW).stx_mode & S_IFMT).toBe(S_IFLNK);
    expectSysError(() => fstatat(dir, 'absent'), 'ENOENT');
  });

  test('errors', () => {
    expect(expectSysError(() => statx(dir, 'absent'), 'ENOENT').path).toBe('absent');
    expectSysError(() => statx(dir, ''), 'ENOENT');
    expectSysError(() => fstatx(9999), 'EBADF');
    expectSysError(() => statx(dir, 'file', 0x7000), 'EINVAL');
    expect(() => statx(dir, 'file', -1)).toThrow(RangeError);
    expect(() => statx(dir, 'file', 0, -1)).toThrow(RangeError);
  });

  test('raw: writes into the place and nothing beside it', () => {
    const at = arena.reserve(512) + 8;
    arena.window.u8.fill(0xaa, at - 8, at + 264);
    expect(raw.statx(dir, arena.id, arena.path('file'), 0, STATX_ALL, arena.id, at)).toBe(0);
    expect(arena.window.view.getUint16(at + STATX_OFFSETS.stx_mode, true) & S_IFMT).toBe(S_IFREG);
    expect(arena.window.view.getUint32(at + STATX_OFFSETS.stx_size, true)).toBe(5);
    expect(arena.window.u8[at - 1]).toBe(0xaa);
    expect(arena.window.u8[at + 256]).toBe(0xaa);
    expect(raw.statxFd(dir, STATX_ALL, arena.id, at)).toBe(0);
    expect(raw.statxFd(9999, STATX_ALL, arena.id, at)).toBe(-EBADF);
    expect(raw.statx(dir, arena.id, arena.path('absent'), 0, STATX_ALL, arena.id, at)).toBe(-ENOENT);
  });

  test('raw: fstat puts there what statx does, as far as fstat(2) knows it', () => {
    const edges = memfdCreate('edges');
    ftruncate(edges, 2n ** 63n - 1n);
    const times = arena.reserve(32);
    // Before 1970, and behind 2^32 seconds.
    arena.window.view.setBigInt64(times, -5n, true);
    arena.window.view.setBigInt64(times + 8, 999_999_999n, true);
    arena.window.view.setBigInt64(times + 16, 2n ** 33n + 1n, true);
    expect(raw.futimens(edges, arena.id, times)).toBe(0);
    const others = [
      [root, 'file', O_PATH],
      [root, 'sub', O_PATH],
      [root, 'link', O_PATH | O_NOFOLLOW],
      ['/dev', 'null', O_PATH],
    ] as const;
    const fds = [
      edges,
      ...others.map(([folder, name, flags]) => openat(AT_FDCWD, join(folder, name), flags)),
    ];
    const [at, reference] = [arena.reserve(512) + 8, arena.reserve(512)];
    const { u8 } = arena.window;
    for (const fd of fds) {
      u8.fill(0xaa, at - 8, at + 264);
      expect(raw.fstat(fd, arena.id, at)).toBe(0);
      expect([u8[at - 1], u8[at + 256]]).toEqual([0xaa, 0xaa]);
      expect(raw.statxFd(fd, STATX_BASIC_STATS, arena.id, reference)).toBe(0);
      // What fstat(2) does not tell.
      const { stx_attributes, stx_attributes_mask, stx_btime, stx_mnt_id } = STATX_OFFSETS;
      for (const [offset, size] of [
        [0, 4],
        [stx_attributes, 8],
        [stx_attributes_mask, 8],
        [stx_btime, 16],
        [stx_mnt_id, 256 - stx_mnt_id],
      ] as const) {
        u8.fill(0, reference + offset, reference + offset + size);
      }
      arena.window.view.setUint32(reference, STATX_BASIC_STATS, true);
      expect(u8.slice(at, at + 256)).toEqual(u8.slice(reference, reference + 256));
      close(fd);
    }
    expect(raw.fstat(9999, arena.id, at)).toBe(-EBADF);
  });

  test('sizes and times are exact at the edges', () => {
    const fd = memfdCreate('edges');
    for (const size of [
      2 ** 32 - 1,
      2 ** 32,
      2 ** 32 + 1,
      2 ** 53 - 1,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
    ]) {
      ftruncate(fd, size);
      expect(fstatx(fd, STATX_SIZE).stx_size).toBe(size);
    }
    for (const sec of [
      -1,
      0,
      2 ** 31,
      2 ** 32 + 1,
      2 ** 53 - 1,
      2n ** 53n + 1n,
      -(2n ** 53n) - 1n,
      -(2 ** 40),
    ]) {
      futimens(fd, { tv_sec: sec, tv_nsec: 1 }, { tv_sec: sec, tv_nsec: 999_999_999 });
      expect(fstatx(fd).stx_atime).toEqual({ tv_sec: sec, tv_nsec: 1 });
      expect(fstatx(fd).stx_mtime).toEqual({ tv_sec: sec, tv_nsec: 999_999_999 });
    }
    close(fd);
  });
});

describe('ftruncate', () => {
  test('errors', () => {
    const fd = memfdCreate('t');
    for (const bad of [-1, -1n, 2n ** 63n, 2 ** 53, NaN, 0.5])
      expect(() => ftruncate(fd, bad)).toThrow(RangeError);
    expect(raw.ftruncate(fd, -1, -1)).toBe(-EINVAL);
    expectSysError(() => ftruncate(9999, 0), 'EBADF');
    expectSysError(() => ftruncate(dir, 0), 'EINVAL');
    close(fd);
  });
});

describe('fstatfs', () => {
  test('agrees with fs.statfs', () => {
    const at = arena.reserve(120);
    expect(raw.fstatfs(dir, arena.id, at)).toBe(0);
    const theirs = statfsSync(root, { bigint: true });
    const { view } = arena.window;
    expect(view.getBigInt64(at, true)).toBe(theirs.type);
    expect(view.getBigInt64(at + 8, true)).toBe(theirs.bsize);
    expect(view.getBigUint64(at + 16, true)).toBe(theirs.blocks);
    expect(raw.fstatfs(9999, arena.id, at)).toBe(-EBADF);
  });
});

describe('mode and owner', () => {
  const mode = (name: string): number => lstatSync(join(root, name)).mode & 0o7777;

  test('fchmod and fchmodat', () => {
    const fd = openat(dir, 'file', O_RDWR);
    fchmod(fd, 0o4711);
    expect(mode('file')).toBe(0o4711);
    close(fd);
    fchmodat(dir, 'link', 0o640);
    expect(mode('file')).toBe(0o640);
    const path = openat(dir, 'file', O_PATH);
    expectSysError(() => fchmod(path, 0o600), 'EBADF');
    close(path);
    expectSysError(() => fchmodat(dir, 'absent', 0o600), 'ENOENT');
    expect(() => fchmod(1, 0o10000)).toThrow(RangeError);
    expect(() => fchmodat(dir, 'file', -1)).toThrow(RangeError);
  });

  test('fchownat', () => {
    const owner = (name: string): number[] => [
      lstatSync(join(root, name)).uid,
      lstatSync(join(root, name)).gid,
    ];
    if (isRoot) {
      fchownat(dir, 'link', 12, 34);
      expect(owner('link')).toEqual([12, 34]);
      expect(owner('file')).toEqual([0, 0]);
      fchownat(dir, 'link', 0xffff_fff0, -1, 0);
      expect(owner('file')).toEqual([0xffff_fff0, 0]);
      const fd = openat(dir, 'file', O_PATH);
      fchownat(fd, '', 0, 5, AT_EMPTY_PATH);
      expect(owner('file')).toEqual([0, 5]);
      close(fd);
    } else {
      expectSysError(() => fchownat(dir, 'file', 0, 0), 'EPERM');
      fchownat(dir, 'file', -1, -1);
    }
    expectSysError(() => fchownat(dir, 'absent', 0, 0), 'ENOENT');
    expect(() => fchownat(dir, 'file', -2, 0)).toThrow(RangeError);
    expect(() => fchownat(dir, 'file', 0, 2 ** 32)).toThrow(RangeError);
  });

  test('faccessat2', () => {
    const access = (name: string, how: number): number =>
      raw.faccessat2(dir, arena.id, arena.path(name), how, 0);
    fchmodat(dir, 'file', 0o600);
    expect(access('file', R_OK | W_OK)).toBe(0);
    expect(access('file', X_OK)).toBe(-EACCES);
    expect(access('absent', R_OK)).toBe(-ENOENT);
    expect(access('file', 0o10)).toBe(-EINVAL);
  });
});

describe('times', () => {
  const at = (sec: number, nsec: number): { tv_sec: number; tv_nsec: number } => ({
    tv_sec: sec,
    tv_nsec: nsec,
  });

  test('utimensat sets, omits, takes the current time, and leaves a link alone or not', () => {
    utimensat(dir, 'file', at(100, 5), at(200, 6));
    expect(statx(dir, 'file')).toMatchObject({ stx_atime: at(100, 5), stx_mtime: at(200, 6) });
    utimensat(dir, 'link', at(0, UTIME_OMIT), at(300, 7));
    expect(statx(dir, 'file')).toMatchObject({ stx_atime: at(100, 5), stx_mtime: at(300, 7) });
    const before = Math.floor(Date.now() / 1000) - 1;
    utimensat(dir, 'link', at(1, 1), at(0, UTIME_NOW), AT_SYMLINK_NOFOLLOW);
    expect(statx(dir, 'link', AT_SYMLINK_NOFOLLOW).stx_atime).toEqual(at(1, 1));
    expect(statx(dir, 'link', AT_SYMLINK_NOFOLLOW).stx_mtime.tv_sec).toBeGreaterThanOrEqual(before);
    expect(statx(dir, 'file').stx_mtime).toEqual(at(300, 7));
  });

  test('errors', () => {
    expectSysError(() => utimensat(dir, 'file', at(0, 1_000_000_000), at(0, 0)), 'EINVAL');
    expectSysError(() => utimensat(dir, 'absent', at(0, 0), at(0, 0)), 'ENOENT');
    expectSysError(() => futimens(9999, at(0, 0), at(0, 0)), 'EBADF');
    expect(() => utimensat(dir, 'file', at(0, -1), at(0, 0))).toThrow(RangeError);
    expect(() => utimensat(dir, 'file', at(2 ** 53, 0), at(0, 0))).toThrow(RangeError);
    expect(() => futimens(1, { tv_sec: 2n ** 63n, tv_nsec: 0 }, at(0, 0))).toThrow(RangeError);
  });
});
