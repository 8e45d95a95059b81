import { EACCES, raw, S_IWGRP, S_IXGRP } from '@vfs/sys';
import type { Share } from './share.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

const GROUP_MAY_CREATE = S_IWGRP | S_IXGRP;

/** Who asks: the part of a request's context that matters here. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, if the guest tells any. */
  readonly groups: readonly number[] | undefined;
}

/**
 * Makes a system call that creates something in a directory as the guest's user: its result.
 *
 * The guest's kernel has checked that the user may do this, but kernels before 6.3 do not tell which further groups the
 * user is in. So where the host refuses and the directory is writable for its group, that group was the reason why the
 * guest allowed it, and the call is made once more as a member of it.
 */
export function createAs(share: Share, caller: Caller, directory: number, create: () => number): number {
  const { credentials, scratch } = share;
  const result = attempt(share, credentials.assume(caller.uid, caller.gid, caller.groups), create);
  if (result !== -EACCES || caller.uid === 0) return result;

  const error = raw.statxFd(directory, STATX_MASK, scratch.window.id, scratch.statx);
  if (error < 0) return error;
  const words = scratch.window.u32;
  const w = scratch.statx >> 2;
  if ((words[w + STATX_WORD.mode]! & GROUP_MAY_CREATE) !== GROUP_MAY_CREATE) return result;
  const group = words[w + STATX_WORD.gid]!;
  return attempt(share, credentials.assume(caller.uid, caller.gid, [group]), create);
}

/** `assumed`: what became of the attempt to become the caller. */
function attempt(share: Share, assumed: number, create: () => number): number {
  if (assumed < 0) return assumed;
  try {
    return create();
  } finally {
    share.credentials.restore();
  }
}
