import { MigrationError } from './migration-error.js';

/** Bytes of the longest LEB128 number: 64 bits in groups of 7. */
const MAX_VARINT = 10;
const FIRST_CAPACITY = 4096;

/**
 * Writes values in the "postcard" encoding (its wire format specification, version 1): integers beyond a byte as LEB128, signed ones
 * zig-zag before that, a count before strings, bytes, lists and maps, one byte for a truth value or an option.
 */
export class PostcardWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /** What has been written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param value a whole number from 0 to 2^53 − 1 */
  unsigned(value: number): void {
    this.#reserve(MAX_VARINT);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** @param value a whole number of 32 bits */
  signed32(value: number): void {
    this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value ? 1 : 0;
  }

  byteString(value: Uint8Array): void {
    this.unsigned(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what {@link PostcardWriter} writes, from a source that is not trusted: everything that does not fit is MALFORMED. */
export class PostcardReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Of a Buffer, slice() would be no copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A u64 that has to be at most 2^53 − 1. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw this.#malformed('a number beyond 2^53');
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw this.#malformed('a number without an end');
  }

  signed32(): number {
    const value = this.unsigned();
    if (value > 0xffff_ffff) throw this.#malformed('a number beyond 32 bits');
    return (value >>> 1) ^ -(value & 1);
  }

  boolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw this.#malformed(`a truth value of ${byte}`);
    return byte === 1;
  }

  /** The length of a list whose entries take at least `smallest` bytes each, so that a lie about it cannot cost memory. */
  count(smallest: number): number {
    const count = this.unsigned();
    if (count * smallest > this.#bytes.length - this.#at) throw this.#malformed(`a list of ${count} entries`);
    return count;
  }

  /** A copy. */
  byteString(): Uint8Array {
    const length = this.count(1);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  /** @throws MigrationError unless everything has been read */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#malformed('more bytes than the state has');
  }

  #byte(): number {
    if (this.#at === this.#bytes.length) throw this.#malformed('the end of the bytes');
    return this.#bytes[this.#at++]!;
  }

  #malformed(what: string): MigrationError {
    return new MigrationError('MALFORMED', `the device state has ${what} at byte ${this.#at}`);
  }
}
