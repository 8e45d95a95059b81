import { EACCES, raw, S_IWGRP, S_IXGRP } from '@vfs/sys';
import type { Labels } from './security-labels.js';
import type { Share } from './share.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

const GROUP_MAY_CREATE = S_IWGRP | S_IXGRP;

/** Who asks: the part of a request's context that matters here. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, if the guest tells any. */
  readonly groups: readonly number[] | undefined;
  /** What the new file is to be labeled with, if the guest labels files. */
  readonly security?: Labels;
}

/**
 * Makes a system call that creates something in a directory as the guest's user: its result.
 *
 * The guest's kernel has checked that the user may do this, and it knows more than it tells: kernels before 6.3 say nothing of
 * further groups, and none speaks of capabilities. So where the host refuses, the call is made once more as a
 * member of the directory's group if that would explain it, and at last without asking for permission.
 */
export function createAs(share: Share, caller: Caller, directory: number, create: () => number): number {
  const { credentials } = share;
  const { uid, gid, groups } = caller;
  let result = attempt(share, credentials.assume(uid, gid, groups), create);
  if (result !== -EACCES || uid === 0) return result;
  const group = groupThatMayCreate(share, directory);
  if (group >= 0) result = attempt(share, credentials.assume(uid, gid, [group]), create);
  if (result !== -EACCES) return result;
  return attempt(share, credentials.assume(uid, gid, groups), () => {
    const error = credentials.overrideAccess();
    return error < 0 ? error : create();
  });
}

/** The group of a directory if its members may create something there; else a negative number. */
function groupThatMayCreate(share: Share, directory: number): number {
  const { window, statx } = share.scratch;
  const error = raw.statxFd(directory, STATX_MASK, window.id, statx);
  if (error < 0) return error;
  const words = window.u32;
  const w = statx >> 2;
  if ((words[w + STATX_WORD.mode]! & GROUP_MAY_CREATE) !== GROUP_MAY_CREATE) return -EACCES;
  return words[w + STATX_WORD.gid]!;
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
