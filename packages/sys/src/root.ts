import { raw } from './binding.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { PATH_A, PATH_B, type PathLike, pathText, placePath, scratch } from './scratch.js';

/**
 * Root and working directory. The threads of a process share them, until one calls unshare(CLONE_FS).
 * `process.cwd()` remembers what it was asked first and what `process.chdir` set: it does not notice these calls.
 */

/** Makes a directory the working directory: fchdir(2). @throws {@link SysError} EACCES, ENOTDIR, EBADF */
export function fchdir(fd: FdLike): void {
  check(raw.fchdir(fdOf(fd)), 'fchdir');
}

/** Makes a directory the working directory: chdir(2). @throws {@link SysError} EACCES, ENOENT, ENOTDIR, ELOOP */
export function chdir(path: PathLike): void {
  placePath(PATH_A, path, 'chdir');
  check(raw.chdir(scratch.id, PATH_A), 'chdir', pathText(path));
}

/**
 * Makes a directory the root of paths: chroot(2). The working directory and open directories stay where they are, so
 * a process with CAP_SYS_CHROOT can leave again: see {@link pivotRoot}.
 *
 * @throws {@link SysError} EPERM without CAP_SYS_CHROOT, ENOENT, ENOTDIR, EACCES
 */
export function chroot(path: PathLike): void {
  placePath(PATH_A, path, 'chroot');
  check(raw.chroot(scratch.id, PATH_A), 'chroot', pathText(path));
}

/**
 * Makes a mount the root of the mount namespace: pivot_root(2). Root and working directory of every process and
 * thread of the namespace that are the old root become the new one. `pivotRoot('.', '.')` stacks the old root on the
 * new one, from where `umount2('.', MNT_DETACH)` removes it.
 *
 * @param putOld - a directory at or below `newRoot`, where the old root is mounted
 * @throws {@link SysError} EPERM without CAP_SYS_ADMIN; EBUSY when `newRoot` is on the root's mount; EINVAL when it
 *   is not a mount, when propagation is shared, or when the root is no mount (initramfs, chroot); ENOTDIR, ENOENT
 */
export function pivotRoot(newRoot: PathLike, putOld: PathLike): void {
  placePath(PATH_A, newRoot, 'pivot_root');
  placePath(PATH_B, putOld, 'pivot_root');
  check(raw.pivotRoot(scratch.id, PATH_A, scratch.id, PATH_B), 'pivot_root', pathText(newRoot));
}
