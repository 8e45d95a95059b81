import type { SecurityContext } from '@vfs/fuse-proto';
import { AT_REMOVEDIR, raw, S_IFDIR } from '@vfs/sys';
import { nodeDescriptor } from './node-descriptors.js';
import { forgetNode, lookupNode } from './nodes.js';
import type { Share } from './share.js';
import { STATX_MASK } from './statx.js';
import { setPlaced } from './xattr-operations.js';

/** The labels that a request to create something brings along. */
export type Labels = readonly SecurityContext[] | undefined;

/**
 * Gives a new file its labels: 0, or −errno, upon which the caller removes it again. The guest cannot see it without them, as nothing
 * else is served in between.
 */
export function labelFile(share: Share, labels: Labels, descriptor: number): number {
  const { xattrs, agreed } = share;
  if (!labels || !xattrs || !agreed.securityLabel) return 0;
  for (const { name, value } of labels) {
    let error = xattrs.putName(name, 0, name.length, agreed.posixAcl);
    if (error >= 0) error = setPlaced(xattrs, descriptor, value, 0, value.length, 0);
    if (error < 0) return error;
  }
  return 0;
}

/**
 * {@link labelFile} for a node that has just been made, whose attributes and name are in the scratch memory and remain so: 0, or
 * −errno with the entry removed. The lookup of the node is still counted then.
 */
export function labelEntry(
  share: Share,
  labels: Labels,
  parent: number,
  directory: number,
  slot: number,
): number {
  if (!labels?.length) return 0;
  const { scratch } = share;
  const descriptor = nodeDescriptor(share, slot);
  let error = descriptor < 0 ? descriptor : labelFile(share, labels, descriptor);
  // The time of the last change is that of the label.
  if (error === 0) error = raw.statxFd(descriptor, STATX_MASK, scratch.window.id, scratch.statx);
  if (error < 0) removeAgain(share, parent, directory, slot);
  return error;
}

/** Removes an entry, unless it has become another one. */
function removeAgain(share: Share, parent: number, directory: number, slot: number): void {
  const { scratch, nodes } = share;
  const found = lookupNode(share, parent, directory, scratch.window.id, scratch.name);
  if (found < 0) return;
  forgetNode(share, nodes.idOf(found), 1);
  if (found !== slot) return;
  const flags = nodes.typeOf(slot) === S_IFDIR ? AT_REMOVEDIR : 0;
  raw.unlinkat(directory, scratch.window.id, scratch.name, flags);
}
