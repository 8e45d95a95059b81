import { ByteStore, NO_BYTES } from './byte-store.js';
import { IdentityIndex } from './identity-index.js';
import { NodeNames } from './node-names.js';
import { enlarged, NO_SLOT, SlotIds } from './slot-ids.js';

/** Node id of the shared folder itself, fixed by the FUSE protocol. */
export const ROOT_ID = 1;
/** The root is the first node added, so it has the first slot. */
export const ROOT_SLOT = 1;

/** No node has it. */
export const NO_ID = 0;

/** In the place of a descriptor: the node has none at the moment. */
export const CLOSED = -1;

// Flags of a node.
/** Its way back is a file handle; else it is a name in {@link NodeNames.parentOf its parent}. */
const BY_HANDLE = 1;
/** No way back is known: its descriptor must not be closed. */
const ADRIFT = 2;
/** Its file is gone, and what made it known belongs to another one. */
const BURIED = 4;
/** A directory on another mount than its parent. */
const MOUNT_POINT = 8;

/** One node as plain data, for handing the table to another process. */
export interface NodeRecord {
  readonly id: number;
  readonly references: number;
  /** −1 when the node has none at the moment. */
  readonly descriptor: number;
  readonly type: number;
  /** Inode number low and high, device major and minor, mount id low and high. */
  readonly identity: Uint32Array;
}

/**
 * The nodes a guest knows: for each its O_PATH descriptor while it has one, the way back to its file for when it has none, its
 * file type, how many lookups the guest has not forgotten yet, and (in {@link identities}) which file of the host it is.
 *
 * Everything lies in flat columns by slot; nothing here makes a system call. An open descriptor keeps the inode alive, so that an identity
 * cannot come to mean another file while its node has one.
 */
export class NodeTable {
  readonly identities: IdentityIndex;
  readonly names = new NodeNames();
  readonly #ids = new SlotIds();
  /** File handles and names. */
  readonly #bytes = new ByteStore();
  #references = new Float64Array(this.#ids.capacity);
  #descriptors = new Int32Array(this.#ids.capacity);
  #types = new Uint8Array(this.#ids.capacity);
  #flags = new Uint8Array(this.#ids.capacity);
  #waysBack = new Uint32Array(this.#ids.capacity);
  #mounts = new Uint16Array(this.#ids.capacity);
  #closed = 0;

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

  /** How many nodes have no descriptor at the moment. */
  get closed(): number {
    return this.#closed;
  }

  /** Whether any node has a name. */
  get hasNames(): boolean {
    return this.names.inUse > 0;
  }

  /** Memory that file handles and names take. */
  get bytes(): number {
    return this.#bytes.bytes;
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
    if (descriptor === CLOSED) this.#closed++;
    this.#types[slot] = type >>> 12;
    this.#flags[slot] = 0;
    this.#waysBack[slot] = NO_BYTES;
    this.#mounts[slot] = 0;
    this.identities.insert(slot, inoLo, inoHi, major, minor, mountLo, mountHi);
    return slot;
  }

  /**
   * The slot of a node id; NO_SLOT when the guest should not know it (any more). That holds, too, for a directory that is only kept to
   * find others: it may go with the last of these, in the midst of any request.
   */
  slotOf(id: number): number {
    const slot = this.#ids.slotOf(id);
    return this.#references[slot] === 0 ? NO_SLOT : slot;
  }

  idOf(slot: number): number {
    return this.#ids.idOf(slot);
  }

  /** The O_PATH descriptor of a node, or {@link CLOSED}. Operations ask `nodeDescriptor` instead. */
  descriptorOf(slot: number): number {
    return this.#descriptors[slot]!;
  }

  /** Gives a descriptor to a node that has none, or takes it away. */
  setDescriptor(slot: number, descriptor: number): void {
    this.#closed += descriptor === CLOSED ? 1 : -1;
    this.#descriptors[slot] = descriptor;
  }

  /** The S_IFMT bits of the node: an inode never changes its type. */
  typeOf(slot: number): number {
    return this.#types[slot]! << 12;
  }

  /** The index of the node's mount in the mount table. */
  mountOf(slot: number): number {
    return this.#mounts[slot]!;
  }

  setMount(slot: number, mount: number, isMountPoint: boolean): void {
    this.#mounts[slot] = mount;
    if (isMountPoint) this.#flags[slot]! |= MOUNT_POINT;
  }

