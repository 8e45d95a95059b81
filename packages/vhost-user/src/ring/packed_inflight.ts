import { RingError } from '../errors.js';
import { Struct } from '../message/struct.js';
import { PackedFlag } from './packed_layout.js';

/** QueueRegionPacked without its array (specification: "Inflight I/O tracking"). */
export const queueRegionPacked = new Struct('QueueRegionPacked', {
  features: 'u64',
  version: 'u16',
  desc_num: 'u16',
  free_head: 'u16',
  old_free_head: 'u16',
  used_idx: 'u16',
  old_used_idx: 'u16',
  used_wrap_counter: 'u8',
  old_used_wrap_counter: 'u8',
  // Seven bytes of padding in the specification, and three that C adds.
  padding: [10],
});

/** DescStatePacked: one per descriptor of the ring. */
export const descStatePacked = new Struct('DescStatePacked', {
  inflight: 'u8',
  padding: [1],
  next: 'u16',
  last: 'u16',
  num: 'u16',
  counter: 'u64',
  id: 'u16',
  flags: 'u16',
  len: 'u32',
  addr: 'u64',
});

const REGION = queueRegionPacked.offsets;
const STATE = descStatePacked.offsets;
const VERSION = 1;
/** Regions of queues begin at multiples of this, so that no two share a cache line. */
const ALIGNMENT = 64;

/** Bytes of the region of a packed queue of `size`, to the next region. */
export function packedInflightSize(size: number): number {
  return Math.ceil((queueRegionPacked.size + descStatePacked.size * size) / ALIGNMENT) * ALIGNMENT;
}

/** A place in the ring, and the wrap counter that belongs to it. */
export interface PackedPosition {
  readonly index: number;
  readonly wrap: number;
}

/** The flags of the ring's descriptors, for who recovers. */
export interface PackedRingFlags {
  load(index: number): number;
  store(index: number, flags: number): void;
}

/** A chain that was left in flight. */
export interface LeftChain {
  /** Its first entry. */
  readonly entry: number;
  readonly id: number;
  /** Descriptors of the ring that it takes. */
  readonly slots: number;
}

/**
 * Which requests of a packed queue are in flight, in memory that survives this process; see {@link SplitInflight}. Used
 * buffers overwrite descriptors of others that are still in flight, so the log has copies of the descriptors themselves.
 *
 * `free_head`, `used_idx` and `used_wrap_counter` say what is about to be, and their `old` counterparts what is. The
 * order of the writes is the specification's. What it leaves open is done so that no instant is ambiguous: the pairs that
 * belong together change in one store, and chains return to the free list only when they are published, so that none is
 * overwritten before.
 */
export class PackedInflight {
  readonly #view: DataView;
  /** used_idx to old_used_wrap_counter, as one word. */
  readonly #position: BigUint64Array;
  /** free_head and old_free_head, as one word. */
  readonly #freeHeads: Uint32Array;
  readonly #size: number;
  #counter = 0n;
  /** The first entry of the chain in flight with that buffer id. */
  readonly #entries = new Uint16Array(65536);
  /** Its last entry; not read from the log again, which is the front-end's to change. */
  readonly #lasts = new Uint16Array(65536);
  /** Entries taken for the chain that is being read. */
  #taken = 0;
  /** The first and the last of them. */
  #first = 0;
  #last = 0;
  /** Ids given back since the last {@link published}. */
  readonly #batch: number[] = [];

  /** @param region - {@link packedInflightSize} bytes at a multiple of 8; zeroed when it was never used */
  constructor(region: Uint8Array, size: number) {
    this.#view = new DataView(region.buffer, region.byteOffset, region.length);
    this.#position = new BigUint64Array(region.buffer, region.byteOffset + REGION.used_idx, 1);
    this.#freeHeads = new Uint32Array(region.buffer, region.byteOffset + REGION.free_head, 1);
    this.#size = size;
  }

