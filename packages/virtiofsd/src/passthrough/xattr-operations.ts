import {
  type BytesIn,
  type BytesOut,
  FUSE_SETXATTR_ACL_KILL_SGID,
  type Name,
  type SetxattrIn,
} from '@vfs/fuse-proto';
import {
  E2BIG,
  EINVAL,
  ENODATA,
  ENOSYS,
  EPERM,
  ESTALE,
  raw,
  S_ISGID,
  XATTR_CREATE,
  XATTR_REPLACE,
  XATTR_SIZE_MAX,
} from '@vfs/sys';
import { nodeDescriptor } from './node-descriptors.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';
import type { Xattrs } from './xattrs.js';

const KNOWN_FLAGS = XATTR_CREATE | XATTR_REPLACE;
const PERMISSIONS = 0o7777;

// Without extended attributes, the answer to all four is ENOSYS, upon which the guest does not ask again.

/** The value of an attribute of a node, or its length: 0 or −errno. */
export function getAttribute(share: Share, id: number, name: Name, reply: BytesOut): number {
  const { xattrs } = share;
  if (!xattrs) return -ENOSYS;
  const descriptor = descriptorOf(share, id);
  if (descriptor < 0) return descriptor;
  const error = putName(share, xattrs, name);
  // What must not be touched looks to a reader as if it were not there.
  if (error < 0) return error === -EPERM ? -ENODATA : error;
  const size = Math.min(reply.capacity, xattrs.valueSize);
  return send(xattrs, xattrs.calls.get(descriptor, xattrs.window, xattrs.name, xattrs.value, size), reply);
}

/** The names of a node's attributes, or the length of the list: 0 or −errno. */
export function listAttributes(share: Share, id: number, reply: BytesOut): number {
  const { xattrs } = share;
  if (!xattrs) return -ENOSYS;
  const descriptor = descriptorOf(share, id);
  if (descriptor < 0) return descriptor;
  // Only the whole list tells how much of it the guest may see.
  const length = xattrs.calls.list(descriptor, xattrs.window, xattrs.value, xattrs.valueSize);
  return send(xattrs, length < 0 ? length : xattrs.filterList(length, share.agreed.posixAcl), reply);
}

/** Sets an attribute of a node: 0 or −errno. */
export function setAttribute(
  share: Share,
  id: number,
  name: Name,
  value: BytesIn,
  input: SetxattrIn,
): number {
  const { xattrs, agreed } = share;
  if (!xattrs) return -ENOSYS;
  const descriptor = descriptorOf(share, id);
  if (descriptor < 0) return descriptor;
  if (input.flags & ~KNOWN_FLAGS) return -EINVAL;
  let error = putName(share, xattrs, name);
  if (error < 0) return error;
  error = setPlaced(xattrs, descriptor, value.bytes, value.offset, value.length, input.flags);
  if (error < 0 || !agreed.posixAcl || !(input.setxattr_flags & FUSE_SETXATTR_ACL_KILL_SGID)) return error;
  return clearSetgid(share, descriptor);
}

/** Sets the attribute whose name {@link Xattrs.putName} has placed: 0 or −errno. */
export function setPlaced(
  xattrs: Xattrs,
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (length > XATTR_SIZE_MAX) return -E2BIG;
  xattrs.window.u8.set(bytes.subarray(offset, offset + length), xattrs.value);
  return xattrs.calls.set(descriptor, xattrs.window, xattrs.name, xattrs.value, length, flags);
}

/** Removes an attribute of a node: 0 or −errno. */
export function removeAttribute(share: Share, id: number, name: Name): number {
  const { xattrs } = share;
  if (!xattrs) return -ENOSYS;
  const descriptor = descriptorOf(share, id);
  if (descriptor < 0) return descriptor;
  const error = putName(share, xattrs, name);
  return error < 0 ? error : xattrs.calls.remove(descriptor, xattrs.window, xattrs.name);
}

function descriptorOf(share: Share, id: number): number {
  const slot = share.nodes.slotOf(id);
  return slot === NO_SLOT ? -ESTALE : nodeDescriptor(share, slot);
}

function putName(share: Share, xattrs: Xattrs, { bytes, offset, length }: Name): number {
  return xattrs.putName(bytes, offset, length, share.agreed.posixAcl);
}

/** Makes what lies at the value's place the reply; of `length` bytes, or −errno. */
function send({ window, value }: Xattrs, length: number, reply: BytesOut): number {
  if (length < 0) return length;
  // A length alone is no more than that, and too long a list is answered by the session.
  if (length > reply.capacity) reply.length = length;
  else reply.set(window.u8.subarray(value, value + length));
  return 0;
}

/**
 * Set-group-ID goes when somebody outside the group changes the access control list. The guest's kernel knows who that is; the
 * host's sees only the daemon.
 */
function clearSetgid(share: Share, descriptor: number): number {
  const { scratch } = share;
  const error = raw.statxFd(descriptor, STATX_MASK, scratch.window.id, scratch.statx);
  if (error < 0) return error;
  const mode = scratch.window.u32[(scratch.statx >> 2) + STATX_WORD.mode]! & PERMISSIONS;
  if (!(mode & S_ISGID)) return 0;
  scratch.putNumber(descriptor);
  return raw.fchmodat(share.procSelfFd, scratch.window.id, scratch.number, mode & ~S_ISGID);
}
