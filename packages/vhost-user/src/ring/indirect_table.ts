import type { SegmentList } from '@vfs/sys';
import { Append, type GuestMemory } from '../memory/guest_memory.js';
import { descriptorLayout, MAX_QUEUE_SIZE } from './layout.js';

/**
 * A descriptor table somewhere in guest memory, as words. It is read in place where it lies in one piece and aligned to
 * words, as it always does in practice; otherwise from a private copy.
 */
export class IndirectTable {
  /** The words of the memory that holds the table; little-endian u32. */
  words: Uint32Array = new Uint32Array(0);
  /** Index in {@link words} of the table's first word. */
  base = 0;
  readonly #pieces: SegmentList;
  #copy: Uint8Array<ArrayBuffer> | undefined;

  /** @param pieces - scratch: a table in more pieces than it has room for is refused */
  constructor(pieces: SegmentList) {
    this.#pieces = pieces;
  }

  /** @returns false when a part of the table is not in guest memory. */
  open(memory: GuestMemory, addressLow: number, addressHigh: number, length: number): boolean {
    const pieces = this.#pieces;
    pieces.clear();
    if (memory.append(pieces, addressLow, addressHigh, length) !== Append.OK) return false;
    if (pieces.count === 1 && pieces.offsetAt(0) % 4 === 0) {
      this.words = pieces.windowAt(0).u32;
      this.base = pieces.offsetAt(0) >>> 2;
      return true;
    }
    let copy = this.#copy;
    if (copy === undefined || copy.length < length) {
      copy = this.#copy = new Uint8Array(Math.max(length, descriptorLayout.size * MAX_QUEUE_SIZE));
    }
    pieces.copyOut(0, copy, 0, length);
    this.words = new Uint32Array(copy.buffer);
    this.base = 0;
    return true;
  }
}
