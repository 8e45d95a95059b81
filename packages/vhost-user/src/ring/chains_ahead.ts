import { raw, SPLIT_CHAINS_LIMIT, SplitChainsLane, SplitChainsOrder } from '@vfs/sys';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { Chain } from './chain.js';
import type { ChainPool } from './chain_pool.js';
import type { RingParts } from './virtqueue.js';

/**
 * Chains of a split ring that native code has laid out and nobody has taken yet: a batch at a time, which costs a fraction of walking
 * each in JavaScript.
 *
 * It knows only ordinary chains. What breaks a rule of virtio, or is unusual, it leaves alone: the queue walks that itself, and says what is
 * wrong.
 */
export class ChainsAhead {
  readonly #pool: ChainPool;
  /** The words of the order, which belongs to the pool: its queues come one after the other. */
  readonly #order: Uint32Array;
  readonly #size: number;
  readonly #indirect: boolean;
  /** Those that were taken left a gap. */
  readonly #chains: (Chain | undefined)[] = [];
  #next = 0;
  #count = 0;
  #possible = false;

  constructor(pool: ChainPool, size: number, indirect: boolean) {
    this.#pool = pool;
    const { window, offset } = pool.order;
    this.#order = new Uint32Array(window.buffer, offset, SplitChainsOrder.bytes >> 2);
    this.#size = size;
    this.#indirect = indirect;
  }

  /** How many chains are laid out. */
  get count(): number {
    return this.#count - this.#next;
  }

  /** The ring lies there, and points into `memory`: what has been laid out before is forgotten. */
  attach({ places }: RingParts, memory: GuestMemory): void {
    this.clear();
    const rows = memory.rows;
    this.#possible = places !== undefined && rows !== undefined;
    if (places === undefined || rows === undefined) return;
    const order = this.#order;
    order[SplitChainsOrder.size] = this.#size;
    order[SplitChainsOrder.indirect] = this.#indirect ? 1 : 0;
    order[SplitChainsOrder.descriptors] = places.descriptor.window.id;
    order[SplitChainsOrder.descriptors + 1] = places.descriptor.offset;
    order[SplitChainsOrder.available] = places.available.window.id;
    order[SplitChainsOrder.available + 1] = places.available.offset;
    order[SplitChainsOrder.rows] = rows.window.id;
    order[SplitChainsOrder.rows + 1] = 0;
    order[SplitChainsOrder.rowCount] = rows.count;
  }

  /**
   * Lays out chains, when none is laid out.
   *
   * @param next - free-running index in the available ring
   * @param count - how many are available from there on, at least 1
   * @returns false when the next one has to be walked
   */
  look(next: number, count: number): boolean {
    if (!this.#possible) return false;
    const chains = this.#chains;
    const order = this.#order;
    const wanted = Math.min(count, SPLIT_CHAINS_LIMIT);
    for (let i = 0; i < wanted; i++) {
      const chain = chains[i] ?? this.#pool.get();
      chains[i] = chain;
      const at = SplitChainsOrder.lanes + 2 * i;
      order[at] = chain.lane.window.id;
      order[at + 1] = chain.lane.offset;
    }
    order[SplitChainsOrder.next] = next;
    order[SplitChainsOrder.count] = wanted;
    const done = raw.splitChains(this.#pool.order.window.id, this.#pool.order.offset);
    this.#next = 0;
    this.#count = Math.max(done, 0);
    return done > 0;
  }

  /** Index of the first descriptor of the next chain; only when there is one. */
  get head(): number {
    return this.#chains[this.#next]!.lane.words[SplitChainsLane.head]!;
  }

  /** The next chain, which is the caller's from here on; only when there is one. */
  take(memory: GuestMemory): Chain {
    const index = this.#next++;
    const chain = this.#chains[index]!;
    this.#chains[index] = undefined;
    chain.adopt(memory);
    return chain;
  }

  /** Forgets what is laid out. */
  clear(): void {
    this.#next = this.#count = 0;
  }

  /** Gives everything back. */
  close(): void {
    this.clear();
    this.#possible = false;
    for (const chain of this.#chains) if (chain !== undefined) this.#pool.put(chain);
    this.#chains.length = 0;
  }
}
