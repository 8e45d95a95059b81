import { EINVAL, ENOSPC, ENOSYS, EPERM, IdMapHelperError, SpawnError } from '@vfs/sys';
import type { Options } from '../options.js';
import { StartError } from '../start-error.js';
import { isRoot } from './identity.js';
import { PROC_SELF_FD_PATH } from './plan.js';

const INSTEAD = 'allow it there, or choose --sandbox=none and let the container confine the daemon';

/** What to say to an administrator when a worker cannot be started or confined. */
export function explain(error: unknown, options: Options): unknown {
  if (error instanceof IdMapHelperError) {
    return new StartError(
      `the ids of --uid-map and --gid-map cannot be mapped: ${error.message}; /etc/subuid and /etc/subgid grant them`,
    );
  }
  if (!(error instanceof SpawnError)) return error;
  return new StartError(`${whatFailed(error, options)} (${error.message})`);
}

function whatFailed({ syscall, errno, path }: SpawnError, options: Options): string {
  switch (syscall) {
    case 'unshare':
      return withoutNamespaces(errno);
    case 'chroot':
      return errno === EPERM
        ? '--sandbox=chroot needs CAP_SYS_CHROOT: run as root, or choose another sandbox'
        : `${folderOf(options)} cannot be made the root of the daemon`;
    case 'pivot_root':
      return errno === EINVAL
        ? 'the root of this system cannot be exchanged (an initramfs, or a chroot): choose --sandbox=chroot'
        : 'the root of the daemon cannot be exchanged: choose --sandbox=chroot';
    case 'mount':
    case 'open_tree':
    case 'move_mount':
    case 'umount2':
      return errno === EPERM
        ? `mounts of a namespace of its own are forbidden here (a container?): ${isRoot() ? 'choose --sandbox=chroot' : INSTEAD}`
        : `${path ? `'${path}'` : folderOf(options)} cannot be made a mount of its own: choose another --sandbox`;
    case 'openat':
      return path === PROC_SELF_FD_PATH
        ? `'${path}' cannot be opened: is /proc mounted?`
        : `${folderOf(options)} cannot be opened by the daemon: change its permissions, or run as another user`;
    case 'execve':
      return `'${path}' cannot be executed in the sandbox`;
    default:
      return 'the worker cannot be started';
  }
}

function withoutNamespaces(errno: number): string {
  if (errno === ENOSPC) {
    return '--sandbox=namespace: there are too many namespaces already: raise the limits in /proc/sys/user';
  }
  if (errno === EINVAL || errno === ENOSYS) {
    return '--sandbox=namespace: the kernel is built without one of the namespaces: choose another --sandbox';
  }
  return isRoot()
    ? '--sandbox=namespace needs CAP_SYS_ADMIN, which is not given here (a container?): choose --sandbox=chroot, or none'
    : '--sandbox=namespace needs user namespaces, which are forbidden here (a container, user.max_user_namespaces, ' +
        `kernel.unprivileged_userns_clone or AppArmor): ${INSTEAD}`;
}

function folderOf({ sharedDir }: Options): string {
  return sharedDir === undefined ? 'the empty folder of a module' : `the shared folder '${sharedDir}'`;
}
