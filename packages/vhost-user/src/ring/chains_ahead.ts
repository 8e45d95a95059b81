import {
  MappedMemory,
  type MemoryWindow,
  raw,
  SPLIT_CHAINS_LIMIT,
  SplitChainsLane,
  SplitChainsOrder,
} from '@vfs/sys';
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
  readonly #order: MemoryWindow;
  /** Those that were taken left a gap. */
  readonly #chains: (Chain | undefined)[] = [];
  #next = 0;
  #count = 0;
  #possible = false;

  constructor(pool: ChainPool, size: number, indirect: boolean) {
    this.#pool = pool;
    this.#order = MappedMemory.anonymous(SplitChainsOrder.bytes).windows[0]!;
    const { u32 } = this.#order;
    u32[SplitChainsOrder.size] = size;
    u32[SplitChainsOrder.indirect] = indirect ? 1 : 0;
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
    const { u32 } = this.#order;
    u32[SplitChainsOrder.descriptors] = places.descriptor.window.id;
    u32[SplitChainsOrder.descriptors + 1] = places.descriptor.offset;
    u32[SplitChainsOrder.available] = places.available.window.id;
    u32[SplitChainsOrder.available + 1] = places.available.offset;
    u32[SplitChainsOrder.rows] = rows.window.id;
    u32[SplitChainsOrder.rows + 1] = 0;
    u32[SplitChainsOrder.rowCount] = rows.count;
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
    const { u32 } = this.#order;
    const wanted = Math.min(count, SPLIT_CHAINS_LIMIT);
    for (let i = 0; i < wanted; i++) {
      const chain = chains[i] ?? this.#pool.get();
      chains[i] = chain;
      const at = SplitChainsOrder.lanes + 2 * i;
      u32[at] = chain.lane.window.id;
      u32[at + 1] = chain.lane.offset;
    }
    u32[SplitChainsOrder.next] = next;
    u32[SplitChainsOrder.count] = wanted;
    const done = raw.splitChains(this.#order.id, 0);
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
