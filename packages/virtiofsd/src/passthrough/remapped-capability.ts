import { ENODATA, EOPNOTSUPP, EPERM, raw } from '@vfs/sys';
import { nodeDescriptor } from './node-descriptors.js';
import type { Share } from './share.js';

/**
 * Removes the capabilities of a program that changes, where a map keeps them under a name of which the kernel does not know: to be
 * called before a write, a truncation or a change of owner. 0, or −errno, upon which the change must not be made.
 */
export function dropRemappedCapability(share: Share, slot: number): number {
  const { xattrs } = share;
  if (!xattrs?.remapsCapability) return 0;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  return settle(xattrs.calls.remove(descriptor, xattrs.window, xattrs.capability));
}

/** {@link dropRemappedCapability} by a descriptor that is open for reading or writing. */
export function dropRemappedCapabilityOfOpen(share: Share, descriptor: number): number {
  const { xattrs } = share;
  if (!xattrs?.remapsCapability) return 0;
  return settle(raw.fremovexattr(descriptor, xattrs.window.id, xattrs.capability));
}

/** There may be none, and files of some types and some file systems cannot have one under that name. */
function settle(result: number): number {
  return result === -ENODATA || result === -EOPNOTSUPP || result === -EPERM ? 0 : result;
}
