import { raw } from './binding.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { checkFlags, checkU32 } from './u64.js';

/**
 * Gives the calling thread namespaces, a root and working directory, or descriptors of its own: unshare(2). Other
 * threads of Node and of its pool, those that exist already, are not affected. To start a process in namespaces use
 * `spawn`.
 *
 * Mind what a thread that Node starts later does in the result: it cannot be started at all after CLONE_NEWPID, and
 * after CLONE_FILES its descriptors are not those of the others.
 *
 * @param flags - CLONE_NEWNS (implies CLONE_FS), CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
 *   CLONE_NEWPID (for children), CLONE_NEWTIME (for children), CLONE_FS, CLONE_FILES, CLONE_SYSVSEM. Not
 *   CLONE_NEWUSER: a process with several threads cannot have it
 * @throws {@link SysError} EPERM without CAP_SYS_ADMIN, or where a container forbids it; EINVAL for an unknown flag
 *   or CLONE_NEWUSER; ENOSPC for a limit of /proc/sys/user
 */
export function unshare(flags: number): void {
  check(raw.unshare(checkU32(flags, 'flags')), 'unshare');
}

/**
 * Moves the calling thread into a namespace: setns(2).
 *
 * @param fd - a file of /proc/PID/ns, or a pidfd (Linux 5.8)
 * @param nstype - the CLONE_NEW flag that `fd` must be of; for a pidfd the set of those to enter. @default 0, any
 * @throws {@link SysError} EINVAL when `fd` is no namespace or another one, or the thread cannot enter (a mount
 *   namespace needs unshare(CLONE_FS) first); EPERM; EBADF; ESRCH
 */
export function setns(fd: FdLike, nstype = 0): void {
  check(raw.setns(fdOf(fd), checkFlags(nstype, 'nstype')), 'setns');
}
