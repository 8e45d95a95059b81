import { type MemoryWindow, type SegmentList, SplitChainsLane } from '@vfs/sys';
import { UsageError } from '../errors.js';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { ChainPool } from './chain_pool.js';
import type { Lane } from './lane.js';

/** Who a chain is given back to. */
export interface ChainOwner {
  /** @internal Called once per chain, from {@link Chain.complete}. */
  chainCompleted(chain: Chain, length: number): void;
}

/**
 * A descriptor chain that the driver made available: one request. The object is pooled: after {@link complete} it is some
 * other request's.
 *
 * Until then the memory it points to stays mapped, whatever happens to the connection. Completing a chain whose ring was
 * stopped meanwhile is legal and has no effect on the ring.
 */
export class Chain {
  /** Index of the virtqueue. */
  readonly queueIndex: number;
  /** Index of the first descriptor (split ring) or the buffer id (packed ring): what the driver knows the chain by. */
  head = 0;
  #readable: SegmentList;
  #writable: SegmentList;
  readonly #pool: ChainPool;
  #owner: ChainOwner | undefined;
  #memory: GuestMemory | undefined;
  /** @internal Where native code lays out the chain. */
  readonly lane: Lane;

  /** @internal Chains come from a {@link ChainPool}. */
  constructor(queueIndex: number, pool: ChainPool) {
    this.queueIndex = queueIndex;
    this.#pool = pool;
    this.#readable = pool.list(INITIAL_SEGMENTS);
    this.#writable = pool.list(INITIAL_SEGMENTS);
    this.lane = pool.lane();
    this.lane.target(this.#readable, this.#writable);
  }

  /** What the driver wrote for the device, in order. */
  get readable(): SegmentList {
    return this.#readable;
  }

  /** Where the device may write, in order. */
  get writable(): SegmentList {
    return this.#writable;
  }

  /** False once completed, until the object is used for another chain. */
  get live(): boolean {
    return this.#owner !== undefined;
  }

  /**
   * Gives the chain back to the driver, having written its first `length` writable bytes (0: none). Exactly once per chain,
   * at any time.
   *
   * @throws UsageError BAD_COMPLETION for a second time, or a length beyond the writable part; nothing happens then
   */
  complete(length: number): void {
    const owner = this.#owner;
    if (owner === undefined) throw new UsageError('BAD_COMPLETION', 'chain completed twice');
    if (!Number.isInteger(length) || length < 0 || length > this.#writable.byteLength) {
      throw new UsageError(
        'BAD_COMPLETION',
        `chain completed with ${length} bytes written of ${this.#writable.byteLength}`,
      );
    }
    this.#owner = undefined;
    owner.chainCompleted(this, length);
    this.recycle();
  }

  /** The guest-physical address of a byte in a segment of this chain. */
  addressOf(window: MemoryWindow, offset: number): number {
    const memory = this.#memory;
    if (memory === undefined) throw new UsageError('BAD_STATE', 'the chain was completed');
    return memory.addressOf(window, offset);
  }

  /** @internal Marks the chain as handed out and pins the memory its segments point to. */
  arm(owner: ChainOwner, memory: GuestMemory): void {
    this.#owner = owner;
    this.#memory = memory;
    memory.retain();
  }

  /** @internal Empties the chain and returns it to its pool. */
  recycle(): void {
    this.#owner = undefined;
    this.#readable.clear();
    this.#writable.clear();
    const memory = this.#memory;
    this.#memory = undefined;
    memory?.release();
    this.#pool.put(this);
  }

  /** @internal Makes room for more segments. False when a list has reached `limit`. */
  grow(writable: boolean, limit: number): boolean {
    const old = writable ? this.#writable : this.#readable;
    if (old.capacity >= limit) return false;
    const list = this.#pool.list(Math.min(limit, old.capacity * 4));
    for (let i = 0; i < old.count; i++) list.add(old.windowAt(i), old.offsetAt(i), old.lengthAt(i));
    if (writable) this.#writable = list;
    else this.#readable = list;
    this.lane.target(this.#readable, this.#writable);
    return true;
  }

  /** @internal Takes over what has been laid out in {@link lane}, which points into `memory`. */
  adopt(memory: GuestMemory): void {
    const { words, prefix } = this.lane;
    this.#readable.adopt(
      words[SplitChainsLane.readableCount]!,
      words[SplitChainsLane.readableBytes]!,
      memory,
      prefix,
      words[SplitChainsLane.prefixBytes]!,
    );
    this.#writable.adopt(
      words[SplitChainsLane.writableCount]!,
      words[SplitChainsLane.writableBytes]!,
      memory,
    );
  }
}

/** Room for segments in a new chain's lists: what a request without bulk data needs. */
const INITIAL_SEGMENTS = 8;