  isMountPoint(slot: number): boolean {
    return (this.#flags[slot]! & MOUNT_POINT) !== 0;
  }

  /** Whether the node's descriptor may not be closed because nothing would lead back to its file. */
  isAdrift(slot: number): boolean {
    return (this.#flags[slot]! & ADRIFT) !== 0;
  }

  setAdrift(slot: number, adrift: boolean): void {
    this.#flags[slot] = (this.#flags[slot]! & ~ADRIFT) | (adrift ? ADRIFT : 0);
  }

  hasHandle(slot: number): boolean {
    return (this.#flags[slot]! & BY_HANDLE) !== 0;
  }

  hasWayBack(slot: number): boolean {
    return this.#waysBack[slot] !== NO_BYTES;
  }

  /** Whether the node has a name, in {@link NodeNames.parentOf its parent}. */
  hasName(slot: number): boolean {
    return this.#waysBack[slot] !== NO_BYTES && !this.hasHandle(slot);
  }

  /** Remembers the file handle of a node that has no way back yet. */
  setHandle(slot: number, bytes: Uint8Array, offset: number, length: number): void {
    this.#waysBack[slot] = this.#bytes.add(bytes, offset, length);
    this.#flags[slot]! |= BY_HANDLE;
  }

  /** Remembers where a node that has no way back yet was found: false, and nothing remembered, when that cannot be true. */
  setName(slot: number, parent: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (!this.names.setParent(slot, parent, this.#ids.capacity)) return false;
    this.#waysBack[slot] = this.#bytes.add(bytes, offset, length);
    return true;
  }

  /** Copies the file handle or name of a node that has one: its length. */
  copyWayBack(slot: number, target: Uint8Array, at: number): number {
    return this.#bytes.copy(this.#waysBack[slot]!, target, at);
  }

  wayBackEquals(slot: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const reference = this.#waysBack[slot]!;
    return reference !== NO_BYTES && this.#bytes.equals(reference, bytes, offset, length);
  }

  /** Forgets the way back of a node: the parent it had, which may be of no use any more; else NO_SLOT. */
  clearWayBack(slot: number): number {
    const reference = this.#waysBack[slot]!;
    if (reference === NO_BYTES) return NO_SLOT;
    this.#bytes.remove(reference);
    this.#waysBack[slot] = NO_BYTES;
    this.#flags[slot]! &= ~BY_HANDLE;
    return this.names.clearParent(slot);
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
   * @returns the slot when that was the last reference and the node can be removed, else NO_SLOT
   */
  forget(id: number, count: number): number {
    const slot = this.#ids.slotOf(id);
    if (slot === NO_SLOT || slot === ROOT_SLOT) return NO_SLOT;
    const left = this.#references[slot]! - count;
    this.#references[slot] = Math.max(left, 0);
    return left > 0 || this.names.hasChildren(slot) ? NO_SLOT : slot;
  }

  /** Gives a node another id: nobody may use the one that it has any more. False when there is none left for it. */
  renewId(slot: number): boolean {
    return this.#ids.renew(slot);
  }

  /** Whether a node is of no use: neither does the guest know it, nor is it on the way to one that the guest knows. */
  isIdle(slot: number): boolean {
    return this.#references[slot] === 0 && !this.names.hasChildren(slot);
  }

  /** Removes an idle node: the parent it had, if it is known. The caller has taken care of the descriptor. */
  remove(slot: number): number {
    const parent = this.clearWayBack(slot);
    if (this.#descriptors[slot] === CLOSED) this.#closed--;
    if (!(this.#flags[slot]! & BURIED)) this.identities.remove(slot);
    this.#ids.release(slot);
    return parent;
  }

  /** The file of a node that has no descriptor is gone, and another one has its identity. */
  bury(slot: number): void {
    this.identities.remove(slot);
    this.#flags[slot]! |= BURIED;
  }

  /** Whether {@link bury} was called for it. */
  isBuried(slot: number): boolean {
    return (this.#flags[slot]! & BURIED) !== 0;
  }

  /** Removes every node except the root, handing each descriptor to `close`. */
  clear(close: (descriptor: number) => void): void {
    for (let slot = ROOT_SLOT + 1; slot < this.#ids.end; slot++) {
      if (!this.#ids.isInUse(slot)) continue;
      const descriptor = this.#descriptors[slot]!;
      if (descriptor !== CLOSED) close(descriptor);
      if (!(this.#flags[slot]! & BURIED)) this.identities.remove(slot);
      this.#ids.release(slot);
    }
    this.#bytes.clear();
    this.names.clear();
    this.#closed = 0;
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
    this.#flags = enlarged(this.#flags, new Uint8Array(capacity));
    this.#waysBack = enlarged(this.#waysBack, new Uint32Array(capacity));
    this.#mounts = enlarged(this.#mounts, new Uint16Array(capacity));
  }
}
