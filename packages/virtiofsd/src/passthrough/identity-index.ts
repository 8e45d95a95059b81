import { enlarged, NO_SLOT } from './slot-ids.js';

/** u32 words of an identity: inode number (2), device major, device minor, mount id (2). */
const WORDS = 6;
const FIRST_CAPACITY = 256;
const FIRST_BUCKETS = 512;

/**
 * Which slot stands for which file of the host: (inode number, device, mount) ↔ slot, exact in all 64-bit values.
 *
 * A hash table with open addressing over typed arrays: buckets hold slot numbers, the identities lie in a column by slot.
 * Removal shifts the following entries back instead of leaving marks, so a table that lives through millions of
 * lookups and forgets stays as fast as a new one. The mount is part of the identity because the same inode seen through two mounts
 * (a bind mount with other options, say) must be reached through the descriptor of the right one.
 */
export class IdentityIndex {
  #buckets = new Uint32Array(FIRST_BUCKETS);
  #mask = FIRST_BUCKETS - 1;
  #count = 0;
  #identities = new Uint32Array(FIRST_CAPACITY * WORDS);
  #hashes = new Int32Array(FIRST_CAPACITY);
  readonly #seed: number;

  /** `seed` makes the order of the buckets differ from process to process: inode numbers can be chosen by others. */
  constructor(seed: number = Math.trunc(Math.random() * 2 ** 32)) {
    this.#seed = seed | 0;
  }

  get size(): number {
    return this.#count;
  }

  /** The slot of an identity, or {@link NO_SLOT}. */
  find(inoLo: number, inoHi: number, major: number, minor: number, mountLo: number, mountHi: number): number {
    const hash = this.#hash(inoLo, inoHi, major, minor, mountLo, mountHi);
    for (let bucket = hash & this.#mask; ; bucket = (bucket + 1) & this.#mask) {
      const slot = this.#buckets[bucket]!;
      if (slot === NO_SLOT) return NO_SLOT;
      if (this.#hashes[slot] !== hash) continue;
      if (this.matches(slot, inoLo, inoHi, major, minor, mountLo, mountHi)) return slot;
    }
  }

  /** Adds an identity that is not in the index yet, for a slot that has none. */
  insert(
    slot: number,
    inoLo: number,
    inoHi: number,
    major: number,
    minor: number,
    mountLo: number,
    mountHi: number,
  ): void {
    if (slot >= this.#hashes.length) this.#growSlots(slot);
    if ((this.#count + 1) * 2 > this.#buckets.length) this.#growBuckets();
    const at = slot * WORDS;
    const identities = this.#identities;
    identities[at] = inoLo;
    identities[at + 1] = inoHi;
    identities[at + 2] = major;
    identities[at + 3] = minor;
    identities[at + 4] = mountLo;
    identities[at + 5] = mountHi;
    this.#hashes[slot] = this.#hash(inoLo, inoHi, major, minor, mountLo, mountHi);
    this.#place(slot);
    this.#count++;
  }

  /** Removes the identity of a slot that has one. */
  remove(slot: number): void {
    let hole = this.#hashes[slot]! & this.#mask;
    while (this.#buckets[hole] !== slot) hole = (hole + 1) & this.#mask;
    for (let next = (hole + 1) & this.#mask; ; next = (next + 1) & this.#mask) {
      const candidate = this.#buckets[next]!;
      if (candidate === NO_SLOT) break;
      // An entry may move into the hole only if the hole is not before the place where a search for it begins.
      const home = this.#hashes[candidate]! & this.#mask;
      if (((next - home) & this.#mask) < ((next - hole) & this.#mask)) continue;
      this.#buckets[hole] = candidate;
      hole = next;
    }
    this.#buckets[hole] = NO_SLOT;
    this.#count--;
  }

  /** Whether a slot has this identity. */
  matches(
    slot: number,
    inoLo: number,
    inoHi: number,
    major: number,
    minor: number,
    mountLo: number,
    mountHi: number,
  ): boolean {
    const identities = this.#identities;
    const at = slot * WORDS;
    return (
      identities[at] === inoLo &&
      identities[at + 1] === inoHi &&
      identities[at + 2] === major &&
      identities[at + 3] === minor &&
      identities[at + 4] === mountLo &&
      identities[at + 5] === mountHi
    );
  }

  /** Whether two slots have the same device and the same mount. */
  areBeside(slot: number, other: number): boolean {
    const identities = this.#identities;
    const at = slot * WORDS;
    const there = other * WORDS;
    for (let i = 2; i < WORDS; i++) if (identities[at + i] !== identities[there + i]) return false;
    return true;
  }

  deviceMajor(slot: number): number {
    return this.#identities[slot * WORDS + 2]!;
  }

  deviceMinor(slot: number): number {
    return this.#identities[slot * WORDS + 3]!;
  }

  /** Low half of the inode number of a slot's identity. */
  inoLo(slot: number): number {
    return this.#identities[slot * WORDS]!;
  }

  /** High half of the inode number of a slot's identity. */
  inoHi(slot: number): number {
    return this.#identities[slot * WORDS + 1]!;
  }

  /** The slot of another file of the same device and mount as `beside`, known by its inode number; or {@link NO_SLOT}. */
  findBeside(beside: number, inoLo: number, inoHi: number): number {
    const at = beside * WORDS;
    const identities = this.#identities;
    return this.find(
      inoLo,
      inoHi,
      identities[at + 2]!,
      identities[at + 3]!,
      identities[at + 4]!,
      identities[at + 5]!,
    );
  }

  /** The six words of a slot's identity, for handing the table over. */
  identityOf(slot: number): Uint32Array {
    return this.#identities.slice(slot * WORDS, (slot + 1) * WORDS);
  }

  #place(slot: number): void {
    let bucket = this.#hashes[slot]! & this.#mask;
    while (this.#buckets[bucket] !== NO_SLOT) bucket = (bucket + 1) & this.#mask;
    this.#buckets[bucket] = slot;
  }

  #growBuckets(): void {
    const old = this.#buckets;
    this.#buckets = new Uint32Array(old.length * 2);
    this.#mask = this.#buckets.length - 1;
    for (const slot of old) if (slot !== NO_SLOT) this.#place(slot);
  }

  #growSlots(slot: number): void {
    let capacity = this.#hashes.length;
    while (capacity <= slot) capacity *= 2;
    this.#hashes = enlarged(this.#hashes, new Int32Array(capacity));
    this.#identities = enlarged(this.#identities, new Uint32Array(capacity * WORDS));
  }

  #hash(
    inoLo: number,
    inoHi: number,
    major: number,
    minor: number,
    mountLo: number,
    mountHi: number,
  ): number {
    let hash = mixed(this.#seed, inoLo);
    hash = mixed(hash, inoHi);
    hash = mixed(hash, major);
    hash = mixed(hash, minor);
    hash = mixed(hash, mountLo);
    hash = mixed(hash, mountHi);
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    // With its sign: half of the unsigned values would be objects on the heap.
    return hash ^ (hash >>> 13);
  }
}

/** One round of MurmurHash3 (32 bit). */
function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
