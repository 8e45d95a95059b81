import { raw } from './binding.js';
import { XATTR_SIZE_MAX } from './constants/file.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { checkBytes, DATA, PATH_A, PATH_B, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkInt } from './u64.js';

/** A file for the calls of extended attributes: a descriptor that is open for reading or writing, or a path with or without following. */
export type XattrTarget = FdLike | { readonly path: PathLike; readonly follow?: boolean };

/** An O_PATH descriptor cannot be used for extended attributes; this path of it can, symbolic links included. */
export function procPath(fd: FdLike): { path: string; follow: true } {
  return { path: `/proc/self/fd/${fdOf(fd)}`, follow: true };
}

/** One of the three forms of a call: by descriptor, by path, by path of a link itself. The path lies at PATH_B. */
function choose(
  target: XattrTarget,
  syscall: string,
  byFd: (fd: number) => number,
  byPath: (follow: boolean) => number,
): number {
  if (typeof target === 'object' && 'path' in target) {
    placePath(PATH_B, target.path, syscall);
    return check(byPath(target.follow ?? true), syscall, pathText(target.path));
  }
  return check(byFd(fdOf(target)), syscall);
}

/**
 * The value of an extended attribute: fgetxattr(2), getxattr(2), lgetxattr(2).
 *
 * @param name - with its namespace: `user.mime`
 * @throws {@link SysError} ENODATA when there is none, EOPNOTSUPP, EPERM, ERANGE for a name of more than 255 bytes
 */
export function getxattr(target: XattrTarget, name: PathLike): Uint8Array {
  const { id } = scratch;
  placePath(PATH_A, name, 'getxattr');
  const length = choose(
    target,
    'getxattr',
    (fd) => raw.fgetxattr(fd, id, PATH_A, id, DATA, XATTR_SIZE_MAX),
    (follow) => (follow ? raw.getxattr : raw.lgetxattr)(id, PATH_B, id, PATH_A, id, DATA, XATTR_SIZE_MAX),
  );
  return scratch.u8.slice(DATA, DATA + length);
}

/**
 * Sets an extended attribute: fsetxattr(2), setxattr(2), lsetxattr(2).
 *
 * @param value - at most 65536 bytes
 * @param flags - XATTR_CREATE or XATTR_REPLACE. @default 0: either
 * @throws {@link SysError} EEXIST, ENODATA, EOPNOTSUPP, EPERM, ENOSPC, ERANGE
 */
export function setxattr(target: XattrTarget, name: PathLike, value: Uint8Array, flags = 0): void {
  const { id } = scratch;
  checkBytes(value, 'value');
  checkInt(value.length, 'value.length', 0, XATTR_SIZE_MAX);
  checkFlags(flags, 'flags');
  placePath(PATH_A, name, 'setxattr');
  scratch.u8.set(value, DATA);
  choose(
    target,
    'setxattr',
    (fd) => raw.fsetxattr(fd, id, PATH_A, id, DATA, value.length, flags),
    (follow) =>
      (follow ? raw.setxattr : raw.lsetxattr)(id, PATH_B, id, PATH_A, id, DATA, value.length, flags),
  );
}

/** The names of the extended attributes, in bytes as a name need not be UTF-8: flistxattr(2), listxattr(2), llistxattr(2). */
export function listxattr(target: XattrTarget): Uint8Array[] {
  const { id } = scratch;
  const length = choose(
    target,
    'listxattr',
    (fd) => raw.flistxattr(fd, id, DATA, XATTR_SIZE_MAX),
    (follow) => (follow ? raw.listxattr : raw.llistxattr)(id, PATH_B, id, DATA, XATTR_SIZE_MAX),
  );
  const names: Uint8Array[] = [];
  const end = DATA + length;
  for (let at = DATA; at < end; ) {
    const nul = scratch.u8.indexOf(0, at);
    names.push(scratch.u8.slice(at, nul));
    at = nul + 1;
  }
  return names;
}

/** Removes an extended attribute: fremovexattr(2), removexattr(2), lremovexattr(2). @throws {@link SysError} ENODATA */
export function removexattr(target: XattrTarget, name: PathLike): void {
  const { id } = scratch;
  placePath(PATH_A, name, 'removexattr');
  choose(
    target,
    'removexattr',
    (fd) => raw.fremovexattr(fd, id, PATH_A),
    (follow) => (follow ? raw.removexattr : raw.lremovexattr)(id, PATH_B, id, PATH_A),
  );
}
