import { AT_FDCWD, O_CLOEXEC, O_NONBLOCK, O_RDWR, openat, SysError } from '@vfs/sys';
import { StartError } from '../start-error.js';

const DEVICE = '/dev/fuse';

/** Opens the FUSE device, non-blocking. @throws StartError */
export function openDevice(): number {
  try {
    return openat(AT_FDCWD, DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new StartError(`cannot open ${DEVICE}: ${explain(error)}`);
  }
}

function explain(error: SysError): string {
  switch (error.code) {
    case 'ENOENT':
      return 'it does not exist; load the kernel module (modprobe fuse), or let the container have the device';
    case 'ENODEV':
    case 'ENXIO':
      return 'the kernel has no FUSE; load the module (modprobe fuse)';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied; run as root, or let this user have the device (group, udev rule, container setting)';
    default:
      return error.code;
  }
}
