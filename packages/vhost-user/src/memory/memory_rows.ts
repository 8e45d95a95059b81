import { MappedMemory, type MemoryWindow, SplitChainsRow, WINDOW_SIZE } from '@vfs/sys';
import type { MemoryRegion } from './region.js';

/** More rows than this are not searched natively. */
const MOST_ROWS = 64;
const ROW_WORDS = SplitChainsRow.bytes >> 2;

/** A memory table as `raw.splitChains` of @vfs/sys reads it: one row for each piece of a region that lies in one window. */
export class MemoryRows implements Disposable {
  /** 0: the table is too long. */
  readonly count: number;
  /** The rows begin at its first byte. */
  readonly window: MemoryWindow;
  readonly #memory: MappedMemory;

  constructor(regions: readonly MemoryRegion[]) {
    this.#memory = MappedMemory.anonymous(MOST_ROWS * SplitChainsRow.bytes);
    this.window = this.#memory.windows[0]!;
    let count = 0;
    for (const region of regions) {
      const end = region.delta + (region.end - region.start);
      let at = region.delta;
      while (at < end && count <= MOST_ROWS) {
        const index = Math.floor(at / WINDOW_SIZE);
        const offset = at - index * WINDOW_SIZE;
        const size = Math.min(end - at, WINDOW_SIZE - offset);
        if (count < MOST_ROWS)
          this.#set(count, region.start - region.delta + at, size, region.windows[index]!, offset);
        count++;
        at += size;
      }
    }
    this.count = count <= MOST_ROWS ? count : 0;
  }

  [Symbol.dispose](): void {
    this.#memory.unmap();
  }

  #set(row: number, start: number, size: number, window: MemoryWindow, offset: number): void {
    const { u32 } = this.window;
    const at = row * ROW_WORDS;
    u32[at + SplitChainsRow.startLow] = start % 2 ** 32;
    u32[at + SplitChainsRow.startHigh] = Math.floor(start / 2 ** 32);
    u32[at + SplitChainsRow.size] = size;
    u32[at + SplitChainsRow.window] = window.id;
    u32[at + SplitChainsRow.offset] = offset;
  }
}
