import { MappedMemory, type MemoryWindow } from './memory.js';

/** Up to so many bytes a loop beats making the two views that TypedArray.set needs. */
const LOOP_BYTES = 96;
/** The same when the loop moves words. */
const LOOP_WORDS_BYTES = 512;
/** Bytes of one entry: u32 window id, u32 offset, u32 length. */
const ENTRY_SIZE = 12;

/** Finds the window that an id names. */
export interface WindowSource {
  /** The window with that id, which an entry of a table names. @throws RangeError when there is none */
  windowOf(id: number): MemoryWindow;
}

const NO_WORDS: Uint32Array = new Uint32Array(0);

/**
 * Word views of the private arrays that were copied to and from last: a caller re-uses few of them. One that does not begin at a word
 * has a view without words.
 */
const lastTarget = { bytes: new Uint8Array(0), words: NO_WORDS };
const lastSource = { bytes: new Uint8Array(0), words: NO_WORDS };

/**
 * A list of pieces of memory, in order, that vectored I/O and copies treat as one range of `byteLength` bytes.
 *
 * The entries lie in a window themselves, so that `raw.preadv2` and `raw.pwritev2` can use them without any conversion:
 * `raw.preadv2(fd, list.tableWindow, list.tableOffset, list.count, skip, length, …)`.
 */
export class SegmentList {
  readonly capacity: number;
  /** Id of the window that the entries lie in. */
  readonly tableWindow: number;
  /** Where in that window they begin. */
  readonly tableOffset: number;
  readonly #table: Uint32Array;
  /** Keeps the window of the table, and the memory behind it, reachable. */
  readonly #owner: MappedMemory | MemoryWindow;
  readonly #windows: MemoryWindow[] = [];
  /** Who knows the windows of entries that were adopted. */
  #source: WindowSource | undefined;
  /** A private copy of the first {@link #headLength} bytes. */
  #head = NO_WORDS;
  #headLength = 0;
  #count = 0;
  #byteLength = 0;
  /** Where the last copy ended: copies are mostly sequential. */
  #cursor = 0;
  #cursorStart = 0;

