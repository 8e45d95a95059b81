import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  EACCES,
  EINVAL,
  ENOSYS,
  ESTALE,
  R_OK,
  raw,
  S_IFDIR,
  S_IFMT,
  W_OK,
  X_OK,
} from '@vfs/sys';
import type { Caller } from './creation.js';
import { nodeDescriptor } from './node-descriptors.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

const ALL = R_OK | W_OK | X_OK;

/**
 * ACCESS: whether the caller may do what `mask` says (R_OK, W_OK, X_OK; none: whether the node is there): 0 or −errno. The guest asks
 * only where its kernel does not check permissions itself. Its further groups it does not tell.
 */
export function checkAccess(share: Share, caller: Caller, id: number, mask: number): number {
  if (mask & ~ALL) return -EINVAL;
  const slot = share.nodes.slotOf(id);
  if (slot === NO_SLOT) return -ESTALE;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const result = share.credentials.canJudge(caller.uid) ? judge(share, caller, descriptor, mask) : -ENOSYS;
  // Linux 5.8 brought the system call.
  return result === -ENOSYS ? judgeByMode(share, caller, descriptor, mask) : result;
}

/** Asks the kernel, as the caller. */
function judge(share: Share, { uid, gid }: Caller, descriptor: number, mask: number): number {
  const { credentials, scratch } = share;
  const error = credentials.assume(uid, gid, []);
  if (error < 0) return error;
  try {
    return raw.faccessat2(descriptor, scratch.window.id, scratch.empty, mask, AT_EACCESS | AT_EMPTY_PATH);
  } finally {
    credentials.restore();
  }
}

/** What the mode says to the class that the caller belongs to, the first of owner, group and others. */
function judgeByMode(share: Share, { uid, gid }: Caller, descriptor: number, mask: number): number {
  const { window, statx } = share.scratch;
  const error = raw.statxFd(descriptor, STATX_MASK, window.id, statx);
  if (error < 0) return error;
  const words = window.u32;
  const w = statx >> 2;
  const mode = words[w + STATX_WORD.mode]!;
  if (uid === 0) return rootMay(mode, mask) ? 0 : -EACCES;
  const isOwner = words[w + STATX_WORD.uid] === uid;
  const isMember = words[w + STATX_WORD.gid] === gid;
  const granted = isOwner ? mode >> 6 : isMember ? mode >> 3 : mode;
  return (granted & mask) === mask ? 0 : -EACCES;
}

/** Only what nobody may execute root may not either. */
function rootMay(mode: number, mask: number): boolean {
  return (mask & X_OK) === 0 || (mode & S_IFMT) === S_IFDIR || (mode & 0o111) !== 0;
}
