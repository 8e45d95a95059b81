import { type MemoryWindow, type SegmentList, WINDOW_SIZE, type WindowSource } from '@vfs/sys';
import { ProtocolError, RingError } from '../errors.js';
import type { RingPlace } from '../ring/virtqueue.js';
import { hex } from '../u64.js';
import { MemoryRows } from './memory_rows.js';
import type { MemoryRegion } from './region.js';

/** Results of {@link GuestMemory.append}. */
export const Append = {
  OK: 0,
  /** Part of the range is not covered by any region. */
  UNMAPPED: 1,
  /** The list has no room for another segment. */
  FULL: 2,
} as const;

const TWO_32 = 0x1_0000_0000;
/** High halves from here on belong to addresses above 2^53, which no region covers. */
const HIGH_LIMIT = 0x20_0000;

/**
 * A memory table: the regions of a guest's memory at one time. It never changes; another table takes its place, and both
 * share the mappings of the regions they have in common. A table is counted: whoever uses it across a turn of the event loop
 * holds a reference, and the last release gives up its regions. So requests in flight keep the memory they were made of.
 */
export class GuestMemory implements WindowSource {
  /** By guest-physical address. */
  readonly regions: readonly MemoryRegion[];
  #references = 1;
  /** The region of the last translation: requests stay in one region for long. */
  #recent: MemoryRegion | undefined;
  #rows: MemoryRows | undefined;
  #recentWindow: MemoryWindow | undefined;

  /**
   * Takes a reference of its own to every region.
   *
   * @throws ProtocolError BAD_MEMORY when two regions overlap
   */
  constructor(regions: readonly MemoryRegion[]) {
    const sorted = [...regions].sort((a, b) => a.start - b.start);
    for (const [i, region] of sorted.entries()) {
      for (const other of sorted.slice(i + 1)) {
        if (region.overlaps(other)) {
          throw new ProtocolError(
            'BAD_MEMORY',
            `memory regions at ${hex(region.start)} and ${hex(other.start)} overlap`,
          );
        }
      }
    }
    for (const region of sorted) region.retain();
    this.regions = sorted;
    this.#recent = sorted[0];
  }

  /** A file of it was truncated. */
  get lost(): boolean {
    return this.regions.some((region) => region.lost);
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references > 0) return;
    for (const region of this.regions) region.release();
    this.#rows?.[Symbol.dispose]();
    this.#rows = undefined;
    this.#recentWindow = undefined;
  }

  /** The table as native code reads it; undefined when it is too long for that. */
  get rows(): MemoryRows | undefined {
    if (this.#references <= 0) return undefined;
    this.#rows ??= new MemoryRows(this.regions);
    return this.#rows.count === 0 ? undefined : this.#rows;
  }

  windowOf(id: number): MemoryWindow {
    if (this.#recentWindow?.id === id) return this.#recentWindow;
    for (const region of this.regions) {
      const window = region.windows.find((candidate) => candidate.id === id);
      if (window !== undefined) {
        this.#recentWindow = window;
        return window;
      }
    }
    throw new RangeError('a window of other memory');
  }

  /**
   * Appends `length` bytes at a guest-physical address, given as two halves, to `list`: one segment, or several where the
   * range crosses the edge of a window or goes on in the next region. Nothing is appended for a length of 0.
   *
   * @returns one of {@link Append}; after a failure the list may hold a part of the range
   */
  append(list: SegmentList, addressLow: number, addressHigh: number, length: number): number {
    if (length === 0) return Append.OK;
    if (addressHigh >= HIGH_LIMIT) return Append.UNMAPPED;
    let address = addressHigh * TWO_32 + addressLow;
    let left = length;
    for (;;) {
      let region = this.#recent;
      if (region === undefined || address < region.start || address >= region.end) {
        region = this.#find(address);
        if (region === undefined) return Append.UNMAPPED;
        this.#recent = region;
      }
      const offset = address - region.start + region.delta;
      const index = offset < WINDOW_SIZE ? 0 : Math.floor(offset / WINDOW_SIZE);
      const within = offset - index * WINDOW_SIZE;
      const window = region.windows[index]!;
      let take = window.byteLength - within;
      if (take > region.end - address) take = region.end - address;
      if (take > left) take = left;
      if (!list.add(window, within, take)) return Append.FULL;
      left -= take;
      if (left === 0) return Append.OK;
      address += take;
    }
  }

  /**
   * The guest-physical address of a byte that {@link append} found.
   *
   * @throws RangeError for a window of other memory
   */
  addressOf(window: MemoryWindow, offset: number): number {
    for (const region of this.regions) {
      const address = region.addressOf(window, offset);
      if (address !== undefined) return address;
    }
    throw new RangeError('a window of other memory');
  }

  /**
   * Where a part of a ring is, by its address in the front-end's process: in a window of its own, so it may lie anywhere in its
   * region, across the edges of other windows too.
   *
   * @throws RingError BAD_ADDRESS when it is misaligned or not inside one region
   */
  ringPart(what: string, userAddress: bigint, length: number, alignment: number): RingPlace {
    const where = `${what} at user address ${hex(userAddress)}`;
    if (userAddress % BigInt(alignment) !== 0n) {
      throw new RingError('BAD_ADDRESS', `${where} is not aligned to ${alignment} bytes`);
    }
    const region = this.regions.find((r) => userAddress >= r.userStart && userAddress < r.userEnd);
    if (region === undefined) throw new RingError('BAD_ADDRESS', `${where} is outside the memory table`);
    if (userAddress + BigInt(length) > region.userEnd) {
      throw new RingError('BAD_ADDRESS', `${where}, ${length} bytes, goes beyond its memory region`);
    }
    const offset = Number(userAddress - region.userStart);
    if ((region.start + offset) % alignment !== 0 || (region.delta + offset) % alignment !== 0) {
      throw new RingError('BAD_ADDRESS', `${where} is not aligned to ${alignment} bytes in guest memory`);
    }
    return region.place(offset, length);
  }

  /** Binary search in the regions, which are sorted and disjoint. */
  #find(address: number): MemoryRegion | undefined {
    let low = 0;
    let high = this.regions.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const region = this.regions[middle]!;
      if (address < region.start) high = middle - 1;
      else if (address >= region.end) low = middle + 1;
      else return region;
    }
    return undefined;
  }
}
