import { raw } from './binding.js';
import { AT_FDCWD, O_PATH } from './constants/open.js';
import { check } from './errors.js';
import { type FdLike, fdOf, OwnedFd } from './fd.js';
import { AT_POSITION } from './io.js';
import { dirOf, openat } from './open.js';
import { DATA, PATH_A, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkInt, checkOffset, checkU32, high32, joinU64, low32, type U64 } from './u64.js';

/** struct statfs, with the kernel's names. */
export interface Statfs {
  /** A magic number of the file system (linux/magic.h), unsigned. */
  readonly f_type: U64;
  /** The best size of a transfer. */
  readonly f_bsize: U64;
  /** Size, free, and free for everybody, in units of `f_frsize`. */
  readonly f_blocks: U64;
  readonly f_bfree: U64;
  readonly f_bavail: U64;
  /** Inodes in all, and free ones. */
  readonly f_files: U64;
  readonly f_ffree: U64;
  /** The id of the file system: its two words as one value. */
  readonly f_fsid: U64;
  /** The longest name in bytes. */
  readonly f_namelen: U64;
  readonly f_frsize: U64;
  /** ST_ flags. */
  readonly f_flags: U64;
}

/** The file system of an open file: fstatfs(2). @throws {@link SysError} EBADF, ENOSYS */
export function fstatfs(fd: FdLike): Statfs {
  check(raw.fstatfs(fdOf(fd), scratch.id, DATA), 'fstatfs');
  const u64 = (at: number): U64 =>
    joinU64(scratch.view.getUint32(DATA + at, true), scratch.view.getUint32(DATA + at + 4, true));
  return {
    f_type: u64(0),
    f_bsize: u64(8),
    f_blocks: u64(16),
    f_bfree: u64(24),
    f_bavail: u64(32),
    f_files: u64(40),
    f_ffree: u64(48),
    f_fsid: u64(56),
    f_namelen: u64(64),
    f_frsize: u64(72),
    f_flags: u64(80),
  };
}

/** The file system that a path leads to: fstatfs(2) of an O_PATH descriptor, as statfs(2). @throws {@link SysError} as openat(2) */
export function statfs(path: PathLike): Statfs {
  using file = new OwnedFd(openat(AT_FDCWD, path, O_PATH));
  return fstatfs(file);
}

/**
 * Whether the calling thread may access a file, by its real ids: faccessat2(2).
 *
 * @param mode - F_OK, or R_OK, W_OK and X_OK
 * @param atFlags - AT_EACCESS (by the effective ids), AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. @default 0
 * @throws {@link SysError} EACCES, EROFS, ETXTBSY, and the errors of a path
 */
export function faccessat2(dir: FdLike, path: PathLike, mode: number, atFlags = 0): void {
  const dirfd = dirOf(dir);
  checkInt(mode, 'mode', 0, 7);
  checkFlags(atFlags, 'atFlags');
  placePath(PATH_A, path, 'faccessat2');
  check(raw.faccessat2(dirfd, scratch.id, PATH_A, mode, atFlags), 'faccessat2', pathText(path));
}

/**
 * Copies a range from one file to another inside the kernel: copy_file_range(2).
 *
 * @param offsetIn - in bytes, or {@link AT_POSITION}
 * @param offsetOut - in bytes, or {@link AT_POSITION}
 * @param length - at most 2^31−1
 * @returns the bytes copied, fewer at the end of the file
 * @throws {@link SysError} EXDEV, EINVAL (overlap in one file), ENOSPC, EBADF, EOPNOTSUPP
 */
export function copyFileRange(
  fdIn: FdLike,
  offsetIn: U64,
  fdOut: FdLike,
  offsetOut: U64,
  length: number,
): number {
  for (const [offset, name] of [
    [offsetIn, 'offsetIn'],
    [offsetOut, 'offsetOut'],
  ] as const) {
    if (offset !== AT_POSITION) checkOffset(offset, name);
  }
  checkInt(length, 'length', 0, 0x7fff_ffff);
  const result = raw.copyFileRange(
    fdOf(fdIn),
    low32(offsetIn),
    high32(offsetIn),
    fdOf(fdOut),
    low32(offsetOut),
    high32(offsetOut),
    length,
  );
  return check(result, 'copy_file_range');
}

/** Writes everything of the file system that a file is on: syncfs(2). @throws {@link SysError} EBADF, EIO, ENOSPC */
export function syncfs(fd: FdLike): void {
  check(raw.syncfs(fdOf(fd)), 'syncfs');
}

/** Makes a file a copy of another one that shares its blocks: ioctl_ficlone(2). @throws {@link SysError} EOPNOTSUPP, EXDEV, EINVAL */
export function ficlone(fd: FdLike, source: FdLike): void {
  check(raw.ficlone(fdOf(fd), fdOf(source)), 'ioctl');
}

/** The FS_…_FL flags of a file: ioctl_iflags(2). @throws {@link SysError} ENOTTY when the file system has none */
export function getInodeFlags(fd: FdLike): number {
  check(raw.fsGetFlags(fdOf(fd), scratch.id, DATA), 'ioctl');
  return scratch.view.getUint32(DATA, true);
}

/** Sets the FS_…_FL flags of a file: ioctl_iflags(2). @throws {@link SysError} EPERM, EACCES, EOPNOTSUPP, ENOTTY */
export function setInodeFlags(fd: FdLike, flags: number): void {
  scratch.view.setUint32(DATA, checkU32(flags, 'flags'), true);
  check(raw.fsSetFlags(fdOf(fd), scratch.id, DATA), 'ioctl');
}

/** Extended inode flags and the project id, as struct fsxattr has them. */
export interface Fsxattr {
  /** FS_XFLAG_ flags. */
  readonly fsx_xflags: number;
  readonly fsx_extsize: number;
  /** Number of extents; not settable. */
  readonly fsx_nextents: number;
  /** Project id, for quotas. */
  readonly fsx_projid: number;
  readonly fsx_cowextsize: number;
}

/** Extended inode flags of a file: ioctl FS_IOC_FSGETXATTR. @throws {@link SysError} ENOTTY when the file system has none */
export function getFsxattr(fd: FdLike): Fsxattr {
  check(raw.fsGetXattr(fdOf(fd), scratch.id, DATA), 'ioctl');
  const u32 = (at: number): number => scratch.view.getUint32(DATA + at, true);
  return {
    fsx_xflags: u32(0),
    fsx_extsize: u32(4),
    fsx_nextents: u32(8),
    fsx_projid: u32(12),
    fsx_cowextsize: u32(16),
  };
}

/** Sets extended inode flags and project id: ioctl FS_IOC_FSSETXATTR. @throws {@link SysError} EPERM, EINVAL, ENOTTY */
export function setFsxattr(fd: FdLike, value: Fsxattr): void {
  const { view } = scratch;
  view.setUint32(DATA, checkU32(value.fsx_xflags, 'fsx_xflags'), true);
  view.setUint32(DATA + 4, checkU32(value.fsx_extsize, 'fsx_extsize'), true);
  view.setUint32(DATA + 8, checkU32(value.fsx_nextents, 'fsx_nextents'), true);
  view.setUint32(DATA + 12, checkU32(value.fsx_projid, 'fsx_projid'), true);
  view.setUint32(DATA + 16, checkU32(value.fsx_cowextsize, 'fsx_cowextsize'), true);
  scratch.u8.fill(0, DATA + 20, DATA + 28);
  check(raw.fsSetXattr(fdOf(fd), scratch.id, DATA), 'ioctl');
}
