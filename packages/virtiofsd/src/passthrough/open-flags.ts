import { FOPEN_NOFLUSH } from '@vfs/fuse-proto';
import {
  O_ACCMODE,
  O_APPEND,
  O_DIRECT,
  O_DIRECTORY,
  O_DSYNC,
  O_NOATIME,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_SYNC,
  O_TRUNC,
  O_WRONLY,
} from '@vfs/sys';
import { UNCACHED } from './cache-policy.js';
import type { Share } from './share.js';
import { Storage, storageOf } from './storage.js';

/**
 * The open flags of a guest that mean something on the host, whatever the settings.
 *
 * Not among them: O_APPEND, which is honored for each write, and everything that creates, follows or names (O_CREAT, O_TMPFILE,
 * O_PATH, …).
 */
const HONORED = O_ACCMODE | O_TRUNC | O_NONBLOCK | O_DSYNC | O_SYNC | O_DIRECTORY;

/** The flags for opening a file of the host on the guest's behalf. */
export function hostOpenFlags({ settings, agreed }: Share, guestFlags: number): number {
  let honored = HONORED;
  if (settings.allowDirectIo) honored |= O_DIRECT;
  if (settings.preserveNoatime) honored |= O_NOATIME;
  const flags = guestFlags & honored;
  // A guest that keeps writes back reads the rest of a page that it has only a part of.
  const readsToWrite = agreed.writeback && (flags & O_ACCMODE) === O_WRONLY;
  return readsToWrite ? (flags & ~O_ACCMODE) | O_RDWR : flags;
}

/** FOPEN_ flags: how the guest is to treat an open file. */
export function replyFlags(share: Share, handle: number): number {
  const { caching, agreed, handles } = share;
  const flags = handles.flagsOf(handle);
  const access = flags & O_ACCMODE;
  // Pages would be read through what cannot be read, and written to where nothing can be written but at the end.
  const uncached = (agreed.writeback && access === O_WRONLY) || flags & O_APPEND;
  const reply = uncached ? UNCACHED : caching.file;
  // Locks go with a close(2), by whichever descriptor.
  if (agreed.posixLocks) return reply;
  // Elsewhere than on a disk of the host's own, closing writes back, and says what has gone wrong.
  const quiet = access === O_RDONLY || storageOf(share, handle) !== Storage.REMOTE;
  return quiet ? reply | FOPEN_NOFLUSH : reply;
}
