/** Blocks begin at multiples of this many bytes. */
const UNIT = 8;
const CHUNK_UNITS = 2 ** 15;
const CHUNK_BITS = 15;
const CHUNK_SIZE = CHUNK_UNITS * UNIT;
/** Of one string; its length is stored in a byte. */
const MAX_LENGTH = 255;
const CLASSES = (1 + MAX_LENGTH + UNIT - 1) / UNIT;

/** A reference that is never given out: "no bytes". */
export const NO_BYTES = 0;

/**
 * Keeps many short byte strings at the cost of a byte and at most seven of padding each: no object per string, nothing for the garbage
 * collector to visit.
 *
 * A reference is the number of the unit where a block begins. Blocks that are given back wait in a list per size, and when the
 * last one is given back all memory is.
 */
export class ByteStore {
  #chunks: Uint8Array[] = [];
  /** Per size in units: the first free block. */
  readonly #free = new Uint32Array(CLASSES + 1);
  /** The first unit never used. Unit 0 is reserved. */
  #end = 1;
  #count = 0;
  #bytes = 0;

  /** How many strings there are. */
  get count(): number {
    return this.#count;
  }

  /** How many bytes they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Stores at most 255 bytes: their reference. */
  add(source: Uint8Array, offset: number, length: number): number {
    const units = unitsOf(length);
    const reference = this.#free[units] === NO_BYTES ? this.#fresh(units) : this.#reused(units);
    const chunk = this.#chunks[reference >>> CHUNK_BITS]!;
    let at = offsetOf(reference);
    chunk[at++] = length;
    for (let i = 0; i < length; i++) chunk[at + i] = source[offset + i]!;
    this.#count++;
    this.#bytes += units * UNIT;
    return reference;
  }

  /** Copies a string to a place: its length. */
  copy(reference: number, target: Uint8Array, at: number): number {
    const chunk = this.#chunks[reference >>> CHUNK_BITS]!;
    const from = offsetOf(reference);
    const length = chunk[from]!;
    for (let i = 0; i < length; i++) target[at + i] = chunk[from + 1 + i]!;
    return length;
  }

  /** Whether a string has exactly these bytes. */
  equals(reference: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const chunk = this.#chunks[reference >>> CHUNK_BITS]!;
    const from = offsetOf(reference);
    if (chunk[from] !== length) return false;
    for (let i = 0; i < length; i++) if (chunk[from + 1 + i] !== bytes[offset + i]) return false;
    return true;
  }

  /** Gives a string back; its reference is invalid from now on. */
  remove(reference: number): void {
    const chunk = this.#chunks[reference >>> CHUNK_BITS]!;
    const at = offsetOf(reference);
    const units = unitsOf(chunk[at]!);
    this.#bytes -= units * UNIT;
    if (--this.#count === 0) {
      this.clear();
      return;
    }
    writeU32(chunk, at, this.#free[units]!);
    this.#free[units] = reference;
  }

  clear(): void {
    this.#chunks = [];
    this.#free.fill(NO_BYTES);
    this.#end = 1;
    this.#count = this.#bytes = 0;
  }

  #reused(units: number): number {
    const reference = this.#free[units]!;
    this.#free[units] = readU32(this.#chunks[reference >>> CHUNK_BITS]!, offsetOf(reference));
    return reference;
  }

  #fresh(units: number): number {
    // No block crosses the edge of a chunk; what is left there is lost, 256 bytes in 256 KiB at most.
    if ((this.#end % CHUNK_UNITS) + units > CHUNK_UNITS) this.#end = this.#chunks.length * CHUNK_UNITS;
    const reference = this.#end;
    if (reference >>> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new Uint8Array(CHUNK_SIZE));
    this.#end += units;
    return reference;
  }
}

function unitsOf(length: number): number {
  return Math.trunc((length + UNIT) / UNIT);
}

function offsetOf(reference: number): number {
  return (reference % CHUNK_UNITS) * UNIT;
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
