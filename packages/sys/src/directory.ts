import { raw } from './binding.js';
import { ENAMETOOLONG } from './constants/errno.js';
import { check, SysError } from './errors.js';
import type { FdLike } from './fd.js';
import { dirOf } from './open.js';
import { DATA, PATH_A, PATH_B, PATH_MAX, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkInt, checkU32 } from './u64.js';

/** Makes a directory: mkdirat(2). @param mode - permissions before the umask. @default 0o777 */
export function mkdirat(dir: FdLike, path: PathLike, mode = 0o777): void {
  const dirfd = dirOf(dir);
  checkInt(mode, 'mode', 0, 0o7777);
  placePath(PATH_A, path, 'mkdirat');
  check(raw.mkdirat(dirfd, scratch.id, PATH_A, mode), 'mkdirat', pathText(path));
}

/**
 * Makes a file of any type but directory or link: mknodat(2).
 *
 * @param mode - type (S_IF) and permissions
 * @param dev - the device number of a block or character device, in the kernel's 32-bit encoding. @default 0
 * @throws {@link SysError} EEXIST, EPERM, EINVAL …
 */
export function mknodat(dir: FdLike, path: PathLike, mode: number, dev = 0): void {
  const dirfd = dirOf(dir);
  checkInt(mode, 'mode', 0, 0o177777);
  checkU32(dev, 'dev');
  placePath(PATH_A, path, 'mknodat');
  check(raw.mknodat(dirfd, scratch.id, PATH_A, mode, dev, 0), 'mknodat', pathText(path));
}

/** Makes a symbolic link at `path` that points to `target`: symlinkat(2). */
export function symlinkat(target: PathLike, dir: FdLike, path: PathLike): void {
  const dirfd = dirOf(dir);
  placePath(PATH_A, target, 'symlinkat');
  placePath(PATH_B, path, 'symlinkat');
  check(raw.symlinkat(scratch.id, PATH_A, dirfd, scratch.id, PATH_B), 'symlinkat', pathText(path));
}

/** Makes one more name for a file: linkat(2). @param atFlags - AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. @default 0 */
export function linkat(
  oldDir: FdLike,
  oldPath: PathLike,
  newDir: FdLike,
  newPath: PathLike,
  atFlags = 0,
): void {
  const oldDirfd = dirOf(oldDir);
  const newDirfd = dirOf(newDir);
  checkFlags(atFlags, 'atFlags');
  placePath(PATH_A, oldPath, 'linkat');
  placePath(PATH_B, newPath, 'linkat');
  const result = raw.linkat(oldDirfd, scratch.id, PATH_A, newDirfd, scratch.id, PATH_B, atFlags);
  check(result, 'linkat', pathText(newPath));
}

/** Removes a name: unlinkat(2). @param atFlags - AT_REMOVEDIR to remove an empty directory. @default 0 */
export function unlinkat(dir: FdLike, path: PathLike, atFlags = 0): void {
  const dirfd = dirOf(dir);
  checkFlags(atFlags, 'atFlags');
  placePath(PATH_A, path, 'unlinkat');
  check(raw.unlinkat(dirfd, scratch.id, PATH_A, atFlags), 'unlinkat', pathText(path));
}

/** Renames: renameat2(2). @param flags - RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT. @default 0 */
export function renameat2(
  oldDir: FdLike,
  oldPath: PathLike,
  newDir: FdLike,
  newPath: PathLike,
  flags = 0,
): void {
  const oldDirfd = dirOf(oldDir);
  const newDirfd = dirOf(newDir);
  checkFlags(flags, 'flags');
  placePath(PATH_A, oldPath, 'renameat2');
  placePath(PATH_B, newPath, 'renameat2');
  const result = raw.renameat2(oldDirfd, scratch.id, PATH_A, newDirfd, scratch.id, PATH_B, flags);
  check(result, 'renameat2', pathText(oldPath));
}

/**
 * Where a symbolic link points, in bytes, as a link need not be UTF-8: readlinkat(2). An empty path reads the link that `dir`
 * itself is (O_PATH | O_NOFOLLOW).
 */
export function readlinkat(dir: FdLike, path: PathLike): Uint8Array {
  const dirfd = dirOf(dir);
  placePath(PATH_A, path, 'readlinkat');
  const result = raw.readlinkat(dirfd, scratch.id, PATH_A, scratch.id, DATA, PATH_MAX);
  const length = check(result, 'readlinkat', pathText(path));
  // Such a length says only that this much fitted; no file system on Linux stores a longer target.
  if (length === PATH_MAX) throw new SysError(ENAMETOOLONG, 'readlinkat', pathText(path));
  return scratch.u8.slice(DATA, DATA + length);
}
