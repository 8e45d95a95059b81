import { RingError } from '../errors.js';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { Chain } from './chain.js';
import { ChainPool } from './chain_pool.js';
import { DeviceQueue } from './device_queue.js';
import { DescriptorFlag, descriptorLayout } from './layout.js';
import type { LeftChain, PackedInflight } from './packed_inflight.js';
import {
  PackedEventFlag,
  PackedFlag,
  packedDescriptorLayout,
  packedNeedsEvent,
  WRAP_SHIFT,
} from './packed_layout.js';
import type { RingParts, VirtQueueOptions } from './virtqueue.js';

/** Words and half-words of a descriptor. */
const WORDS = packedDescriptorLayout.size >> 2;
const HALVES = packedDescriptorLayout.size >> 1;
const FLAGS_HALF = packedDescriptorLayout.flags >> 1;
/** Half-words of an event structure. */
const OFF_WRAP = 0;
const EVENT_FLAGS = 1;
/** Buffer ids are 16 bits wide. */
const IDS = 65536;

/** How a packed queue was negotiated and where it starts. */
export interface PackedQueueOptions extends VirtQueueOptions {
  /** Where to note what is in flight, and what a process before has left in flight. */
  readonly inflight?: PackedInflight | undefined;
}

/** A used buffer that is not shown yet. */
interface Held {
  id: number;
  length: number;
  slots: number;
}

/**
 * The device's side of a packed virtqueue (virtio 2.8): one ring of descriptors, which the driver makes available and the
 * device overwrites with what it has used, each turning a flag with every round.
 *
 * The flags of a descriptor are read and written with Atomics: they say that the rest of it is valid. Of a batch of used
 * buffers the first one is shown last, so that the driver sees all or none.
 */
export class PackedQueue extends DeviceQueue {
  readonly #inflight: PackedInflight | undefined;
  /** Chains that the process before us left in flight, the next one last. */
  #left: LeftChain[] = [];
  #recovered = false;

  #words: Uint32Array = new Uint32Array(0);
  #halves: Uint16Array = new Uint16Array(0);
  #driverEvent: Uint16Array = new Uint16Array(0);
  #deviceEvent: Uint16Array = new Uint16Array(0);

  #nextAvailable = 0;
  #availableWrap = 1;
  #nextUsed = 0;
  #usedWrap = 1;
  /** Ring slots that chains in flight take up, by buffer id; 0: no such chain. */
  readonly #slots = new Uint16Array(IDS);
  #slotsInFlight = 0;
  readonly #pending: Held[] = [];
  #pendingCount = 0;

  /**
   * @param options - `base` has the available position in its lower half and the used position in its upper half, each with
   *   its wrap counter in bit 15
   * @param memory - where descriptors point to; retained
   * @throws RingError BAD_INDEX when a position is outside the ring, or the in-flight log makes no sense
   */
  constructor(
    options: PackedQueueOptions,
    memory: GuestMemory,
    parts: RingParts,
    pool = new ChainPool(options.index),
  ) {
    super(options, memory, pool);
    this.view(parts);
    if (options.base !== undefined) this.seek(options.base);
    this.#inflight = options.inflight;
    if (this.#inflight !== undefined) this.#recover(this.#inflight);
    // Last, because what comes before may throw.
    memory.retain();
  }

  get recovering(): boolean {
    return this.#left.length > 0;
  }

  get available(): boolean {
    return this.recovering || this.#isAvailable(this.#nextAvailable);
  }

  /** A packed ring has no index: availability is a flag of the descriptor that comes next. */
  get watched(): undefined {
    return undefined;
  }

  get base(): number {
    const available = this.#nextAvailable | (this.#availableWrap << WRAP_SHIFT);
    const used = this.#nextUsed | (this.#usedWrap << WRAP_SHIFT);
    return (available | (used << 16)) >>> 0;
  }

  seek(base: number): void {
    if (this.#recovered) return;
    const mask = (1 << WRAP_SHIFT) - 1;
    const [available, used] = [base & mask, (base >>> 16) & mask];
    if (available >= this.size || used >= this.size) {
      throw new RingError('BAD_INDEX', `position ${available} or ${used} of a ring of ${this.size}`);
    }
    this.#nextAvailable = available;
    this.#availableWrap = (base >>> WRAP_SHIFT) & 1;
    this.#nextUsed = used;
    this.#usedWrap = base >>> 31;
  }

  pop(): Chain | undefined {
    if (this.recovering) return this.#popLeft();
    const first = this.#nextAvailable;
    if (!this.#isAvailable(first)) return undefined;
    const chain = this.builder.begin(this.memory);
    let id: number;
    let count: number;
    try {
      count = this.#walk(first);
      id = this.#idOf(first, count);
      if (this.#slots[id] !== 0) {
        throw new RingError('CHAIN_IN_FLIGHT', `buffer ${id} is made available while it is in flight`);
      }
      if (this.#slotsInFlight + count > this.size) {
        throw new RingError('BAD_INDEX', `more than ${this.size} descriptors are in flight`);
      }
      this.#inflight?.taken(id);
    } catch (error) {
      this.#inflight?.abandoned();
      chain.recycle();
      throw error;
    }
    this.#slotsInFlight += count;
    this.#advanceAvailable(count);
    this.#handOut(chain, id, count);
    return chain;
  }

  /** The next of the chains that were left in flight, of what the log says about it. */
  #popLeft(): Chain {
    const left = this.#left.at(-1)!;
    const { id, slots } = left;
    const chain = this.builder.begin(this.memory);
    try {
      if (this.#slots[id] !== 0) {
        throw new RingError('CHAIN_IN_FLIGHT', `buffer ${id} is in the in-flight log twice`);
      }
      this.#inflight!.walk(left, (...descriptor) => this.#append(...descriptor));
    } catch (error) {
      chain.recycle();
      throw error;
    }
    this.#left.pop();
    this.#handOut(chain, id, slots);
    return chain;
  }

  #handOut(chain: Chain, id: number, slots: number): void {
    this.#slots[id] = slots;
    this.arm(chain, id);
  }

  #advanceAvailable(slots: number): void {
    this.#nextAvailable += slots;
    if (this.#nextAvailable >= this.size) {
      this.#nextAvailable -= this.size;
      this.#availableWrap ^= 1;
    }
  }

