import { enlarged } from './slot-ids.js';

const FIRST_CAPACITY = 1024;
/** So many of the most recently used ones are never to be closed: whoever works with one has it borrowed. */
const RECENT = 16;
/** The victim is the least recently used of so many. */
const SAMPLE = 8;

/** No descriptor can be closed. */
export const NONE = -1;

/**
 * Which nodes have descriptors that may be closed, and when each was used last.
 *
 * Everything lies in flat columns by descriptor, which the kernel keeps small and dense. To use one costs a single store; the
 * search for one to close looks at a few and takes the oldest, which comes close to least recently used.
 */
export class DescriptorCache {
  #slots = new Uint32Array(FIRST_CAPACITY);
  #stamps = new Int32Array(FIRST_CAPACITY);
  /** Where in {@link #ring} a descriptor is, plus one; 0: nowhere. */
  #positions = new Uint32Array(FIRST_CAPACITY);
  #ring = new Int32Array(FIRST_CAPACITY);
  #count = 0;
  #hand = 0;
  #now = 0;

  get size(): number {
    return this.#count;
  }

  /** Adds the descriptor of a node, as just used. */
  add(descriptor: number, slot: number): void {
    if (this.#place(descriptor, slot)) this.touch(descriptor);
  }

  /** Adds the descriptor of a node as {@link keep} has it. */
  addKept(descriptor: number, slot: number): void {
    this.#place(descriptor, slot);
    this.keep(descriptor);
  }

  /** Removes a descriptor if it is here. */
  remove(descriptor: number): void {
    const position = this.#positions[descriptor] ?? 0;
    if (position === 0) return;
    const last = this.#ring[--this.#count]!;
    this.#ring[position - 1] = last;
    this.#positions[last] = position;
    this.#positions[descriptor] = 0;
  }

  /** Notes that a descriptor is being used. */
  touch(descriptor: number): void {
    this.#now = (this.#now + 1) | 0;
    this.#stamps[descriptor] = this.#now;
  }

  /**
   * Makes a descriptor as recent as the one that was used last, without a step in time: however often this is done, those that are
   * borrowed remain so.
   */
  keep(descriptor: number): void {
    this.#stamps[descriptor] = this.#now;
  }

  /** Ends {@link keep}: the descriptor may be closed, though most others before it. */
  retire(descriptor: number): void {
    this.#stamps[descriptor] = (this.#now - RECENT) | 0;
  }

  slotOf(descriptor: number): number {
    return this.#slots[descriptor]!;
  }

  /** Some node here for which that is true. */
  find(matches: (slot: number) => boolean): number | undefined {
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#slots[this.#ring[i]!]!;
      if (matches(slot)) return slot;
    }
    return undefined;
  }

  /** A descriptor that has not been used for long; {@link NONE} when all have been a moment ago. */
  victim(): number {
    let best = NONE;
    let bestAge = RECENT - 1;
    for (let looked = 0; looked < this.#count && (looked < SAMPLE || best === NONE); looked++) {
      this.#hand = this.#hand + 1 < this.#count ? this.#hand + 1 : 0;
      const descriptor = this.#ring[this.#hand]!;
      const age = (this.#now - this.#stamps[descriptor]!) >>> 0;
      if (age <= bestAge) continue;
      best = descriptor;
      bestAge = age;
    }
    return best;
  }

  clear(): void {
    this.#positions.fill(0);
    this.#count = this.#hand = 0;
  }

  /** False when it is here already. */
  #place(descriptor: number, slot: number): boolean {
    if (descriptor >= this.#slots.length) this.#grow(descriptor);
    if (this.#positions[descriptor] !== 0) return false;
    this.#slots[descriptor] = slot;
    this.#ring[this.#count++] = descriptor;
    this.#positions[descriptor] = this.#count;
    return true;
  }

  #grow(descriptor: number): void {
    let capacity = this.#slots.length;
    while (capacity <= descriptor) capacity *= 2;
    this.#slots = enlarged(this.#slots, new Uint32Array(capacity));
    this.#stamps = enlarged(this.#stamps, new Int32Array(capacity));
    this.#positions = enlarged(this.#positions, new Uint32Array(capacity));
    this.#ring = enlarged(this.#ring, new Int32Array(capacity));
  }
}
