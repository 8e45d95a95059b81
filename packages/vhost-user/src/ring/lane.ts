import { type MemoryWindow, type SegmentList, SplitChainsLane } from '@vfs/sys';

/** Where native code lays out a chain: which segments it has, and a copy of its first bytes. Private memory. */
export class Lane {
  readonly words: Uint32Array;
  /** The first readable bytes. */
  readonly prefix: Uint32Array;

  /** @param offset - in `window`: a multiple of 4, followed by the bytes of a lane */
  constructor(
    readonly window: MemoryWindow,
    readonly offset: number,
  ) {
    const { bytes, prefix, prefixCapacity } = SplitChainsLane;
    this.words = new Uint32Array(window.buffer, offset, bytes >> 2);
    this.prefix = this.words.subarray(prefix, prefix + (prefixCapacity >> 2));
  }

  /** The segments are to go into the tables of these lists. */
  target(readable: SegmentList, writable: SegmentList): void {
    const { words } = this;
    words[SplitChainsLane.readableTable] = readable.tableWindow;
    words[SplitChainsLane.readableTable + 1] = readable.tableOffset;
    words[SplitChainsLane.readableCapacity] = readable.capacity;
    words[SplitChainsLane.writableTable] = writable.tableWindow;
    words[SplitChainsLane.writableTable + 1] = writable.tableOffset;
    words[SplitChainsLane.writableCapacity] = writable.capacity;
  }
}
