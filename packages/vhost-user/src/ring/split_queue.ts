import { RingError } from '../errors.js';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { Chain } from './chain.js';
import { ChainPool } from './chain_pool.js';
import { ChainsAhead } from './chains_ahead.js';
import { DeviceQueue } from './device_queue.js';
import {
  AVAIL_F_NO_INTERRUPT,
  availableLayout,
  DescriptorFlag,
  descriptorLayout,
  needsEvent,
  USED_F_NO_NOTIFY,
  usedLayout,
} from './layout.js';
import type { SplitInflight } from './split_inflight.js';
import type { RingParts, RingPlace, VirtQueueOptions } from './virtqueue.js';

/** Positions in the views of the rings. */
const FLAGS = 0;
const INDEX = 1;
const AVAILABLE_RING = 2;

/** How a split queue was negotiated and where it starts. */
export interface SplitQueueOptions extends VirtQueueOptions {
  /** Where to note what is in flight, and what a process before has left in flight. */
  readonly inflight?: SplitInflight | undefined;
}

/**
 * The device's side of a split virtqueue (virtio 2.7).
 *
 * Indices that the two sides exchange are read and written with Atomics, which are sequentially consistent: what a side
 * wrote before its index is visible to who has seen the index, and the order "publish, then look whether to notify" on one
 * side against "ask for a notification, then look for work" on the other never loses a notification.
 */
export class SplitQueue extends DeviceQueue {
  readonly #mask: number;
  /** One byte per descriptor: 1 while the chain that begins there is in flight. */
  readonly #busy: Uint8Array;
  readonly #inflight: SplitInflight | undefined;
  /** Chains that the process before us left in flight, the next one last. */
  readonly #left: number[] = [];
  #recovered = false;
  /** What has been laid out of the chains that are available. */
  readonly #ahead: ChainsAhead;

  // Views of the ring. Descriptors as four words: address low and high, length, flags and next.
  #descriptors: Uint32Array = new Uint32Array(0);
  #available: Uint16Array = new Uint16Array(0);
  #used: Uint16Array = new Uint16Array(0);
  #watched: RingPlace | undefined;
  #usedElements: Uint32Array = new Uint32Array(0);

  /** Free-running indices modulo 2^16, as the ring has them. */
  #nextAvailable: number;
  #seenAvailable: number;
  #nextUsed = 0;
  #publishedUsed = 0;

