import { EMFILE, ENFILE, raw } from '@vfs/sys';
import { NONE } from './descriptor-cache.js';
import { CLOSED } from './node-table.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { prepareToClose } from './way-back.js';

/** How many are closed when the kernel has none left, so that not every call has to meet that error. */
const BATCH = 16;

/** With so many it is not clear whether they can be closed: then the file system has trouble, and no more of them are asked about. */
const MOST_UNCLEAR = 32;

/**
 * Charges the budget for descriptors that are about to be opened, closing others of nodes for it if need be; false when that
 * does not help: ENFILE.
 */
export function makeRoom(share: Share, count = 1): boolean {
  const { budget } = share;
  while (budget.left < count && closeOne(share));
  return budget.take(count);
}

/**
 * {@link makeRoom} for the handles of files that the guest opens. They stay open until the guest closes them, so they may
 * not have the last descriptors: nodes need a few to work with at all.
 *
 * @param others how many other descriptors are needed besides
 */
export function makeRoomForHandle(share: Share, others = 0): boolean {
  const { budget, handles, locks } = share;
  // The locks of a file have one that stays open, too.
  if (handles.size + locks.size < budget.forHandles) return makeRoom(share, 1 + others);
  budget.reportUsedUp();
  return false;
}

/** Whether a call that failed is worth another try: it failed for want of a descriptor, and some have been closed now. */
export function madeRoomAfter(share: Share, error: number): boolean {
  if (error !== -EMFILE && error !== -ENFILE) return false;
  let closed = 0;
  while (closed < BATCH && closeOne(share)) closed++;
  return closed > 0;
}

/** Closes a descriptor that a node had, as soon as nobody has it pinned. */
export function releaseDescriptor(share: Share, descriptor: number): void {
  if (share.pins.orphan(descriptor)) return;
  raw.close(descriptor);
  share.budget.give();
}

/** Removes a node that is of no use any more, and then the directories that were needed only to find it again. */
export function removeIdle(share: Share, slot: number): void {
  const { nodes, cache, mounts, budget, forgotten } = share;
  for (let idle = slot; idle !== NO_SLOT && nodes.isIdle(idle); ) {
    const descriptor = nodes.descriptorOf(idle);
    const mountDescriptor = mounts.leave(nodes.mountOf(idle));
    forgotten.removed(idle);
    idle = nodes.remove(idle);
    if (descriptor !== CLOSED) {
      cache.remove(descriptor);
      releaseDescriptor(share, descriptor);
    }
    if (mountDescriptor >= 0) {
      raw.close(mountDescriptor);
      budget.give();
    }
  }
}

/** Closes the descriptor of a node that has not been used for long; false when none can be closed. */
function closeOne(share: Share): boolean {
  const { cache, nodes, pins, forgotten } = share;
  if (forgotten.removeOldest()) return true;
  let unclear = 0;
  for (let left = cache.size; left > 0; left--) {
    const descriptor = cache.victim();
    if (descriptor === NONE) return false;
    if (pins.has(descriptor)) {
      cache.keep(descriptor);
      continue;
    }
    const slot = cache.slotOf(descriptor);
    const prospect = prepareToClose(share, slot, descriptor);
    if (prospect === 'unclear') {
      cache.keep(descriptor);
      if (++unclear === MOST_UNCLEAR) return false;
      continue;
    }
    cache.remove(descriptor);
    if (prospect === 'certain') {
      nodes.setDescriptor(slot, CLOSED);
      releaseDescriptor(share, descriptor);
      return true;
    }
    setAdrift(share, slot);
  }
  return false;
}

/** The descriptor of a node is not tried again until a lookup says where its file is. */
function setAdrift(share: Share, slot: number): void {
  const { nodes } = share;
  nodes.setAdrift(slot, true);
  if (nodes.hasName(slot)) removeIdle(share, nodes.clearWayBack(slot));
}
