import { close, MS_NODEV, MS_NOSUID, MS_RDONLY, mount, S_IFMT, SysError } from '@vfs/sys';
import { StartError } from '../start-error.js';
import type { MountFileSystemOptions } from './mount-options.js';
import type { Mountpoint } from './mountpoint.js';

/**
 * Mounts an open FUSE device by mount(2), which only root may do. The kernel sends INIT, and whatever uses the mount waits until it
 * is answered.
 *
 * @param fd - is closed when this fails
 * @throws StartError
 */
export function mountByRoot(
  fd: number,
  { path, mode }: Mountpoint,
  fstype: string,
  source: string,
  maxRead: number,
  options: MountFileSystemOptions,
): number {
  const data = [
    `fd=${fd}`,
    `rootmode=${(mode & S_IFMT).toString(8)}`,
    `user_id=${process.geteuid!()}`,
    `group_id=${process.getegid!()}`,
    `max_read=${maxRead}`,
  ];
  if (options.defaultPermissions ?? true) data.push('default_permissions');
  if (options.allowOther ?? true) data.push('allow_other');
  const flags = (options.trusted ? 0 : MS_NOSUID | MS_NODEV) | (options.readOnly ? MS_RDONLY : 0);
  try {
    mount(path, { source, fstype, flags, data: data.join(',') });
    return fd;
  } catch (error) {
    close(fd);
    if (!(error instanceof SysError)) throw error;
    throw new StartError(`cannot mount at '${path}': ${explain(error)}`);
  }
}

function explain(error: SysError): string {
  switch (error.code) {
    case 'EPERM':
      return 'root lacks the capability to mount (CAP_SYS_ADMIN), as in most containers';
    case 'ENODEV':
      return 'the kernel has no FUSE; load the module (modprobe fuse)';
    default:
      return error.message;
  }
}
