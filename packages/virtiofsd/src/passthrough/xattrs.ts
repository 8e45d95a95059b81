import { EOPNOTSUPP, MappedMemory, type MemoryWindow, XATTR_LIST_MAX, XATTR_SIZE_MAX } from '@vfs/sys';
import type { XattrMap } from '../xattr-map/index.js';
import type { Scratch } from './scratch.js';
import { type XattrCalls, xattrCalls } from './xattr-calls.js';

const encoder = new TextEncoder();
const CAPABILITY = encoder.encode('security.capability');
const ACCESS_ACL = encoder.encode('system.posix_acl_access');
const DEFAULT_ACL = encoder.encode('system.posix_acl_default');

/** Bytes in memory: a name, or the longest value or list. */
const NAME_ROOM = 256;
const VALUE_ROOM = Math.max(XATTR_SIZE_MAX, XATTR_LIST_MAX);

/** What a share needs for extended attributes, if it has them: memory, calls, and which name of the guest is which of the host. */
export class Xattrs implements Disposable {
  readonly calls: XattrCalls;
  readonly #map: XattrMap | undefined;
  readonly #memory = MappedMemory.anonymous(2 * NAME_ROOM + VALUE_ROOM);
  readonly window: MemoryWindow = this.#memory.windows[0]!;
  // Places in the window.
  /** A name, ended by a NUL, as the host has it. */
  readonly name = 0;
  /** The name under which the map keeps security.capability. */
  readonly capability = NAME_ROOM;
  readonly value = 2 * NAME_ROOM;
  readonly valueSize = VALUE_ROOM;
  /**
   * Whether the map keeps security.capability under another name. The kernel then does not know that it has to go when a file changes,
   * see {@link dropCapability}.
   */
  readonly remapsCapability: boolean;

  constructor(procSelfFd: number, scratch: Scratch, map: XattrMap | undefined, calls?: XattrCalls) {
    this.#map = map;
    this.calls = calls ?? xattrCalls(procSelfFd, scratch);
    const length = this.#translate(CAPABILITY, 0, CAPABILITY.length, this.capability);
    this.remapsCapability = length >= 0 && !equals(this.window.u8, this.capability, length, CAPABILITY);
  }

  /**
   * Stores the host's name for one of the guest at {@link name}: its length, or −errno. `acl`: access control lists are in force;
   * otherwise they are out of reach, as nobody in the guest would heed them.
   */
  putName(bytes: Uint8Array, offset: number, length: number, acl: boolean): number {
    const result = this.#translate(bytes, offset, length, this.name);
    if (result < 0 || acl) return result;
    return isAcl(bytes, offset, length) || isAcl(this.window.u8, this.name, result) ? -EOPNOTSUPP : result;
  }

  /** Makes a list of `length` bytes at {@link value} what the guest may see of it: the length then. */
  filterList(length: number, acl: boolean): number {
    const map = this.#map;
    if (!map && acl) return length;
    const bytes = this.window.u8;
    const end = this.value + length;
    let to = this.value;
    for (let at = this.value; at < end; ) {
      // The kernel ends each name by a NUL.
      const next = bytes.indexOf(0, at) + 1;
      const size = next - 1 - at;
      const left = map ? map.toGuest(bytes, at, size) : 0;
      const seen = left >= 0 && (acl || !(isAcl(bytes, at, size) || isAcl(bytes, at + left, size - left)));
      if (seen) {
        bytes.copyWithin(to, at + left, next);
        to += next - at - left;
      }
      at = next;
    }
    return to - this.value;
  }

  [Symbol.dispose](): void {
    this.calls[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
  }

  #translate(bytes: Uint8Array, offset: number, length: number, at: number): number {
    const target = this.window.u8;
    let result = length;
    if (this.#map) result = this.#map.toHost(bytes, offset, length, target, at);
    else for (let i = 0; i < length; i++) target[at + i] = bytes[offset + i]!;
    if (result >= 0) target[at + result] = 0;
    return result;
  }
}

function isAcl(bytes: Uint8Array, offset: number, length: number): boolean {
  return equals(bytes, offset, length, ACCESS_ACL) || equals(bytes, offset, length, DEFAULT_ACL);
}

function equals(bytes: Uint8Array, offset: number, length: number, name: Uint8Array): boolean {
  if (length !== name.length) return false;
  for (let i = 0; i < length; i++) if (bytes[offset + i] !== name[i]) return false;
  return true;
}
