import { ENFILE, ENOENT, ENOTDIR, ESTALE, raw } from '@vfs/sys';
import { madeRoomAfter, makeRoom } from './descriptor-room.js';
import { CLOSED } from './node-table.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { leadsBack, openWayBack } from './way-back.js';

/**
 * The O_PATH descriptor of a node, or −errno when it cannot be had: ESTALE when the file is gone.
 *
 * It is borrowed: valid for the rest of the current synchronous piece of work (the 16 borrowed last stay open), and not to be closed. What
 * needs it for longer uses {@link pinNode}. Not to be called under other credentials than the daemon's own.
 */
export function nodeDescriptor(share: Share, slot: number): number {
  const descriptor = share.nodes.descriptorOf(slot);
  if (descriptor === CLOSED) return openAgain(share, slot);
  share.cache.touch(descriptor);
  return descriptor;
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
  if (!share.pins.unpin(descriptor)) return;
  raw.close(descriptor);
  share.budget.give();
}

/**
 * Opens a node whose descriptor was closed, and before it the directories on the way that are closed, too.
 *
 * All of that counts as one use. There can be more directories on the way than descriptors, and for them to be opened none that the
 * caller has borrowed may be closed: its number would be that of another directory at once.
 */
function openAgain(share: Share, slot: number): number {
  const { nodes, cache } = share;
  const closed: number[] = [];
  for (let at = slot; at !== NO_SLOT && nodes.descriptorOf(at) === CLOSED; at = nodes.names.parentOf(at)) {
    closed.push(at);
  }
  let descriptor = CLOSED;
  for (let at = closed.pop(); at !== undefined; at = closed.pop()) {
    const passed = descriptor;
    descriptor = openOne(share, at);
    if (passed !== CLOSED) cache.retire(passed);
    if (descriptor < 0) return descriptor;
  }
  cache.touch(descriptor);
  return descriptor;
}

/** Opens a node whose parent is open, if it needs one. */
function openOne(share: Share, slot: number): number {
  const { nodes, cache, budget } = share;
  const parent = nodes.names.parentOf(slot);
  const directory = parent === NO_SLOT ? CLOSED : nodes.descriptorOf(parent);
  // It must not be what is closed for this one.
  if (directory !== CLOSED) cache.keep(directory);
  if (!makeRoom(share)) return -ENFILE;
  let descriptor = openWayBack(share, slot, directory);
  if (madeRoomAfter(share, descriptor)) descriptor = openWayBack(share, slot, directory);
  if (descriptor >= 0) {
    const error = leadsBack(share, slot, descriptor);
    if (error === 0) {
      nodes.setDescriptor(slot, descriptor);
      cache.addKept(descriptor, slot);
      return descriptor;
    }
    raw.close(descriptor);
    descriptor = error;
  }
  budget.give();
  // The name leads nowhere: that says nothing of the name in the request, as ENOENT would.
  return descriptor === -ENOENT || descriptor === -ENOTDIR ? -ESTALE : descriptor;
}
