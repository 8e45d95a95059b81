/** An id is `generation × 2^28 + slot`: at most 2^53 − 1, so that it is an exact number in JavaScript and a u64 on the wire. */
const SLOT_BITS = 28;
const SLOT_RANGE = 2 ** SLOT_BITS;
const GENERATION_RANGE = 2 ** (53 - SLOT_BITS);
const FIRST_CAPACITY = 256;

/** A slot number that is never given out: "no such thing". */
export const NO_SLOT = 0;

/**
 * Hands out ids that lead to a slot of flat arrays in constant time and are never given out twice.
 *
 * Releasing a slot starts its next generation, so an id somebody kept is recognized as stale. A slot whose generations
 * are used up is retired rather than wrapped around: that costs a few dozen bytes for every 33 million ids, and spares every
 * user of an id the question whether it may mean something else by now.
 *
 * Slot 0 is reserved, therefore the first id is 1 and 0 is never an id, as FUSE wants it.
 */
export class SlotIds {
  /** Per slot: generation × 2 + (1 while in use). */
  #tags = new Uint32Array(FIRST_CAPACITY);
  /** Per free slot: the next free slot. */
  #links = new Uint32Array(FIRST_CAPACITY);
  #firstFree = NO_SLOT;
  #end = 1;
  #inUse = 0;

  /** One more than the highest slot number that can be given out before the next growth. */
  get capacity(): number {
    return this.#tags.length;
  }

  /** One more than the highest slot number ever given out. */
  get end(): number {
    return this.#end;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** Takes a free slot; {@link NO_SLOT} when all 2^28 are in use. May grow {@link capacity}. */
  acquire(): number {
    let slot = this.#firstFree;
    if (slot !== NO_SLOT) {
      this.#firstFree = this.#links[slot]!;
    } else {
      if (this.#end === SLOT_RANGE) return NO_SLOT;
      slot = this.#end++;
      if (slot === this.#tags.length) this.#grow();
    }
    this.#tags[slot]! += 1;
    this.#inUse++;
    return slot;
  }

  /** Gives a slot in use back; its id is stale from now on. */
  release(slot: number): void {
    const tag = this.#tags[slot]! + 1;
    this.#tags[slot] = tag;
    this.#inUse--;
    if (tag >= GENERATION_RANGE * 2) return;
    this.#links[slot] = this.#firstFree;
    this.#firstFree = slot;
  }

  /** The slot an id stands for; {@link NO_SLOT} when the id is stale or never existed. */
  slotOf(id: number): number {
    const generation = Math.floor(id / SLOT_RANGE);
    const slot = id - generation * SLOT_RANGE;
    // A slot beyond the end reads as undefined, which is equal to no tag.
    return this.#tags[slot] === generation * 2 + 1 ? slot : NO_SLOT;
  }

  /** The id of a slot in use. */
  idOf(slot: number): number {
    return (this.#tags[slot]! >>> 1) * SLOT_RANGE + slot;
  }

  isInUse(slot: number): boolean {
    return (this.#tags[slot]! & 1) === 1;
  }

  #grow(): void {
    const capacity = Math.min(this.#tags.length * 2, SLOT_RANGE);
    this.#tags = enlarged(this.#tags, new Uint32Array(capacity));
    this.#links = enlarged(this.#links, new Uint32Array(capacity));
  }
}

/** Copies a column into its larger replacement. */
export function enlarged<T extends { set(from: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  into: T,
): T {
  into.set(from);
  return into;
}
