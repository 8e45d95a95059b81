import { raw } from './binding.js';
import { AT_SYMLINK_NOFOLLOW } from './constants/open.js';
import { STATX_ALL, STATX_BASIC_STATS, STATX_MNT_ID } from './constants/stat.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { dirOf } from './open.js';
import { DATA, PATH_A, type PathLike, pathText, placePath, scratch } from './scratch.js';
import {
  checkFlags,
  checkI64,
  checkInt,
  checkOffset,
  checkU32,
  high32,
  joinI64,
  joinU64,
  low32,
  type U64,
} from './u64.js';

/** Bytes of struct statx. */
export const SIZEOF_STATX = 256;

/**
 * Where the fields of struct statx are, in bytes, for code that reads one at a place directly. All are u32 at a multiple of 4
 * but `stx_mode` (u16), and the 64-bit ones, whose low half comes first.
 */
export const STATX_OFFSETS = {
  stx_mask: 0,
  stx_blksize: 4,
  /** u64 */
  stx_attributes: 8,
  stx_nlink: 16,
  stx_uid: 20,
  stx_gid: 24,
  /** u16 */
  stx_mode: 28,
  /** u64 */
  stx_ino: 32,
  /** u64 */
  stx_size: 40,
  /** u64, in units of 512 bytes */
  stx_blocks: 48,
  /** u64 */
  stx_attributes_mask: 56,
  /** i64 seconds; the u32 nanoseconds follow at +8, as in the other three times */
  stx_atime: 64,
  stx_btime: 80,
  stx_ctime: 96,
  stx_mtime: 112,
  stx_rdev_major: 128,
  stx_rdev_minor: 132,
  stx_dev_major: 136,
  stx_dev_minor: 140,
  /** u64 */
  stx_mnt_id: 144,
  stx_dio_mem_align: 152,
  stx_dio_offset_align: 156,
} as const;

/** A time: seconds since 1970, which may be negative, and nanoseconds of 0 to 999,999,999. */
export interface StatxTimestamp {
  readonly tv_sec: U64;
  readonly tv_nsec: number;
}

/** struct statx, with the kernel's names. A field counts only when its bit is in `stx_mask`. */
export interface Statx {
  /** STATX_ flags of the fields that are filled in. */
  readonly stx_mask: number;
  readonly stx_blksize: number;
  /** STATX_ATTR_ flags. */
  readonly stx_attributes: U64;
  readonly stx_nlink: number;
  readonly stx_uid: number;
  readonly stx_gid: number;
  /** Type and permissions. */
  readonly stx_mode: number;
  readonly stx_ino: U64;
  readonly stx_size: U64;
  /** In units of 512 bytes. */
  readonly stx_blocks: U64;
  /** Which STATX_ATTR_ flags the file system knows. */
  readonly stx_attributes_mask: U64;
  readonly stx_atime: StatxTimestamp;
  readonly stx_btime: StatxTimestamp;
  readonly stx_ctime: StatxTimestamp;
  readonly stx_mtime: StatxTimestamp;
  readonly stx_rdev_major: number;
  readonly stx_rdev_minor: number;
  readonly stx_dev_major: number;
  readonly stx_dev_minor: number;
  readonly stx_mnt_id: U64;
  readonly stx_dio_mem_align: number;
  readonly stx_dio_offset_align: number;
}

/**
 * Attributes of a file: statx(2).
 *
 * @param atFlags - AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH (the directory itself, for an empty path), AT_NO_AUTOMOUNT, AT_STATX_
 * @param mask - STATX_ flags of what is wanted. @default STATX_ALL | STATX_MNT_ID
 * @throws {@link SysError} as statx(2)
 */
export function statx(dir: FdLike, path: PathLike, atFlags = 0, mask = STATX_ALL | STATX_MNT_ID): Statx {
  const dirfd = dirOf(dir);
  checkFlags(atFlags, 'atFlags');
  checkU32(mask, 'mask');
  placePath(PATH_A, path, 'statx');
  check(raw.statx(dirfd, scratch.id, PATH_A, atFlags, mask, scratch.id, DATA), 'statx', pathText(path));
  return decodeStatx(scratch.view, DATA);
}

/** What fstatat(2) gives, by statx(2) with STATX_BASIC_STATS. See {@link statx}. */
export function fstatat(dir: FdLike, path: PathLike, atFlags = 0): Statx {
  return statx(dir, path, atFlags, STATX_BASIC_STATS);
}

/** Attributes of an open file: statx(2) with AT_EMPTY_PATH. @throws {@link SysError} EBADF */
export function fstatx(fd: FdLike, mask = STATX_ALL | STATX_MNT_ID): Statx {
  check(raw.statxFd(fdOf(fd), checkU32(mask, 'mask'), scratch.id, DATA), 'statx');
  return decodeStatx(scratch.view, DATA);
}

