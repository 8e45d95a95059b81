import type { Context, CopyFileRangeIn, Outcome } from '@vfs/fuse-proto';
import { EBADF, EINVAL } from '@vfs/sys';
import { lacksPrivilege, offloadChange } from './kill-privileges.js';
import { unpinNode } from './node-descriptors.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';

/**
 * Where all others wait while a range is copied: so much takes some tens of milliseconds at most, and the guest goes on from
 * there. Where blocks are shared instead of copied it costs a call for every so many bytes, which is nothing.
 */
const AT_ONCE = 64 << 20;
const HIGH_BIT = 0x8000_0000;

/** Copies from one open file to another on the host: how many bytes, or −errno. */
export function copyRange(share: Share, context: Context, id: number, input: CopyFileRangeIn): Outcome {
  const { handles } = share;
  const from = handles.slotOf(input.fh_in_lo, input.fh_in_hi, id);
  const to = handles.slotOf(input.fh_out_lo, input.fh_out_hi, targetNode(input));
  if (from === NO_SLOT || to === NO_SLOT) return -EBADF;
  if (input.flags_lo !== 0 || input.flags_hi !== 0) return -EINVAL;
  // Of negative offsets the system call takes one for the file position.
  if (input.off_in_hi >= HIGH_BIT || input.off_out_hi >= HIGH_BIT) return -EINVAL;
  const source = handles.descriptorOf(from);
  const target = handles.descriptorOf(to);
  share.pins.pin(source);
  const outcome = offloadChange(
    share,
    target,
    lacksPrivilege(share, context),
    'copyFileRange',
    source,
    input.off_in_lo,
    input.off_in_hi,
    target,
    input.off_out_lo,
    input.off_out_hi,
    input.len_hi > 0 ? AT_ONCE : Math.min(input.len_lo, AT_ONCE),
  );
  if (typeof outcome === 'number') {
    unpinNode(share, source);
    return outcome;
  }
  return outcome.finally(() => unpinNode(share, source));
}

function targetNode(input: CopyFileRangeIn): number {
  return input.nodeid_out_hi * 2 ** 32 + input.nodeid_out_lo;
}
