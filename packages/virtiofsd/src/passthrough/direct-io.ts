import type { Outcome } from '@vfs/fuse-proto';
import { EINVAL, F_GETFL, F_SETFL, O_DIRECT, raw } from '@vfs/sys';
import { whilePinned } from './offload.js';
import type { Share } from './share.js';

/*
 * A file that is open with O_DIRECT refuses what is not aligned (EINVAL). The guest's kernel does not know that: from its cache it writes
 * the last page of a file as far as the file goes, by whatever descriptor it finds, and the guest's programs need not align what
 * their kernel does not ask them to. So what is refused goes through the host's cache.
 */

/**
 * Makes `act`, a transfer, without O_DIRECT: its result, or −errno when that cannot be. Others that work on the descriptor meanwhile
 * may miss it, too; and for good, if it cannot be set again: then all of them go through the cache.
 */
export function throughCache(descriptor: number, act: () => number): number {
  const flags = raw.fcntl(descriptor, F_GETFL, 0);
  if (flags < 0) return flags;
  const error = raw.fcntl(descriptor, F_SETFL, flags & ~O_DIRECT);
  if (error < 0) return error;
  try {
    return act();
  } finally {
    raw.fcntl(descriptor, F_SETFL, flags);
  }
}

/** The outcome of a transfer; if that was refused for not being aligned, of `act`, which is the same on this thread. */
export function elseThroughCache(
  share: Share,
  descriptor: number,
  outcome: Outcome,
  act: () => number,
): Outcome {
  if (typeof outcome === 'number') return outcome === -EINVAL ? throughCache(descriptor, act) : outcome;
  return whilePinned(share, descriptor, async () => {
    const result = await outcome;
    return result === -EINVAL ? throughCache(descriptor, act) : result;
  });
}