/** Reads the struct statx at `offset` of a view. */
export function decodeStatx(view: DataView, offset: number): Statx {
  const u32 = (at: number): number => view.getUint32(offset + at, true);
  const u64 = (at: number): U64 => joinU64(u32(at), u32(at + 4));
  const time = (at: number): StatxTimestamp => ({
    tv_sec: joinI64(u32(at), u32(at + 4)),
    tv_nsec: u32(at + 8),
  });
  const at = STATX_OFFSETS;
  return {
    stx_mask: u32(at.stx_mask),
    stx_blksize: u32(at.stx_blksize),
    stx_attributes: u64(at.stx_attributes),
    stx_nlink: u32(at.stx_nlink),
    stx_uid: u32(at.stx_uid),
    stx_gid: u32(at.stx_gid),
    stx_mode: view.getUint16(offset + at.stx_mode, true),
    stx_ino: u64(at.stx_ino),
    stx_size: u64(at.stx_size),
    stx_blocks: u64(at.stx_blocks),
    stx_attributes_mask: u64(at.stx_attributes_mask),
    stx_atime: time(at.stx_atime),
    stx_btime: time(at.stx_btime),
    stx_ctime: time(at.stx_ctime),
    stx_mtime: time(at.stx_mtime),
    stx_rdev_major: u32(at.stx_rdev_major),
    stx_rdev_minor: u32(at.stx_rdev_minor),
    stx_dev_major: u32(at.stx_dev_major),
    stx_dev_minor: u32(at.stx_dev_minor),
    stx_mnt_id: u64(at.stx_mnt_id),
    stx_dio_mem_align: u32(at.stx_dio_mem_align),
    stx_dio_offset_align: u32(at.stx_dio_offset_align),
  };
}

/** Sets the permissions of an open file: fchmod(2). @throws {@link SysError} EBADF (also for O_PATH), EPERM, EROFS */
export function fchmod(fd: FdLike, mode: number): void {
  check(raw.fchmod(fdOf(fd), checkInt(mode, 'mode', 0, 0o7777)), 'fchmod');
}

/** Sets the permissions of a file, following symbolic links: fchmodat(2). @throws {@link SysError} EPERM, EROFS, as path calls */
export function fchmodat(dir: FdLike, path: PathLike, mode: number): void {
  const dirfd = dirOf(dir);
  checkInt(mode, 'mode', 0, 0o7777);
  placePath(PATH_A, path, 'fchmodat');
  check(raw.fchmodat(dirfd, scratch.id, PATH_A, mode), 'fchmodat', pathText(path));
}

/**
 * Sets owner and group: fchownat(2).
 *
 * @param uid - −1 leaves it alone
 * @param gid - −1 leaves it alone
 * @param atFlags - AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. @default AT_SYMLINK_NOFOLLOW
 */
export function fchownat(
  dir: FdLike,
  path: PathLike,
  uid: number,
  gid: number,
  atFlags: number = AT_SYMLINK_NOFOLLOW,
): void {
  const dirfd = dirOf(dir);
  checkInt(uid, 'uid', -1, 0xffff_ffff);
  checkInt(gid, 'gid', -1, 0xffff_ffff);
  checkFlags(atFlags, 'atFlags');
  placePath(PATH_A, path, 'fchownat');
  check(raw.fchownat(dirfd, scratch.id, PATH_A, uid, gid, atFlags), 'fchownat', pathText(path));
}

/** A time to set: as in {@link StatxTimestamp}, or UTIME_NOW or UTIME_OMIT as `tv_nsec`. */
export type TimeSpec = StatxTimestamp;

/** Places two struct timespec at the scratch data. */
function placeTimes(atime: TimeSpec, mtime: TimeSpec): void {
  let at = DATA;
  for (const time of [atime, mtime]) {
    // Whether the nanoseconds make sense is the kernel's to say (EINVAL).
    checkU32(time.tv_nsec, 'tv_nsec');
    const seconds = checkI64(time.tv_sec, 'tv_sec');
    scratch.view.setUint32(at, low32(seconds), true);
    scratch.view.setInt32(at + 4, high32(seconds), true);
    scratch.view.setUint32(at + 8, time.tv_nsec, true);
    scratch.view.setUint32(at + 12, 0, true);
    at += 16;
  }
}

/**
 * Sets access and modification time: utimensat(2).
 *
 * @param atFlags - AT_SYMLINK_NOFOLLOW. @default 0
 * @throws {@link SysError} EACCES, EPERM, EROFS; EINVAL for nanoseconds out of range
 */
export function utimensat(dir: FdLike, path: PathLike, atime: TimeSpec, mtime: TimeSpec, atFlags = 0): void {
  const dirfd = dirOf(dir);
  checkFlags(atFlags, 'atFlags');
  placeTimes(atime, mtime);
  placePath(PATH_A, path, 'utimensat');
  check(raw.utimensat(dirfd, scratch.id, PATH_A, scratch.id, DATA, atFlags), 'utimensat', pathText(path));
}

/** Sets access and modification time of an open file: futimens(3). */
export function futimens(fd: FdLike, atime: TimeSpec, mtime: TimeSpec): void {
  const number = fdOf(fd);
  placeTimes(atime, mtime);
  check(raw.futimens(number, scratch.id, DATA), 'futimens');
}

/** Sets the length of a file in bytes: ftruncate(2). @throws {@link SysError} EINVAL, EFBIG, EPERM; RangeError */
export function ftruncate(fd: FdLike, length: U64): void {
  checkOffset(length, 'length');
  check(raw.ftruncate(fdOf(fd), low32(length), high32(length)), 'ftruncate');
}
