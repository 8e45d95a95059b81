import {
  type Connection,
  FUSE_DONT_MASK,
  FUSE_POSIX_ACL,
  FUSE_SECURITY_CTX,
  FUSE_SETXATTR_EXT,
} from '@vfs/fuse-proto';
import { EPROTO } from '@vfs/sys';
import type { Negotiation } from './settings.js';
import type { Share } from './share.js';

/** The guest asks for the lists and heeds them, sends the umask along, and says when set-group-ID has to go. */
const ACL_FLAGS = FUSE_POSIX_ACL | FUSE_DONT_MASK | FUSE_SETXATTR_EXT;

/** Settles what is done with access control lists and security labels: 0, or −EPROTO if the guest lacks what is required. */
export function negotiateXattrs(share: Share, connection: Connection): number {
  const { settings, agreed } = share;
  const { posixAcl, securityLabel } = settings;
  agreed.posixAcl = agree(share, connection, posixAcl, ACL_FLAGS, 'POSIX access control lists');
  agreed.securityLabel = agree(share, connection, securityLabel, FUSE_SECURITY_CTX, 'security labels');
  const lacks =
    (posixAcl === 'always' && !agreed.posixAcl) || (securityLabel === 'always' && !agreed.securityLabel);
  return lacks ? -EPROTO : 0;
}

/** Whether a feature is on. It needs all of the flags. */
function agree(
  { log }: Share,
  connection: Connection,
  wanted: Negotiation,
  flags: bigint,
  feature: string,
): boolean {
  connection.flags &= ~flags;
  if (wanted === 'never') return false;
  if ((connection.offered & flags) === flags) {
    connection.flags |= flags;
    return true;
  }
  if (wanted === 'auto') log.warn(`the guest does not support ${feature}: going on without`);
  else log.error(`the guest does not support ${feature}, which are required: it is refused`);
  return false;
}
