import { IdentityIndex } from './identity-index.js';
import { enlarged, NO_SLOT, SlotIds } from './slot-ids.js';

/** Node id of the shared folder itself, fixed by the FUSE protocol. */
export const ROOT_ID = 1;
/** The root is the first node added, so it has the first slot. */
export const ROOT_SLOT = 1;

/** No node has it. */
export const NO_ID = 0;

/** Result of {@link NodeTable.forget}: the node stays. */
export const STILL_KNOWN = -1;

/** One node as plain data, for handing the table to another process. */
export interface NodeRecord {
  readonly id: number;
  readonly references: number;
  readonly descriptor: number;
  readonly type: number;
  /** Inode number low and high, device major and minor, mount id low and high. */
  readonly identity: Uint32Array;
}

/**
 * The nodes a guest knows: for each its O_PATH descriptor, its file type, how many lookups the guest has not
 * forgotten yet, and (in {@link identities}) which file of the host it is.
 *
 * Everything lies in flat columns by slot; nothing here makes a system call. The descriptor keeps the inode alive, so an identity cannot
 * come to mean another file while its node exists.
 */
export class NodeTable {
  readonly identities: IdentityIndex;
  readonly #ids = new SlotIds();
  #references = new Float64Array(this.#ids.capacity);
  #descriptors = new Int32Array(this.#ids.capacity);
  #types = new Uint8Array(this.#ids.capacity);

  constructor(identities: IdentityIndex = new IdentityIndex()) {
    this.identities = identities;
  }

  get size(): number {
    return this.#ids.inUse;
  }

  /** More than every id that has been given out. */
  get bound(): number {
    return this.#ids.bound;
  }

  /**
   * Adds a node with one reference; the caller has made sure that its identity is not known.
   *
   * @param type the S_IFMT bits of the mode
   * @param foreign the id to give it, one of those announced to {@link expectForeign}; else its own
   * @returns its slot, or NO_SLOT when the table is full, or has the foreign id already
   */
  add(
    descriptor: number,
    type: number,
    inoLo: number,
    inoHi: number,
    major: number,
    minor: number,
    mountLo: number,
    mountHi: number,
    foreign = NO_ID,
  ): number {
    const slot = foreign === NO_ID ? this.#ids.acquire() : this.#ids.adopt(foreign);
    if (slot === NO_SLOT) return NO_SLOT;
    if (slot >= this.#types.length) this.#grow();
    this.#references[slot] = 1;
    this.#descriptors[slot] = descriptor;
    this.#types[slot] = type >>> 12;
    this.identities.insert(slot, inoLo, inoHi, major, minor, mountLo, mountHi);
    return slot;
  }

  /** The slot of a node id; NO_SLOT when the guest should not know it (any more). */
  slotOf(id: number): number {
    return this.#ids.slotOf(id);
  }

  idOf(slot: number): number {
    return this.#ids.idOf(slot);
  }

  descriptorOf(slot: number): number {
    return this.#descriptors[slot]!;
  }

  /** The S_IFMT bits of the node: an inode never changes its type. */
  typeOf(slot: number): number {
    return this.#types[slot]! << 12;
  }

  referencesOf(slot: number): number {
    return this.#references[slot]!;
  }

  /** Nodes are about to come from another process, with ids below `bound`. @throws RangeError */
  expectForeign(bound: number): void {
    this.#ids.expectForeign(bound);
  }

  /** Every slot in use, in no particular order. */
  *slots(): Generator<number> {
    for (let slot = ROOT_SLOT; slot < this.#ids.end; slot++) {
      if (this.#ids.isInUse(slot)) yield slot;
    }
  }

  setReferences(slot: number, count: number): void {
    this.#references[slot] = count;
  }

  /** Counts one more lookup of a node. */
  reference(slot: number): void {
    this.#references[slot]! += 1;
  }

  /**
   * Takes back `count` lookups. The root stays whatever the guest says, and a guest that forgets more than it looked up
   * merely loses the node.
   *
   * @returns the descriptor to close when that was the last reference, else {@link STILL_KNOWN}
   */
  forget(id: number, count: number): number {
    const slot = this.#ids.slotOf(id);
    if (slot === NO_SLOT || slot === ROOT_SLOT) return STILL_KNOWN;
    const left = this.#references[slot]! - count;
    if (left > 0) {
      this.#references[slot] = left;
      return STILL_KNOWN;
    }
    this.identities.remove(slot);
    this.#ids.release(slot);
    return this.#descriptors[slot]!;
  }

  /** Removes every node except the root, handing each descriptor to `close`. */
  clear(close: (descriptor: number) => void): void {
    for (let slot = ROOT_SLOT + 1; slot < this.#ids.end; slot++) {
      if (!this.#ids.isInUse(slot)) continue;
      close(this.#descriptors[slot]!);
      this.identities.remove(slot);
      this.#ids.release(slot);
    }
    this.#references[ROOT_SLOT] = 1;
  }

  /** Every node, in no particular order. */
  *records(): Generator<NodeRecord> {
    for (let slot = ROOT_SLOT; slot < this.#ids.end; slot++) {
      if (!this.#ids.isInUse(slot)) continue;
      yield {
        id: this.#ids.idOf(slot),
        references: this.#references[slot]!,
        descriptor: this.#descriptors[slot]!,
        type: this.typeOf(slot),
        identity: this.identities.identityOf(slot),
      };
    }
  }

  #grow(): void {
    const capacity = this.#ids.capacity;
    this.#references = enlarged(this.#references, new Float64Array(capacity));
    this.#descriptors = enlarged(this.#descriptors, new Int32Array(capacity));
    this.#types = enlarged(this.#types, new Uint8Array(capacity));
  }
}