  /**
   * Takes up what the process before has left. A batch of used buffers that it had begun to write, and not shown, is taken
   * back.
   *
   * @param used - where the ring stands if the region was never used
   * @returns where used buffers go on, and the chains to execute again, in order; undefined when the region was never used
   * @throws RingError BAD_INDEX when the region makes no sense
   */
  recover(
    used: PackedPosition,
    ring: PackedRingFlags,
  ): { used: PackedPosition; left: LeftChain[] } | undefined {
    const view = this.#view;
    if (view.getUint16(REGION.version, true) !== VERSION) {
      this.#initialize(used);
      return undefined;
    }
    const position = this.#rollBackOrForth(ring);
    for (let entry = this.#freeHead, steps = 0; entry < this.#size && steps < this.#size; steps++) {
      view.setUint8(this.#at(entry) + STATE.inflight, 0);
      entry = this.#nextOf(entry);
    }
    const left: LeftChain[] = [];
    for (let entry = 0; entry < this.#size; entry++) {
      const at = this.#at(entry);
      if (view.getUint8(at + STATE.inflight) === 0) continue;
      const slots = view.getUint16(at + STATE.num, true);
      const last = view.getUint16(at + STATE.last, true);
      if (slots === 0 || last >= this.#size) throw nonsense(`a chain of ${slots} descriptors to ${last}`);
      const id = view.getUint16(this.#at(last) + STATE.id, true);
      left.push({ entry, id, slots });
      this.#lasts[id] = last;
    }
    const total = left.reduce((sum, { slots }) => sum + slots, 0);
    if (total > this.#size) throw nonsense(`${total} descriptors in flight`);
    left.sort((a, b) => (this.#counterOf(a.entry) < this.#counterOf(b.entry) ? -1 : 1));
    for (const { id, entry } of left) this.#entries[id] = entry;
    const newest = left.at(-1);
    this.#counter = newest === undefined ? 0n : this.#counterOf(newest.entry) + 1n;
    return { used: position, left };
  }

  /** Goes through the descriptors of a chain that was left. */
  walk(
    chain: LeftChain,
    visit: (addressLow: number, addressHigh: number, length: number, flags: number) => void,
  ): void {
    let { entry } = chain;
    for (let i = 0; i < chain.slots; i++) {
      if (entry >= this.#size) throw nonsense(`entry ${entry}`);
      const at = this.#at(entry);
      visit(
        this.#view.getUint32(at + STATE.addr, true),
        this.#view.getUint32(at + STATE.addr + 4, true),
        this.#view.getUint32(at + STATE.len, true),
        this.#view.getUint16(at + STATE.flags, true),
      );
      entry = this.#nextOf(entry);
    }
  }

  /** A descriptor was read from the ring, of the chain that {@link taken} or {@link abandoned} ends. */
  describe(addressLow: number, addressHigh: number, length: number, idAndFlags: number): void {
    const entry = this.#freeHead;
    // A driver that makes more available than the ring holds is found out once its chain was read.
    if (entry >= this.#size) return;
    const view = this.#view;
    const at = this.#at(entry);
    if (this.#taken++ === 0) {
      this.#first = entry;
      view.setBigUint64(at + STATE.counter, this.#counter++, true);
      view.setUint8(at + STATE.inflight, 1);
    }
    const head = this.#at(this.#first);
    view.setUint16(head + STATE.num, this.#taken, true);
    view.setUint32(at + STATE.addr, addressLow, true);
    view.setUint32(at + STATE.addr + 4, addressHigh, true);
    view.setUint32(at + STATE.len, length, true);
    view.setUint32(at + STATE.id, idAndFlags, true);
    this.#last = entry;
    view.setUint16(REGION.free_head, this.#nextOf(entry), true);
  }

  /**
   * The chain with that buffer id was taken from the ring.
   *
   * @throws RingError BAD_INDEX when the region had no entry for it, which only somebody else's writing can cause
   */
  taken(id: number): void {
    if (this.#taken === 0) throw nonsense('no entry is free');
    const head = this.#first;
    this.#view.setUint16(this.#at(head) + STATE.last, this.#last, true);
    this.#entries[id] = head;
    this.#lasts[id] = this.#last;
    this.#taken = 0;
    this.#view.setUint16(REGION.old_free_head, this.#freeHead, true);
  }

  /** The chain was not taken after all. */
  abandoned(): void {
    if (this.#taken === 0) return;
    this.#taken = 0;
    this.#view.setUint8(this.#at(this.#first) + STATE.inflight, 0);
    this.#view.setUint16(REGION.free_head, this.#first, true);
  }

  /** A chain is about to be shown as used. */
  returned(id: number): void {
    const entry = this.#entries[id]!;
    this.#view.setUint16(this.#at(this.#lasts[id]!) + STATE.next, this.#freeHead, true);
    this.#view.setUint16(REGION.free_head, entry, true);
    this.#batch.push(entry);
  }

  /** All chains returned are about to be shown: used buffers go on at `index` after them. */
  publishing(index: number, wrap: number): void {
    this.#setPosition({ index, wrap }, this.#old);
  }

  /** The ring shows them. */
  published(): void {
    for (const entry of this.#batch) this.#view.setUint8(this.#at(entry) + STATE.inflight, 0);
    this.#batch.length = 0;
    this.#setFreeHeads(this.#freeHead);
    this.#setPosition(this.#next);
  }

  #initialize(used: PackedPosition): void {
    for (let entry = 0; entry < this.#size; entry++) {
      this.#view.setUint16(this.#at(entry) + STATE.next, entry + 1, true);
    }
    this.#view.setUint16(REGION.desc_num, this.#size, true);
    this.#setFreeHeads(0);
    this.#setPosition(used);
    this.#view.setUint16(REGION.version, VERSION, true);
  }

  /** Decides whether the last batch was shown: the flags of its first descriptor tell. @returns where the ring stands */
  #rollBackOrForth(ring: PackedRingFlags): PackedPosition {
    const [old, next] = [this.#old, this.#next];
    for (const { index, wrap } of [old, next]) {
      if (index >= this.#size || wrap > 1) throw nonsense(`position ${index}, wrap counter ${wrap}`);
    }
    const begun = old.index !== next.index || old.wrap !== next.wrap;
    if (begun && (ring.load(old.index) & TURNED) !== availableFlags(old.wrap)) {
      this.#setFreeHeads(this.#freeHead);
      this.#setPosition(next);
      return next;
    }
    if (begun) takeBack(ring, old, next, this.#size);
    this.#setFreeHeads(this.#oldFreeHead);
    this.#setPosition(old);
    return old;
  }

  get #freeHead(): number {
    return this.#view.getUint16(REGION.free_head, true);
  }

  get #oldFreeHead(): number {
    return this.#view.getUint16(REGION.old_free_head, true);
  }

  #setFreeHeads(head: number): void {
    Atomics.store(this.#freeHeads, 0, head | (head << 16));
  }

  get #next(): PackedPosition {
    return {
      index: this.#view.getUint16(REGION.used_idx, true),
      wrap: this.#view.getUint8(REGION.used_wrap_counter),
    };
  }

  get #old(): PackedPosition {
    return {
      index: this.#view.getUint16(REGION.old_used_idx, true),
      wrap: this.#view.getUint8(REGION.old_used_wrap_counter),
    };
  }

  #setPosition(next: PackedPosition, old = next): void {
    const indices = BigInt(next.index) | (BigInt(old.index) << 16n);
    const wraps = BigInt(next.wrap) | (BigInt(old.wrap) << 8n);
    Atomics.store(this.#position, 0, indices | (wraps << 32n));
  }

  #at(entry: number): number {
    return queueRegionPacked.size + descStatePacked.size * entry;
  }

  #nextOf(entry: number): number {
    return this.#view.getUint16(this.#at(entry) + STATE.next, true);
  }

  #counterOf(entry: number): bigint {
    return this.#view.getBigUint64(this.#at(entry) + STATE.counter, true);
  }
}

/** The flags that turn with every round. */
const TURNED = PackedFlag.AVAIL | PackedFlag.USED;

function availableFlags(wrap: number): number {
  return wrap === 1 ? PackedFlag.AVAIL : PackedFlag.USED;
}

/**
 * Of a batch that was begun at `from`, the first descriptor was not shown; others may have been written. Marked as used they
 * would be taken for used buffers as soon as another batch, with fewer of them, is shown.
 */
function takeBack(ring: PackedRingFlags, from: PackedPosition, to: PackedPosition, size: number): void {
  let { index, wrap } = from;
  for (let left = (to.index - from.index + size) % size || size; left > 0; left--) {
    ring.store(index, (ring.load(index) & ~TURNED) | availableFlags(wrap));
    if (++index < size) continue;
    index = 0;
    wrap ^= 1;
  }
}

function nonsense(what: string): RingError {
  return new RingError('BAD_INDEX', `the in-flight log makes no sense: ${what}`);
}
