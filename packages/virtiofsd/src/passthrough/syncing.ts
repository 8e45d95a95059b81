import type { Outcome } from '@vfs/fuse-proto';
import { ENFILE, O_NONBLOCK, O_RDONLY, S_IFDIR, S_IFREG } from '@vfs/sys';
import { makeRoom, releaseDescriptor } from './descriptor-room.js';
import { nodeDescriptor } from './node-descriptors.js';
import { ROOT_SLOT } from './node-table.js';
import { offload } from './offload.js';
import { reopen } from './reopen.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';

/**
 * Writes the file system of a node to its disk: 0 or −errno.
 *
 * A guest that knows of the mounts inside the share asks for each. One that takes the share for a single file system asks once, and means all
 * of them.
 */
export function syncFileSystem(share: Share, slot: number): Outcome {
  const own = syncMountOf(share, slot);
  if (slot !== ROOT_SLOT || share.agreed.submounts || share.mounts.size === 1) return own;
  const outcomes = [own];
  for (const mount of share.mounts.inside()) {
    const known = someFileOn(share, mount.index);
    if (known !== NO_SLOT) outcomes.push(syncMountOf(share, known));
  }
  return firstError(outcomes);
}

/** A node of a mount that can be opened, with a descriptor if there is such a one; else NO_SLOT. */
function someFileOn({ cache, nodes }: Share, mount: number): number {
  const serves = (slot: number) => nodes.mountOf(slot) === mount && canBeOpened(nodes.typeOf(slot));
  const found = cache.find(serves);
  if (found !== undefined) return found;
  for (const slot of nodes.slots()) if (serves(slot)) return slot;
  return NO_SLOT;
}

function canBeOpened(type: number): boolean {
  return type === S_IFDIR || type === S_IFREG;
}

/** syncfs(2) needs a descriptor that is more than O_PATH. */
function syncMountOf(share: Share, slot: number): Outcome {
  // Whatever is neither leads to a file system that has others.
  if (!canBeOpened(share.nodes.typeOf(slot))) return 0;
  const path = nodeDescriptor(share, slot);
  if (path < 0) return path;
  if (!makeRoom(share)) return -ENFILE;
  const descriptor = reopen(share, path, O_RDONLY | O_NONBLOCK);
  if (descriptor < 0) {
    share.budget.give();
    return descriptor;
  }
  const outcome = offload(share, descriptor, 'syncfs', descriptor);
  releaseDescriptor(share, descriptor);
  return outcome;
}

async function firstError(outcomes: readonly Outcome[]): Promise<number> {
  const results = await Promise.all(outcomes);
  for (const result of results) if (typeof result === 'number' && result < 0) return result;
  return 0;
}
