import {
  type Connection,
  FUSE_ALLOW_IDMAP,
  FUSE_ASYNC_DIO,
  FUSE_ASYNC_READ,
  FUSE_ATOMIC_O_TRUNC,
  FUSE_AUTO_INVAL_DATA,
  FUSE_BIG_WRITES,
  FUSE_CACHE_SYMLINKS,
  FUSE_CREATE_SUPP_GROUP,
  FUSE_DIRECT_IO_ALLOW_MMAP,
  FUSE_DO_READDIRPLUS,
  FUSE_FLOCK_LOCKS,
  FUSE_HANDLE_KILLPRIV_V2,
  FUSE_INIT_EXT,
  FUSE_MAX_PAGES,
  FUSE_PARALLEL_DIROPS,
  FUSE_POSIX_LOCKS,
  FUSE_READDIRPLUS_AUTO,
  FUSE_SUBMOUNTS,
  FUSE_WRITEBACK_CACHE,
} from '@vfs/fuse-proto';
import { cachesPages } from './cache-policy.js';
import type { Share } from './share.js';
import { negotiateXattrs } from './xattr-negotiation.js';

/** What asks nothing of anybody: in force wherever the guest has it. */
const ALWAYS =
  FUSE_ASYNC_READ |
  FUSE_BIG_WRITES |
  FUSE_AUTO_INVAL_DATA |
  FUSE_ASYNC_DIO |
  FUSE_PARALLEL_DIROPS |
  FUSE_MAX_PAGES |
  FUSE_INIT_EXT |
  FUSE_CREATE_SUPP_GROUP |
  FUSE_ALLOW_IDMAP;

/**
 * Settles, in INIT, what of the share's settings is in force with this guest: 0, or −EPROTO if something that must be is not
 * offered. The settings alone decide: what the session would want by itself does not count.
 */
export function negotiate(share: Share, connection: Connection): number {
  connection.flags = connection.offered & ALWAYS;
  agreeOnCaching(share, connection);
  agreeOnPrivileges(share, connection);
  if (share.settings.announceSubmounts && (connection.offered & FUSE_SUBMOUNTS) !== 0n) {
    connection.flags |= FUSE_SUBMOUNTS;
    share.agreed.submounts = true;
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

function agreeOnCaching(share: Share, connection: Connection): void {
  const { settings, agreed, log } = share;
  const { cache } = settings;
  if (cache !== 'never') {
    // What a link says never changes: another link is another node.
    connection.flags |= connection.offered & FUSE_CACHE_SYMLINKS;
    if (settings.readdirplus) {
      connection.flags |= connection.offered & (FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO);
    }
  }
  if (settings.allowMmap)
    take(share, connection, FUSE_DIRECT_IO_ALLOW_MMAP, 'shared mappings without a cache');
  if (!settings.writeback) return;
  if (cachesPages(cache)) {
    agreed.writeback = take(share, connection, FUSE_WRITEBACK_CACHE, 'keeping writes back');
  } else {
    // All that it would do is to have the guest trust sizes and times that it remembers.
    log.warn(`writes are not kept back: with the cache policy '${cache}' the guest has no pages to keep`);
  }
}

function agreeOnPrivileges(share: Share, connection: Connection): void {
  const { settings, agreed } = share;
  if (settings.killprivV2) {
    agreed.killprivV2 = take(share, connection, FUSE_HANDLE_KILLPRIV_V2, 'leaving set-id bits to the daemon');
  }
  // An OPEN that truncates must say whether the caller may keep set-id bits, or at least who the caller is, which requests
  // that create nothing do not where mounts can be id-mapped. Else the guest truncates by SETATTR, and clears them itself.
  if (agreed.killprivV2 || !connection.has(FUSE_ALLOW_IDMAP)) {
    connection.flags |= connection.offered & FUSE_ATOMIC_O_TRUNC;
  }
}

/** Agrees on flags if the guest has them all; says so if not. `feature` is what the guest has to do without. */
export function take(share: Share, connection: Connection, flags: bigint, feature: string): boolean {
  const offered = (connection.offered & flags) === flags;
  if (offered) connection.flags |= flags;
  else share.log.warn(`the guest's kernel does not support ${feature}: doing without`);
  return offered;
}
