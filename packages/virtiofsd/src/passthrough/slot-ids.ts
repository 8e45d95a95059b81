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
  /** What tags begin with: an even number. */
  #firstTag = 0;
  #foreign: ForeignIds | undefined;

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

  /** More than every id that has been given out. */
  get bound(): number {
    let last = this.#firstTag;
    for (let slot = 1; slot < this.#end; slot++) last = Math.max(last, this.#tags[slot]!);
    return Math.max(((last >>> 1) + 1) * SLOT_RANGE, this.#foreign?.bound ?? 0);
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
    this.#foreign?.delete(slot);
    if (tag >= GENERATION_RANGE * 2) return;
    this.#links[slot] = this.#firstFree;
    this.#firstFree = slot;
  }

  /** Gives a slot in use another id: the one it has is stale from now on. False when it has none left. */
  renew(slot: number): boolean {
    const tag = this.#tags[slot]! + 2;
    if (tag >= GENERATION_RANGE * 2) return false;
    this.#tags[slot] = tag;
    this.#foreign?.delete(slot);
    return true;
  }

  /** The slot an id stands for; {@link NO_SLOT} when the id is stale or never existed. */
  slotOf(id: number): number {
    const generation = Math.floor(id / SLOT_RANGE);
    const slot = id - generation * SLOT_RANGE;
    // A slot beyond the end reads as undefined, which is equal to no tag.
    if (this.#tags[slot] === generation * 2 + 1) return slot;
    return this.#foreign === undefined ? NO_SLOT : this.#foreign.slotOf(id);
  }

  /** The id of a slot in use. */
  idOf(slot: number): number {
    const foreign = this.#foreign?.idOf(slot);
    return foreign ?? (this.#tags[slot]! >>> 1) * SLOT_RANGE + slot;
  }

  /**
   * Prepares for ids that somebody else has given out: those given out here are `bound` or more from now on.
   *
   * @throws RangeError when so few are left that this cannot be
   */
  expectForeign(bound: number): void {
    const generation = Math.ceil(Math.max(bound, this.bound) / SLOT_RANGE);
    if (generation >= GENERATION_RANGE) throw new RangeError(`no ids are left beyond ${bound}`);
    this.#firstTag = generation * 2;
    this.#foreign ??= new ForeignIds();
    this.#foreign.bound = bound;
    for (let slot = 1; slot < this.#tags.length; slot++) {
      if (!this.isInUse(slot)) this.#tags[slot] = this.#firstTag;
    }
  }

  /** Takes a free slot for an id below the bound of {@link expectForeign}; {@link NO_SLOT} when it has one, or none is free. */
  adopt(id: number): number {
    if (this.#foreign === undefined || id >= this.#foreign.bound || this.slotOf(id) !== NO_SLOT)
      return NO_SLOT;
    const slot = this.acquire();
    if (slot !== NO_SLOT) this.#foreign.add(slot, id);
    return slot;
  }

  isInUse(slot: number): boolean {
    return (this.#tags[slot]! & 1) === 1;
  }

  #grow(): void {
    const capacity = Math.min(this.#tags.length * 2, SLOT_RANGE);
    this.#tags = enlarged(this.#tags, new Uint32Array(capacity).fill(this.#firstTag));
    this.#links = enlarged(this.#links, new Uint32Array(capacity));
  }
}

/** Ids that do not say their slot, because another process has given them out. */
class ForeignIds {
  /** More than every one of them. */
  bound = 0;
  readonly #slots = new Map<number, number>();
  readonly #ids = new Map<number, number>();

  add(slot: number, id: number): void {
    this.#slots.set(id, slot);
    this.#ids.set(slot, id);
  }

  delete(slot: number): void {
    const id = this.#ids.get(slot);
    if (id === undefined) return;
    this.#ids.delete(slot);
    this.#slots.delete(id);
  }

  slotOf(id: number): number {
    return this.#slots.get(id) ?? NO_SLOT;
  }

  idOf(slot: number): number | undefined {
    return this.#ids.get(slot);
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
