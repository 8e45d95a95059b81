import { O_CLOEXEC, O_NOFOLLOW, raw } from '@vfs/sys';
import { madeRoomAfter } from './descriptor-room.js';
import type { Share } from './share.js';

/** Opens the very file of a descriptor once more, whatever names it has by now: a descriptor or −errno. */
export function reopen(share: Share, descriptor: number, flags: number): number {
  const result = attempt(share, descriptor, flags);
  return madeRoomAfter(share, result) ? attempt(share, descriptor, flags) : result;
}

function attempt(share: Share, descriptor: number, flags: number): number {
  const { scratch } = share;
  scratch.putNumber(descriptor);
  // The entries of /proc/self/fd are links to be followed.
  return raw.openat(
    share.procSelfFd,
    scratch.window.id,
    scratch.number,
    (flags & ~O_NOFOLLOW) | O_CLOEXEC,
    0,
  );
}
