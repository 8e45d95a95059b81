import { O_ACCMODE, O_DIRECTORY, O_DSYNC, O_NONBLOCK, O_SYNC, O_TRUNC } from '@vfs/sys';

/**
 * The open flags of a guest that mean something on the host.
 *
 * Not among them: O_APPEND, which is honored for each write; O_DIRECT, whose alignment rules the guest's memory need not meet;
 * O_NOATIME, which needs privilege; and everything that creates, follows or names (O_CREAT, O_TMPFILE, O_PATH, …).
 */
const HONORED = O_ACCMODE | O_TRUNC | O_NONBLOCK | O_DSYNC | O_SYNC | O_DIRECTORY;

/** The flags for opening a file of the host on the guest's behalf. */
export function hostOpenFlags(guestFlags: number): number {
  return guestFlags & HONORED;
}
