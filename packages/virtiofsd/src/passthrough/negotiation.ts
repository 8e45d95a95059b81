import { type Connection, FUSE_SUBMOUNTS } from '@vfs/fuse-proto';
import type { Share } from './share.js';

/** Settles, in INIT, what of the share's settings is in force with this guest. */
export function negotiate(share: Share, connection: Connection): void {
  const { settings, agreed } = share;
  if (settings.announceSubmounts && (connection.offered & FUSE_SUBMOUNTS) !== 0n) {
    connection.flags |= FUSE_SUBMOUNTS;
    agreed.submounts = true;
  }
}
