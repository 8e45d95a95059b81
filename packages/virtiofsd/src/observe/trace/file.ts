import { fstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  AT_FDCWD,
  ftruncate,
  O_CLOEXEC,
  O_CREAT,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDWR,
  OwnedFd,
  openat,
  readvAt,
} from '@vfs/sys';
import { isInside } from '../../fuse-device/mountpoint.js';
import { errorCode, StartError } from '../../start-error.js';
import { MAGIC } from './format.js';

/** Names of guests are in it. */
const MODE = 0o600;

/**
 * Opens the file of a recording: a new one, or one that is empty or an earlier recording. Never one in the shared folder, where the
 * guest could get at it.
 *
 * @param sharedDir - undefined: there is none
 *
 * @throws StartError
 */
export function openTraceFile(path: string, sharedDir: string | undefined): OwnedFd {
  const what = `the recording '${path}'`;
  let place: string;
  try {
    place = realpathSync.native(dirname(path));
    if (sharedDir !== undefined && isInside(join(place, basename(path)), realpathSync.native(sharedDir))) {
      throw new StartError(`${what} would lie in the shared folder: choose a place outside for --trace`);
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`the folder of ${what} cannot be used (${errorCode(error)}): correct --trace`);
  }
  let file: OwnedFd;
  try {
    const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    file = new OwnedFd(openat(AT_FDCWD, join(place, basename(path)), flags, MODE));
  } catch (error) {
    throw new StartError(`${what} cannot be written (${errorCode(error)}): choose another file for --trace`);
  }
  try {
    checkReplaceable(file, what);
    ftruncate(file, 0);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function checkReplaceable(file: OwnedFd, what: string): void {
  const found = fstatSync(file.fd);
  if (!found.isFile()) {
    throw new StartError(`${what} is not a regular file: choose another for --trace`);
  }
  // The other one may be in the shared folder.
  if (found.nlink !== 1) throw new StartError(`${what} has other names: choose another file for --trace`);
  if (found.size === 0) return;
  const start = Buffer.alloc(MAGIC.length);
  readvAt(file, [start], 0);
  if (!start.equals(MAGIC)) {
    throw new StartError(`${what} exists, and is none: remove it, or choose another file for --trace`);
  }
}
