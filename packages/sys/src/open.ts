import { raw } from './binding.js';
import { MFD_CLOEXEC } from './constants/memory.js';
import {
  AT_FDCWD,
  F_ADD_SEALS,
  F_GET_SEALS,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  O_CLOEXEC,
  O_CREAT,
  O_NOFOLLOW,
  O_TMPFILE,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from './constants/open.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { PATH_A, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkInt } from './u64.js';

/** A directory that a path is relative to: a descriptor or AT_FDCWD. @throws RangeError */
export function dirOf(dir: FdLike): number {
  return dir === AT_FDCWD ? AT_FDCWD : fdOf(dir);
}

/** The mode argument matters only for a call that may create a file; openat2(2) refuses it otherwise. */
function creates(flags: number): boolean {
  return (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE;
}

/**
 * Opens a file relative to a directory: openat(2).
 *
 * @param dir - a directory, or AT_FDCWD; without meaning for an absolute path
 * @param flags - O_ flags; O_CLOEXEC is always added
 * @param mode - permissions of a new file, before the umask. @default 0o666
 * @returns a new descriptor
 * @throws {@link SysError} as openat(2); TypeError or RangeError for an argument that cannot be right
 */
export function openat(dir: FdLike, path: PathLike, flags: number, mode = 0o666): number {
  checkFlags(flags, 'flags');
  checkInt(mode, 'mode', 0, 0o7777);
  const dirfd = dirOf(dir);
  placePath(PATH_A, path, 'openat');
  return check(raw.openat(dirfd, scratch.id, PATH_A, flags | O_CLOEXEC, mode), 'openat', pathText(path));
}

/**
 * Opens a file relative to a directory under rules for its resolution: openat2(2), Linux 5.6.
 *
 * @param flags - O_ flags; O_CLOEXEC is always added
 * @param mode - permissions of a new file, before the umask. @default 0o666
 * @param resolve - RESOLVE_ flags. @default 0
 * @throws {@link SysError} as openat2(2): EXDEV for a path that leaves the tree, ELOOP for a forbidden link, EAGAIN when
 *   RESOLVE_CACHED does not find it in the cache, or a rename interferes with RESOLVE_IN_ROOT
 */
export function openat2(dir: FdLike, path: PathLike, flags: number, mode = 0o666, resolve = 0): number {
  checkFlags(flags, 'flags');
  checkInt(mode, 'mode', 0, 0o7777);
  checkFlags(resolve, 'resolve');
  const dirfd = dirOf(dir);
  placePath(PATH_A, path, 'openat2');
  const result = raw.openat2(
    dirfd,
    scratch.id,
    PATH_A,
    flags | O_CLOEXEC,
    creates(flags) ? mode : 0,
    resolve,
  );
  return check(result, 'openat2', pathText(path));
}

/**
 * Opens a file below a directory as if that were the root of the file system: openat2(2) with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, always with O_NOFOLLOW and O_CLOEXEC. `..` and absolute links stay inside; a link as the last
 * component is not followed. Bits of `mode` outside 07777 are ignored.
 *
 * @throws {@link SysError} as openat2(2); ENOSYS before Linux 5.6
 */
export function openRelativeTo(dir: FdLike, path: PathLike, flags: number, mode = 0): number {
  return openat2(
    dir,
    path,
    flags | O_NOFOLLOW | O_CLOEXEC,
    mode & 0o7777,
    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  );
}

/**
 * A file in memory: memfd_create(2).
 *
 * @param name - for /proc only, at most 249 bytes; need not be unique
 * @param flags - MFD_ flags; MFD_CLOEXEC is always added. @default 0
 * @throws {@link SysError} EINVAL for a longer name, EMFILE, ENFILE, ENOMEM
 */
export function memfdCreate(name: string, flags = 0): number {
  checkFlags(flags, 'flags');
  placePath(PATH_A, name, 'memfd_create');
  return check(raw.memfdCreate(scratch.id, PATH_A, flags | MFD_CLOEXEC), 'memfd_create');
}

/** Adds F_SEAL_ flags to a memfd: fcntl(2) F_ADD_SEALS. @throws {@link SysError} EPERM when it is sealed, EINVAL, EBUSY */
export function addSeals(fd: FdLike, seals: number): void {
  check(raw.fcntl(fdOf(fd), F_ADD_SEALS, checkFlags(seals, 'seals')), 'fcntl');
}

/** The F_SEAL_ flags of a memfd: fcntl(2) F_GET_SEALS. @throws {@link SysError} EINVAL when the file cannot have seals */
export function getSeals(fd: FdLike): number {
  return check(raw.fcntl(fdOf(fd), F_GET_SEALS, 0), 'fcntl');
}

/** The access mode and status flags (O_) of an open file: fcntl(2) F_GETFL. */
export function getStatusFlags(fd: FdLike): number {
  return check(raw.fcntl(fdOf(fd), F_GETFL, 0), 'fcntl');
}

/** Sets O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME and O_NONBLOCK of an open file: fcntl(2) F_SETFL. */
export function setStatusFlags(fd: FdLike, flags: number): void {
  check(raw.fcntl(fdOf(fd), F_SETFL, checkFlags(flags, 'flags')), 'fcntl');
}

/** FD_CLOEXEC or 0: fcntl(2) F_GETFD. */
export function getDescriptorFlags(fd: FdLike): number {
  return check(raw.fcntl(fdOf(fd), F_GETFD, 0), 'fcntl');
}

/** Sets FD_CLOEXEC or nothing: fcntl(2) F_SETFD. */
export function setDescriptorFlags(fd: FdLike, flags: number): void {
  check(raw.fcntl(fdOf(fd), F_SETFD, checkFlags(flags, 'flags')), 'fcntl');
}
