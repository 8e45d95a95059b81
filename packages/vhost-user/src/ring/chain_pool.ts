import { MappedMemory, type MemoryWindow, SegmentList, SplitChainsLane, SplitChainsOrder } from '@vfs/sys';
import { Chain } from './chain.js';
import { IndirectTable } from './indirect_table.js';
import { Lane } from './lane.js';
import type { RingPlace } from './virtqueue.js';

/** Bytes of one entry of a SegmentList's table. */
const ENTRY_SIZE = 12;
/** An indirect table in more pieces of memory than this is refused. */
const INDIRECT_PIECES = 16;
/** Tables are cut from blocks of this size, in bytes. */
const BLOCK_SIZE = 256 * 1024;

/**
 * The chains of one queue that are not in use. It grows with the number of chains in flight and with their length, both of
 * which the queue bounds, and keeps what it has: steady operation allocates nothing.
 */
export class ChainPool {
  readonly #free: Chain[] = [];
  #block: MemoryWindow | undefined;
  #blockUsed = 0;

  /** @internal Scratch of the queue that the chains are of. */
  readonly indirectTable: IndirectTable;

  /** @internal Where chains are asked for: an order for `raw.splitChains`. */
  readonly order: RingPlace;

  constructor(readonly queueIndex: number) {
    this.indirectTable = new IndirectTable(this.list(INDIRECT_PIECES));
    this.order = this.#cut(SplitChainsOrder.bytes);
  }

  /** @internal */
  get(): Chain {
    return this.#free.pop() ?? new Chain(this.queueIndex, this);
  }

  /** @internal */
  put(chain: Chain): void {
    this.#free.push(chain);
  }

  /**
   * @internal A list whose table lies in a block shared with others: a mapping of its own for each would cost a page and
   * a window. A block lives as long as any list in it.
   */
  list(capacity: number): SegmentList {
    const place = this.#cut(capacity * ENTRY_SIZE);
    return new SegmentList(capacity, place);
  }

  /** @internal Where a chain is laid out. */
  lane(): Lane {
    const { window, offset } = this.#cut(SplitChainsLane.bytes);
    return new Lane(window, offset);
  }

  #cut(bytes: number): RingPlace {
    if (this.#block === undefined || this.#blockUsed + bytes > this.#block.byteLength) {
      this.#block = MappedMemory.anonymous(Math.max(BLOCK_SIZE, bytes)).windows[0]!;
      this.#blockUsed = 0;
    }
    const offset = this.#blockUsed;
    this.#blockUsed += bytes;
    return { window: this.#block, offset };
  }
}
