import { FUSE_LOOKUP } from '../abi/opcodes.js';
import { EINVAL, ENAMETOOLONG, ERANGE } from '../errno.js';
import { readExtensions } from '../extensions.js';
import { type Name, SYMLINK_TARGET_MAX, XATTR_NAME_MAX } from '../name.js';
import type { Slot } from '../slot.js';
import { ENTRY, type NameKind, type Operation, TARGET, type Traits, XATTR } from './operation.js';

/**
 * Takes the names of a request, which start at `start`, and what may follow them.
 * Returns 0, or −errno if they are not what the operation wants.
 */
export function takeNames(slot: Slot, operation: Operation, start: number, traits: Traits): number {
  const { request, length } = slot;
  let at = slot.name.scan(request, start, length);
  if (at < 0) return at;
  let error = checkName(slot.name, operation.firstName, operation.opcode, traits);
  if (error < 0) return error;
  if (operation.secondName !== 0) {
    at = slot.name2.scan(request, at, length);
    if (at < 0) return at;
    error = checkName(slot.name2, operation.secondName, operation.opcode, traits);
    if (error < 0) return error;
  }
  if (at === length) return 0;
  return operation.extended && traits.extensions
    ? readExtensions(request, at, length, slot.context)
    : -EINVAL;
}

function checkName(name: Name, kind: NameKind | 0, opcode: number, traits: Traits): number {
  switch (kind) {
    case ENTRY:
      if (traits.dots && opcode === FUSE_LOOKUP && name.isDots()) return 0;
      return name.checkEntry();
    case TARGET:
      return name.length > SYMLINK_TARGET_MAX ? -ENAMETOOLONG : 0;
    case XATTR:
      return name.length > XATTR_NAME_MAX ? -ERANGE : 0;
    default:
      return 0;
  }
}