  #advanceUsed(slots: number): void {
    this.#nextUsed += slots;
    if (this.#nextUsed >= this.size) {
      this.#nextUsed -= this.size;
      this.#usedWrap ^= 1;
    }
  }

  /** Goes on where the process before us stopped, which only the log knows. */
  #recover(log: PackedInflight): void {
    const found = log.recover(
      { index: this.#nextUsed, wrap: this.#usedWrap },
      {
        load: (index) => Atomics.load(this.#halves, index * HALVES + FLAGS_HALF),
        store: (index, flags) => void Atomics.store(this.#halves, index * HALVES + FLAGS_HALF, flags),
      },
    );
    if (found === undefined) return;
    const { used, left } = found;
    this.#nextUsed = this.#nextAvailable = used.index;
    this.#usedWrap = this.#availableWrap = used.wrap;
    // Whatever is neither used nor left was not taken: what is in flight lies between the two positions.
    this.#slotsInFlight = left.reduce((sum, { slots }) => sum + slots, 0);
    this.#advanceAvailable(this.#slotsInFlight);
    this.#left = left.reverse();
    this.#recovered = true;
  }

  protected use(chain: Chain, length: number): void {
    const id = chain.head;
    const slots = this.#slots[id]!;
    this.#slots[id] = 0;
    this.#slotsInFlight -= slots;
    this.dirty?.chainWritten(chain, length);
    const held = this.#pending[this.#pendingCount];
    if (held === undefined) {
      this.#pending.push({ id, length, slots });
    } else {
      held.id = id;
      held.length = length;
      held.slots = slots;
    }
    this.#pendingCount++;
  }

  protected show(): void {
    const count = this.#pendingCount;
    if (count === 0) return;
    if (this.#inflight !== undefined) this.#notePublishing(this.#inflight, count);
    this.#pendingCount = 0;
    let slots = 0;
    let firstFlags = 0;
    const first = this.#nextUsed;
    for (let i = 0; i < count; i++) {
      const held = this.#pending[i]!;
      const at = this.#nextUsed;
      this.#words[at * WORDS + 2] = held.length;
      this.#halves[at * HALVES + FLAGS_HALF - 1] = held.id;
      const turned = this.#usedWrap === 1 ? PackedFlag.AVAIL | PackedFlag.USED : 0;
      const flags = turned | (held.length > 0 ? DescriptorFlag.WRITE : 0);
      if (i === 0) firstFlags = flags;
      else Atomics.store(this.#halves, at * HALVES + FLAGS_HALF, flags);
      this.dirty?.usedWritten(at * packedDescriptorLayout.size, packedDescriptorLayout.size);
      slots += held.slots;
      this.#advanceUsed(held.slots);
    }
    Atomics.store(this.#halves, first * HALVES + FLAGS_HALF, firstFlags);
    this.#inflight?.published();
    if (this.#wantsSignal(slots)) this.signal();
  }

  #notePublishing(log: PackedInflight, count: number): void {
    let index = this.#nextUsed;
    let wrap = this.#usedWrap;
    for (let i = 0; i < count; i++) {
      const { id, slots } = this.#pending[i]!;
      log.returned(id);
      index += slots;
      if (index < this.size) continue;
      index -= this.size;
      wrap ^= 1;
    }
    log.publishing(index, wrap);
  }

  disableNotifications(): void {
    Atomics.store(this.#deviceEvent, EVENT_FLAGS, PackedEventFlag.DISABLE);
  }

  enableNotifications(): boolean {
    if (this.eventIndex) {
      const position = this.#nextAvailable | (this.#availableWrap << WRAP_SHIFT);
      Atomics.store(this.#deviceEvent, OFF_WRAP, position);
      Atomics.store(this.#deviceEvent, EVENT_FLAGS, PackedEventFlag.DESC);
    } else {
      Atomics.store(this.#deviceEvent, EVENT_FLAGS, PackedEventFlag.ENABLE);
    }
    // Stored before this load: a chain that the driver adds later finds the request, one added before is seen here.
    return this.available;
  }

  protected view({ descriptor, available, used }: RingParts): void {
    this.#words = new Uint32Array(descriptor.buffer, descriptor.byteOffset, descriptor.length >> 2);
    this.#halves = new Uint16Array(descriptor.buffer, descriptor.byteOffset, descriptor.length >> 1);
    this.#driverEvent = new Uint16Array(available.buffer, available.byteOffset, available.length >> 1);
    this.#deviceEvent = new Uint16Array(used.buffer, used.byteOffset, used.length >> 1);
  }

  /** Whether the driver has made the descriptor at the next position available in this round. */
  #isAvailable(position: number): boolean {
    const flags = Atomics.load(this.#halves, position * HALVES + FLAGS_HALF);
    const available = (flags & PackedFlag.AVAIL) !== 0 ? 1 : 0;
    const used = (flags & PackedFlag.USED) !== 0 ? 1 : 0;
    return available === this.#availableWrap && used !== this.#availableWrap;
  }

  /** Appends the chain that begins at `first`. @returns how many slots of the ring it takes */
  #walk(first: number): number {
    let position = first;
    for (let count = 1; ; count++) {
      const at = position * WORDS;
      const addressLow = this.#words[at]!;
      const addressHigh = this.#words[at + 1]!;
      const length = this.#words[at + 2]!;
      const idAndFlags = this.#words[at + 3]!;
      const flags = idAndFlags >>> 16;
      this.#inflight?.describe(addressLow, addressHigh, length, idAndFlags);
      this.#append(addressLow, addressHigh, length, flags);
      if ((flags & (DescriptorFlag.NEXT | DescriptorFlag.INDIRECT)) !== DescriptorFlag.NEXT) return count;
      position = position + 1 === this.size ? 0 : position + 1;
    }
  }

  /** Appends what a descriptor of the ring describes: a buffer, or the buffers of an indirect table. */
  #append(addressLow: number, addressHigh: number, length: number, flags: number): void {
    if ((flags & DescriptorFlag.INDIRECT) === 0) {
      this.builder.append(flags, addressLow, addressHigh, length, false);
      return;
    }
    const { words, base } = this.builder.openIndirect(flags, addressLow, addressHigh, length, false);
    this.#walkTable(words, base, length / descriptorLayout.size);
  }

  /** All descriptors of an indirect table, in their order (virtio 2.8.7). */
  #walkTable(words: Uint32Array, base: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = base + i * WORDS;
      const flags = words[at + 3]! >>> 16;
      if ((flags & DescriptorFlag.INDIRECT) !== 0) {
        this.builder.openIndirect(flags, words[at]!, words[at + 1]!, words[at + 2]!, true);
      }
      this.builder.append(flags, words[at]!, words[at + 1]!, words[at + 2]!, true);
    }
  }

  /** The buffer id of a chain, which is in its last descriptor. */
  #idOf(first: number, count: number): number {
    const last = (first + count - 1) % this.size;
    return this.#words[last * WORDS + 3]! & 0xffff;
  }

  #wantsSignal(slots: number): boolean {
    const flags = Atomics.load(this.#driverEvent, EVENT_FLAGS) & 0x3;
    if (flags === PackedEventFlag.DISABLE) return false;
    if (flags !== PackedEventFlag.DESC || !this.eventIndex) return true;
    const offWrap = Atomics.load(this.#driverEvent, OFF_WRAP);
    return packedNeedsEvent(this.size, offWrap, this.#nextUsed, this.#usedWrap, slots);
  }
}
