import { EINVAL, ENAMETOOLONG } from './errno.js';

const SLASH = 0x2f;
const DOT = 0x2e;

/** Longest name of a directory entry, in bytes without the NUL. */
export const NAME_MAX = 255;
/** Longest target of a symbolic link, in bytes without the NUL. */
export const SYMLINK_TARGET_MAX = 4095;
/** Longest name of an extended attribute, in bytes without the NUL. */
export const XATTR_NAME_MAX = 255;

// A byte order mark is part of a name like any other character.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Bytes within a request: `length` of `bytes` from `offset`. They are private to the request and stay as they
 * are until its result has settled; `copy` what is to outlive it.
 */
export class BytesIn {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  /** The same bytes in memory of their own. */
  copy(): Uint8Array {
    return this.bytes.slice(this.offset, this.offset + this.length);
  }

  /** The bytes read as UTF-8, with U+FFFD for what is not: for messages, as not everything survives it. */
  toString(): string {
    return decoder.decode(this.bytes.subarray(this.offset, this.offset + this.length));
  }

  /** Whether the other has the same bytes. */
  equals(other: BytesIn | Uint8Array): boolean {
    const bytes = other instanceof BytesIn ? other.bytes : other;
    const offset = other instanceof BytesIn ? other.offset : 0;
    if (other.length !== this.length) return false;
    for (let i = 0; i < this.length; i++) {
      if (this.bytes[this.offset + i] !== bytes[offset + i]) return false;
    }
    return true;
  }

  set(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }
}

/**
 * A name within a request; in `bytes` a NUL follows it. The session has validated it. As a directory entry:
 * 1..255 bytes, no slash, not "." or "..". As a symlink target: 1..4095 bytes. As an attribute name: 1..255
 * bytes. Never a NUL inside; not necessarily UTF-8.
 */
export class Name extends BytesIn {
  /**
   * Takes the name that starts at `start` and whose NUL has to come before `end`.
   * Returns the position after the NUL, or −EINVAL if there is none or the name is empty.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== 0) at++;
    if (at >= end || at === start) return -EINVAL;
    this.set(bytes, start, at - start);
    return at + 1;
  }

  /** 0 if the name may be one of a directory entry, else −EINVAL or −ENAMETOOLONG. */
  checkEntry(): number {
    const { bytes, offset, length } = this;
    if (length > NAME_MAX) return -ENAMETOOLONG;
    for (let i = offset; i < offset + length; i++) {
      if (bytes[i] === SLASH) return -EINVAL;
    }
    return this.isDots() ? -EINVAL : 0;
  }

  /** Whether this is "." or "..". */
  isDots(): boolean {
    const { bytes, offset, length } = this;
    return length <= 2 && bytes[offset] === DOT && (length === 1 || bytes[offset + 1] === DOT);
  }
}
