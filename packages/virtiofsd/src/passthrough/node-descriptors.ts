import { raw } from '@vfs/sys';
import type { Share } from './share.js';

/**
 * The O_PATH descriptor of a node, or −errno when it cannot be had.
 *
 * It is borrowed: valid for the rest of the current synchronous piece of work, and not to be closed. What needs it for
 * longer uses {@link pinNode}.
 */
export function nodeDescriptor(share: Share, slot: number): number {
  return share.nodes.descriptorOf(slot);
}

/**
 * As {@link nodeDescriptor}, but the descriptor stays open until {@link unpinNode}, whatever becomes of the node: for work
 * that ends in another turn of the event loop.
 */
export function pinNode(share: Share, slot: number): number {
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor >= 0) share.pins.pin(descriptor);
  return descriptor;
}

/** Ends one {@link pinNode}, of which `descriptor` was the result. */
export function unpinNode(share: Share, descriptor: number): void {
  if (share.pins.unpin(descriptor)) closeDescriptor(share, descriptor);
}

/** Charges the budget for descriptors that are about to be opened; false when there is no room for them: ENFILE. */
export function makeRoom(share: Share, count = 1): boolean {
  return share.budget.take(count);
}

/** Closes a descriptor that a node had, as soon as nobody has it pinned. */
export function releaseDescriptor(share: Share, descriptor: number): void {
  if (!share.pins.orphan(descriptor)) closeDescriptor(share, descriptor);
}

function closeDescriptor(share: Share, descriptor: number): void {
  raw.close(descriptor);
  share.budget.give();
}