  /**
   * @param capacity - how many segments fit, at least 1
   * @param table - where the entries go: 12 bytes each, in memory that nobody else writes, at a multiple of 4; by default
   *   memory of the list's own
   */
  constructor(capacity: number, table?: { window: MemoryWindow; offset: number }) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0x10_0000) {
      throw new RangeError(`capacity is ${capacity}, expected 1 to 2^20`);
    }
    let window = table?.window;
    if (window === undefined) {
      const memory = MappedMemory.anonymous(capacity * ENTRY_SIZE);
      window = memory.windows[0]!;
      this.#owner = memory;
    } else {
      this.#owner = window;
    }
    const offset = table?.offset ?? 0;
    this.capacity = capacity;
    this.tableWindow = window.id;
    this.tableOffset = offset;
    // Throws a RangeError when the table does not fit or is not aligned.
    this.#table = new Uint32Array(window.buffer, offset, capacity * 3);
  }

  /** How many segments there are. */
  get count(): number {
    return this.#count;
  }

  /** The sum of their lengths. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Forgets all segments. */
  clear(): void {
    this.#count = 0;
    this.#byteLength = 0;
    this.#cursor = 0;
    this.#cursorStart = 0;
    this.#source = undefined;
    this.#headLength = 0;
  }

  /**
   * Takes over entries that a raw call has put in the table of this list, which must be empty.
   *
   * @param count - of the entries, at most {@link capacity}
   * @param byteLength - the sum of their lengths
   * @param source - knows the windows that the entries name
   * @param head - a private copy of the first bytes, as words; what is copied out of that range comes from there
   * @param headLength - how many bytes of it there are
   */
  adopt(count: number, byteLength: number, source: WindowSource, head = NO_WORDS, headLength = 0): void {
    if (!(count >= 0 && count <= this.capacity && headLength <= head.length * 4)) {
      throw new RangeError(`${count} entries in a list for ${this.capacity}`);
    }
    this.#count = count;
    this.#byteLength = byteLength;
    this.#source = source;
    this.#head = head;
    this.#headLength = headLength;
  }

  /**
   * Appends `length` bytes at `offset` of a window.
   *
   * @returns false when the list is full or was adopted, or the range is not inside the window; the list is then unchanged
   */
  add(window: MemoryWindow, offset: number, length: number): boolean {
    const index = this.#count;
    if (index >= this.capacity || this.#source !== undefined) return false;
    // Written so that NaN fails too.
    if (!(offset >= 0 && length >= 0 && offset + length <= window.byteLength)) return false;
    const entry = index * 3;
    this.#table[entry] = window.id;
    this.#table[entry + 1] = offset;
    this.#table[entry + 2] = length;
    this.#windows[index] = window;
    this.#count = index + 1;
    this.#byteLength += length;
    return true;
  }

  /** The window of segment `index`, which must be below {@link count}. */
  windowAt(index: number): MemoryWindow {
    this.#checkIndex(index);
    return this.#window(index);
  }

  /** Where segment `index` begins in its window. */
  offsetAt(index: number): number {
    this.#checkIndex(index);
    return this.#table[index * 3 + 1]!;
  }

  /** The length of segment `index` in bytes. */
  lengthAt(index: number): number {
    this.#checkIndex(index);
    return this.#table[index * 3 + 2]!;
  }

  /**
   * Copies `length` bytes at `position` of the list to `target`.
   *
   * @throws RangeError when either range is not inside; TypeError when the memory is no longer mapped
   */
  copyOut(position: number, target: Uint8Array, targetOffset: number, length: number): void {
    this.#checkRanges(position, target, targetOffset, length);
    if (position + length <= this.#headLength) {
      copyHead(this.#head, position, target, targetOffset, length);
      return;
    }
    let index = this.#seek(position);
    let skip = position - this.#cursorStart;
    let at = targetOffset;
    const end = targetOffset + length;
    while (at < end) {
      const left = this.#table[index * 3 + 2]! - skip;
      const size = Math.min(left, end - at);
      copyFromWindow(this.#window(index), this.#table[index * 3 + 1]! + skip, target, at, size);
      at += size;
      if (at === end) break;
      this.#cursorStart += skip + left;
      this.#cursor = ++index;
      skip = 0;
    }
  }

  /**
   * Copies `length` bytes of `source` to `position` of the list.
   *
   * @throws RangeError when either range is not inside; TypeError when the memory is no longer mapped
   */
  copyIn(position: number, source: Uint8Array, sourceOffset: number, length: number): void {
    this.#checkRanges(position, source, sourceOffset, length);
    let index = this.#seek(position);
    let skip = position - this.#cursorStart;
    let at = sourceOffset;
    const end = sourceOffset + length;
    while (at < end) {
      const left = this.#table[index * 3 + 2]! - skip;
      const size = Math.min(left, end - at);
      copyToWindow(this.#window(index), this.#table[index * 3 + 1]! + skip, source, at, size);
      at += size;
      if (at === end) break;
      this.#cursorStart += skip + left;
      this.#cursor = ++index;
      skip = 0;
    }
  }

  /** Keeps the owner of the table from being collected while the list is in use. */
  get tableOwner(): MappedMemory | MemoryWindow {
    return this.#owner;
  }

  #window(index: number): MemoryWindow {
    const source = this.#source;
    return source === undefined ? this.#windows[index]! : source.windowOf(this.#table[index * 3]!);
  }

  /** Moves the cursor to the segment that contains `position`, or to the last one when there is none. */
  #seek(position: number): number {
    if (position < this.#cursorStart) {
      this.#cursor = 0;
      this.#cursorStart = 0;
    }
    const last = this.#count - 1;
    while (this.#cursor < last) {
      const next = this.#cursorStart + this.#table[this.#cursor * 3 + 2]!;
      if (position < next) break;
      this.#cursorStart = next;
      this.#cursor++;
    }
    return this.#cursor;
  }

  #checkIndex(index: number): void {
    if (!(index >= 0 && index < this.#count)) throw new RangeError(`segment ${index} of ${this.#count}`);
  }

  #checkRanges(position: number, bytes: Uint8Array, offset: number, length: number): void {
    // Written so that NaN fails too.
    if (!(position >= 0 && length >= 0 && position + length <= this.#byteLength)) {
      throw new RangeError(`bytes ${position} to ${position + length} of a list of ${this.#byteLength}`);
    }
    if (!(offset >= 0 && offset + length <= bytes.length)) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of an array of ${bytes.length}`);
    }
  }
}

function copyHead(head: Uint32Array, from: number, target: Uint8Array, to: number, size: number): void {
  let done = 0;
  if (((from | to) & 3) === 0) {
    if (lastTarget.bytes !== target) remember(lastTarget, target);
    const { words } = lastTarget;
    if (words.length > 0) {
      done = size & ~3;
      const shift = (from - to) >> 2;
      const end = (to + done) >> 2;
      for (let i = to >> 2; i < end; i++) words[i] = head[i + shift]!;
    }
  }
  for (; done < size; done++) {
    const at = from + done;
    target[to + done] = head[at >> 2]! >>> (8 * (at & 3));
  }
}

function copyFromWindow(
  window: MemoryWindow,
  from: number,
  target: Uint8Array,
  to: number,
  size: number,
): void {
  if (lastTarget.bytes !== target) remember(lastTarget, target);
  const { words } = lastTarget;
  if (((from | to | size) & 3) === 0 && size <= LOOP_WORDS_BYTES && words.length > 0) {
    const source = window.u32;
    const shift = (from - to) >> 2;
    const end = (to + size) >> 2;
    for (let i = to >> 2; i < end; i++) words[i] = source[i + shift]!;
  } else if (size <= LOOP_BYTES) {
    const source = window.u8;
    for (let i = 0; i < size; i++) target[to + i] = source[from + i]!;
  } else {
    target.set(new Uint8Array(window.buffer, from, size), to);
  }
}

function copyToWindow(
  window: MemoryWindow,
  to: number,
  source: Uint8Array,
  from: number,
  size: number,
): void {
  if (lastSource.bytes !== source) remember(lastSource, source);
  const { words } = lastSource;
  if (((from | to | size) & 3) === 0 && size <= LOOP_WORDS_BYTES && words.length > 0) {
    const target = window.u32;
    const shift = (from - to) >> 2;
    const end = (to + size) >> 2;
    for (let i = to >> 2; i < end; i++) target[i] = words[i + shift]!;
  } else if (size <= LOOP_BYTES) {
    const target = window.u8;
    for (let i = 0; i < size; i++) target[to + i] = source[from + i]!;
  } else {
    window.u8.set(new Uint8Array(source.buffer, source.byteOffset + from, size), to);
  }
}

function remember(cache: { bytes: Uint8Array; words: Uint32Array }, bytes: Uint8Array): void {
  cache.bytes = bytes;
  const { buffer, byteOffset, length } = bytes;
  cache.words = byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >>> 2) : NO_WORDS;
}
