import { type Connection, FUSE_FLOCK_LOCKS, FUSE_POSIX_LOCKS, FUSE_SUBMOUNTS } from '@vfs/fuse-proto';
import type { Share } from './share.js';
import { negotiateXattrs } from './xattr-negotiation.js';

/**
 * Settles, in INIT, what of the share's settings is in force with this guest: 0, or −EPROTO if something that must be is not
 * offered.
 */
export function negotiate(share: Share, connection: Connection): number {
  const { settings, agreed } = share;
  if (settings.announceSubmounts && (connection.offered & FUSE_SUBMOUNTS) !== 0n) {
    connection.flags |= FUSE_SUBMOUNTS;
    agreed.submounts = true;
  }
  negotiateLocks(share, connection);
  return negotiateXattrs(share, connection);
}

/** Where the guest keeps locks to itself, it may do so: they are good among its own processes. */
function negotiateLocks({ settings, agreed, log }: Share, connection: Connection): void {
  const { posixLock, flock } = settings;
  agreed.posixLocks = posixLock && (connection.offered & FUSE_POSIX_LOCKS) !== 0n;
  agreed.flocks = flock && (connection.offered & FUSE_FLOCK_LOCKS) !== 0n;
  if (agreed.posixLocks) connection.flags |= FUSE_POSIX_LOCKS;
  if (agreed.flocks) connection.flags |= FUSE_FLOCK_LOCKS;
  if (posixLock && !agreed.posixLocks) log.warn('the guest does not offer record locks: they stay its own');
  if (flock && !agreed.flocks) log.warn('the guest does not offer locks of flock(2): they stay its own');
}