  /**
   * Takes up the ring where it is: the next used index is what the used ring says, so that a ring survives a restart of
   * the driver or of this process.
   *
   * @param memory - where descriptors point to; retained
   */
  constructor(
    options: SplitQueueOptions,
    memory: GuestMemory,
    parts: RingParts,
    pool = new ChainPool(options.index),
  ) {
    super(options, memory, pool);
    this.#mask = options.size - 1;
    this.#busy = new Uint8Array(options.size);
    this.#nextAvailable = this.#seenAvailable = options.base ?? 0;
    this.#ahead = new ChainsAhead(pool, options.size, options.indirect);
    this.view(parts);
    this.#ahead.attach(parts, memory);
    this.#nextUsed = this.#publishedUsed = Atomics.load(this.#used, INDEX);
    this.#inflight = options.inflight;
    const left = this.#inflight?.recover(this.#nextUsed);
    if (left !== undefined) {
      this.#left = left.reverse();
      // Whatever is neither used nor left was not taken: the front-end cannot know how far we had got.
      this.seek(this.#nextUsed + left.length);
      this.#recovered = true;
    }
    memory.retain();
  }

  get recovering(): boolean {
    return this.#left.length > 0;
  }

  get available(): boolean {
    return this.recovering || Atomics.load(this.#available, INDEX) !== this.#nextAvailable;
  }

  get watched(): RingPlace | undefined {
    return this.#watched;
  }

  get base(): number {
    return this.#nextAvailable;
  }

  protected view(parts: RingParts): void {
    const { descriptor, available, used, places } = parts;
    this.#watched = places && {
      window: places.available.window,
      offset: places.available.offset + availableLayout.idx,
    };
    this.#descriptors = new Uint32Array(descriptor.buffer, descriptor.byteOffset, descriptor.length >> 2);
    this.#available = new Uint16Array(available.buffer, available.byteOffset, available.length >> 1);
    this.#used = new Uint16Array(used.buffer, used.byteOffset, used.length >> 1);
    this.#usedElements = new Uint32Array(used.buffer, used.byteOffset, used.length >> 2);
  }

  override attach(memory: GuestMemory, parts: RingParts): void {
    super.attach(memory, parts);
    this.#ahead.attach(parts, memory);
  }

  override close(): void {
    super.close();
    this.#ahead.close();
  }

  seek(base: number): void {
    if (this.#recovered) return;
    this.#ahead.clear();
    this.#nextAvailable = this.#seenAvailable = base & 0xffff;
  }

  pop(): Chain | undefined {
    if (this.recovering) {
      const chain = this.#take(this.#left[this.#left.length - 1]!);
      this.#left.pop();
      return chain;
    }
    const next = this.#nextAvailable;
    if (next === this.#seenAvailable && !this.#look()) return undefined;
    const ahead = this.#ahead;
    const laidOut = ahead.count > 0 || ahead.look(next, (this.#seenAvailable - next) & 0xffff);
    const head = laidOut ? ahead.head : this.#available[AVAILABLE_RING + (next & this.#mask)]!;
    const chain = laidOut ? this.#takeAhead(head) : this.#take(head);
    // Noted before the position moves on: a chain is in flight or still available, never neither.
    this.#inflight?.taken(head);
    this.#nextAvailable = (next + 1) & 0xffff;
    return chain;
  }

  /** The chain that begins at `head`, which is in flight from here on. */
  #take(head: number): Chain {
    if (head >= this.size) {
      throw new RingError('BAD_DESCRIPTOR', `available ring names descriptor ${head} of ${this.size}`);
    }
    this.#mustBeFree(head);
    const chain = this.builder.begin(this.memory);
    try {
      this.#walk(this.#descriptors, 0, this.size, head, false);
    } catch (error) {
      chain.recycle();
      throw error;
    }
    this.#busy[head] = 1;
    this.arm(chain, head);
    return chain;
  }

  /** The chain at `head` that has been laid out, which is in flight from here on. */
  #takeAhead(head: number): Chain {
    this.#mustBeFree(head);
    const chain = this.#ahead.take(this.memory);
    this.#busy[head] = 1;
    this.arm(chain, head);
    return chain;
  }

  #mustBeFree(head: number): void {
    if (this.#busy[head] === 1) {
      throw new RingError('CHAIN_IN_FLIGHT', `chain ${head} is made available while it is in flight`);
    }
  }

  protected use(chain: Chain, length: number): void {
    this.#busy[chain.head] = 0;
    const slot = this.#nextUsed & this.#mask;
    const element = (usedLayout.ring + usedLayout.entry * slot) >> 2;
    this.#usedElements[element] = chain.head;
    this.#usedElements[element + 1] = length;
    this.#nextUsed = (this.#nextUsed + 1) & 0xffff;
    this.#inflight?.returned(chain.head);
    if (this.dirty !== undefined) {
      this.dirty.chainWritten(chain, length);
      this.dirty.usedWritten(usedLayout.ring + usedLayout.entry * slot, usedLayout.entry);
    }
  }

  protected show(): void {
    const before = this.#publishedUsed;
    const after = this.#nextUsed;
    if (before === after) return;
    this.#publishedUsed = after;
    // The elements become visible before the index does, and the index before we look whether to notify (virtio 2.7.13.4).
    Atomics.store(this.#used, INDEX, after);
    this.#inflight?.published(after);
    this.dirty?.usedWritten(2 * INDEX, 2);
    if (this.eventIndex) {
      const event = Atomics.load(this.#available, AVAILABLE_RING + this.size);
      if (needsEvent(event, after, before)) this.signal();
    } else if ((Atomics.load(this.#available, FLAGS) & AVAIL_F_NO_INTERRUPT) === 0) {
      this.signal();
    }
  }

  disableNotifications(): void {
    // With the event index there is nothing to do: the index we asked for lies behind, and the flag must stay 0 (2.7.10).
    if (!this.eventIndex) this.#setFlags(USED_F_NO_NOTIFY);
  }

  enableNotifications(): boolean {
    if (this.eventIndex) {
      const at = (usedLayout.ring + usedLayout.entry * this.size) >> 1;
      Atomics.store(this.#used, at, this.#nextAvailable);
      this.dirty?.usedWritten(2 * at, 2);
    } else {
      this.#setFlags(0);
    }
    // Stored before this load: a chain that the driver adds later finds the request, one added before is seen here.
    return this.available;
  }

  /** Whether the driver has made chains available that were not seen before. */
  #look(): boolean {
    const index = Atomics.load(this.#available, INDEX);
    const count = (index - this.#nextAvailable) & 0xffff;
    if (count === 0) return false;
    if (count > this.size) {
      throw new RingError(
        'BAD_INDEX',
        `available index ${index} is ${count} ahead of ${this.#nextAvailable} on a ring of ${this.size}`,
      );
    }
    this.#seenAvailable = index;
    return true;
  }

  #setFlags(flags: number): void {
    Atomics.store(this.#used, FLAGS, flags);
    this.dirty?.usedWritten(2 * FLAGS, 2);
  }

  /**
   * Appends the descriptors from `first` on to the chain that is being built.
   *
   * @param base - index in `table` of the first word of descriptor 0
   * @param count - number of descriptors in the table
   * @param nested - the table is an indirect one
   */
  #walk(table: Uint32Array, base: number, count: number, first: number, nested: boolean): void {
    let index = first;
    for (;;) {
      const at = base + index * (descriptorLayout.size >> 2);
      const addressLow = table[at]!;
      const addressHigh = table[at + 1]!;
      const length = table[at + 2]!;
      const tail = table[at + 3]!;
      const flags = tail & 0xffff;
      if ((flags & DescriptorFlag.INDIRECT) !== 0) {
        const indirect = this.builder.openIndirect(flags, addressLow, addressHigh, length, nested);
        this.#walk(indirect.words, indirect.base, length / descriptorLayout.size, 0, true);
        return;
      }
      this.builder.append(flags, addressLow, addressHigh, length, nested);
      if ((flags & DescriptorFlag.NEXT) === 0) return;
      index = tail >>> 16;
      if (index >= count) {
        throw new RingError(
          'BAD_DESCRIPTOR',
          `descriptor ${index} of a table of ${count} is next in a chain`,
        );
      }
    }
  }
}
