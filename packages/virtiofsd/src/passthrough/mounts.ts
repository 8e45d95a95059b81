import {
  ENFILE,
  EOPNOTSUPP,
  EPERM,
  ESTALE,
  errnoName,
  O_NONBLOCK,
  O_RDONLY,
  raw,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from '@vfs/sys';
import { StartError } from '../start-error.js';
import { makeRoom } from './descriptor-room.js';
import type { Mount } from './mount-table.js';
import { reopen } from './reopen.js';
import type { Share } from './share.js';
import { STATX_MASK, STATX_WORD } from './statx.js';
import { isPassing, PATH_FLAGS, readHandleOf } from './way-back.js';

/** The share is to use file handles only, and where it begins there are none. */
export class FileHandlesError extends StartError {
  readonly code = 'ERR_FILE_HANDLES';

  constructor(error: number) {
    super(`${withoutHandles(error)}: choose --inode-file-handles=prefer, or never`);
  }
}

/**
 * The mount of a file that has been opened and whose attributes are in the scratch memory: −errno when its files may not be served.
 *
 * A mount that is not known yet is met by its root, or by the shared folder: the only ways into one. That is what its real descriptor is
 * opened from, without a look at the mount table, which shows neither all mounts nor the right paths to every process.
 */
export function mountOf(share: Share, descriptor: number): Mount | number {
  const { mounts } = share;
  const { u32 } = share.scratch.window;
  const w = (share.scratch.statx >> 2) + STATX_WORD.mountId;
  const id = u32[w + 1]! * 2 ** 32 + u32[w]!;
  const known = mounts.find(id);
  if (known) return known;
  if (mounts.isFull) return -ENFILE;
  const real = share.usesFileHandles ? openMount(share, descriptor) : -EOPNOTSUPP;
  // What is decided here holds for as long as the mount is known.
  if (isPassing(real)) return real;
  if (real < 0 && share.usesFileHandles) {
    if (share.settings.inodeFileHandles === 'mandatory') {
      if (mounts.size === 0) return real;
      if (mounts.firstRemark(id))
        share.log.warn(`a mount inside the share is not served: ${withoutHandles(real)}`);
      return real === -ESTALE ? -EOPNOTSUPP : real;
    }
    if (mounts.size === 0) giveUpHandles(share, real);
    else if (mounts.firstRemark(id)) share.log.info(`for a mount inside the share, ${withoutHandles(real)}`);
  }
  return mounts.add(id, Math.max(real, -1));
}

/** Tries whether the files of a mount can be opened by handle: a real descriptor on it, or −errno. */
function openMount(share: Share, descriptor: number): number {
  const { scratch, mounts, budget } = share;
  const { window } = scratch;
  const type = window.u32[(scratch.statx >> 2) + STATX_WORD.mode]! & S_IFMT;
  if (type !== S_IFDIR && type !== S_IFREG) return -EOPNOTSUPP;
  // The share's own is not the guest's doing.
  const charged = mounts.size > 0;
  if (charged && !makeRoom(share)) return -ENFILE;
  const real = reopen(share, descriptor, O_RDONLY | O_NONBLOCK);
  let error = real < 0 ? real : readHandleOf(share, descriptor);
  if (error === 0) {
    const again = raw.openByHandleAt(real, window.id, scratch.handle, PATH_FLAGS);
    error = again < 0 ? again : raw.statxFd(again, STATX_MASK, window.id, scratch.otherStatx);
    if (error === 0 && !isSame(share)) error = -ESTALE;
    if (again >= 0) raw.close(again);
  }
  if (error === 0) return real;
  if (real >= 0) raw.close(real);
  if (charged) budget.give();
  return error;
}

/** Whether what a handle led to is what the handle was made of. */
function isSame({ scratch }: Share): boolean {
  const { u32 } = scratch.window;
  for (const word of [STATX_WORD.ino, STATX_WORD.dev, STATX_WORD.mountId]) {
    for (const at of [word, word + 1]) {
      if (u32[(scratch.statx >> 2) + at] !== u32[(scratch.otherStatx >> 2) + at]) return false;
    }
  }
  return true;
}

/** File handles are preferred, but there are none where the share begins. */
function giveUpHandles(share: Share, error: number): void {
  // What nobody but root may do is no news to others.
  if (error === -EPERM) share.log.info(`${withoutHandles(error)}: descriptors are used instead`);
  else share.log.warn(`${withoutHandles(error)}: descriptors are used instead`);
  share.usesFileHandles = error !== -EPERM;
}

function withoutHandles(error: number): string {
  return error === -EPERM
    ? 'file handles cannot be used without CAP_DAC_READ_SEARCH'
    : `the file system has no file handles that can be used (${errnoName(-error)})`;
}
