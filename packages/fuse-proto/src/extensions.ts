import { FUSE_EXT_GROUPS, FUSE_MAX_NR_SECCTX } from './abi/constants.js';
import { FUSE_REC_ALIGN } from './abi/dirent.js';
import { ExtHeader, Secctx, SuppGroups } from './abi/views.js';
import type { Context, SecurityContext } from './context.js';
import { EINVAL } from './errno.js';
import { Name, XATTR_NAME_MAX } from './name.js';

/**
 * Reads what follows the names of a creation: blocks of { size, type }, padded to 8 bytes, of which each type
 * may come once. Type 0..31 is a number of security contexts, 32 the supplementary groups.
 * Returns 0 with `context` filled in, or −EINVAL.
 */
export function readExtensions(bytes: Uint8Array, start: number, end: number, context: Context): number {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = new ExtHeader(data);
  let at = start;
  while (end - at >= ExtHeader.SIZE) {
    header.attach(data, at);
    const { size, type } = header;
    if (size < ExtHeader.SIZE || size > end - at) return -EINVAL;
    const error =
      type <= FUSE_MAX_NR_SECCTX
        ? readSecurity(bytes, data, at + ExtHeader.SIZE, at + size, type, context)
        : readGroups(data, at + ExtHeader.SIZE, at + size, type, context);
    if (error < 0) return error;
    at += FUSE_REC_ALIGN(size);
  }
  // Fewer than 8 bytes can only be the padding of a kernel that does not count it.
  return 0;
}

function readSecurity(
  bytes: Uint8Array,
  data: DataView,
  start: number,
  end: number,
  count: number,
  context: Context,
): number {
  if (context.security !== undefined) return -EINVAL;
  const found: SecurityContext[] = [];
  const name = new Name();
  let at = start;
  for (let i = 0; i < count; i++) {
    if (end - at < Secctx.SIZE) return -EINVAL;
    const size = new Secctx(data, at).size;
    const value = name.scan(bytes, at + Secctx.SIZE, end);
    if (value < 0 || name.length > XATTR_NAME_MAX || size === 0 || size > end - value) return -EINVAL;
    found.push({ name: name.copy(), value: bytes.slice(value, value + size) });
    at = start + FUSE_REC_ALIGN(value + size - start);
  }
  context.security = found;
  return 0;
}

function readGroups(data: DataView, start: number, end: number, type: number, context: Context): number {
  if (type !== FUSE_EXT_GROUPS || context.groups !== undefined || end - start < SuppGroups.SIZE)
    return -EINVAL;
  const { nr_groups } = new SuppGroups(data, start);
  const first = start + SuppGroups.SIZE;
  if (nr_groups > (end - first) / 4) return -EINVAL;
  context.groups = Array.from({ length: nr_groups }, (_, i) => data.getUint32(first + i * 4, true));
  return 0;
}
