import { UsageError } from '../errors.js';
import { DescriptorFlag, descriptorLayout } from '../ring/layout.js';
import {
  PackedEventFlag,
  PackedFlag,
  packedDescriptorLayout,
  packedNeedsEvent,
  WRAP_SHIFT,
} from '../ring/packed_layout.js';
import type { RingParts } from '../ring/virtqueue.js';
import { toBigInt, type U64 } from '../u64.js';
import type { IndirectMemory, RingDriver, RingDriverOptions, Segment, Used } from './ring_driver.js';

const FLAGS_HALF = packedDescriptorLayout.flags >> 1;
const HALVES = packedDescriptorLayout.size >> 1;
const OFF_WRAP = 0;
const EVENT_FLAGS = 1;

interface Outstanding<T> {
  readonly token: T;
  readonly slots: number;
  readonly writable: number;
}

/** The driver's side of a packed virtqueue (virtio 2.8), without descriptors and event loop. */
export class PackedDriver<T> implements RingDriver<T> {
  readonly size: number;
  readonly #options: RingDriverOptions;
  readonly #ring: DataView;
  readonly #halves: Uint16Array;
  readonly #driverEvent: Uint16Array;
  readonly #deviceEvent: Uint16Array;
  /** Free buffer ids; the next one to use is the last. */
  readonly #ids: number[];
  readonly #byId: (Outstanding<T> | undefined)[];
  readonly #tables: (IndirectMemory | undefined)[] = [];
  #free: number;
  #count = 0;
  #nextAvailable = 0;
  #availableWrap = 1;
  #nextUsed = 0;
  #usedWrap = 1;
  /** Heads whose flags are withheld until {@link publish}: position and flags. */
  #withheld: [position: number, flags: number][] = [];
  #added = 0;

  constructor(options: RingDriverOptions, { descriptor, available, used }: RingParts) {
    const { size } = options;
    this.size = this.#free = size;
    this.#options = options;
    this.#ring = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.length);
    this.#halves = new Uint16Array(descriptor.buffer, descriptor.byteOffset, descriptor.length >> 1);
    this.#driverEvent = new Uint16Array(available.buffer, available.byteOffset, 2);
    this.#deviceEvent = new Uint16Array(used.buffer, used.byteOffset, 2);
    this.#ids = Array.from({ length: size }, (_, i) => size - 1 - i);
    this.#byId = new Array(size).fill(undefined);
  }

  get outstanding(): number {
    return this.#count;
  }

  add(readable: readonly Segment[], writable: readonly Segment[], token: T): boolean {
    const segments = [...readable, ...writable];
    const indirect = this.#options.indirect && segments.length > 1;
    if (segments.length === 0 || (!indirect && segments.length > this.size)) {
      throw new UsageError(
        'BAD_ARGUMENT',
        `a request of ${segments.length} buffers on a ring of ${this.size}`,
      );
    }
    const slots = indirect ? 1 : segments.length;
    if (this.#free < slots) return false;
    const id = this.#ids.pop()!;
    if (indirect) {
      const table = this.#table(id, segments.length * descriptorLayout.size);
      const view = new DataView(table.u8.buffer, table.u8.byteOffset, table.u8.length);
      for (const [i, { address, length }] of segments.entries()) {
        write(view, i, address, length, 0, i < readable.length ? 0 : DescriptorFlag.WRITE);
      }
      this.#put(true, table.address, segments.length * descriptorLayout.size, id, DescriptorFlag.INDIRECT);
    } else {
      for (const [i, { address, length }] of segments.entries()) {
        const direction = i < readable.length ? 0 : DescriptorFlag.WRITE;
        const next = i < segments.length - 1 ? DescriptorFlag.NEXT : 0;
        this.#put(i === 0, address, length, id, direction | next);
      }
    }
    const capacity = writable.reduce((sum, { length }) => sum + length, 0);
    this.#byId[id] = { token, slots, writable: capacity };
    this.#free -= slots;
    this.#added += slots;
    this.#count++;
    return true;
  }

  publish(): boolean {
    if (this.#added === 0) return false;
    // The first one last: the device sees all or none.
    for (const [position, flags] of this.#withheld.reverse()) {
      Atomics.store(this.#halves, position * HALVES + FLAGS_HALF, flags);
    }
    this.#withheld = [];
    const added = this.#added;
    this.#added = 0;
    const flags = Atomics.load(this.#deviceEvent, EVENT_FLAGS) & 0x3;
    if (flags !== PackedEventFlag.DESC) return flags === PackedEventFlag.ENABLE;
    const offWrap = Atomics.load(this.#deviceEvent, OFF_WRAP);
    return packedNeedsEvent(this.size, offWrap, this.#nextAvailable, this.#availableWrap, added);
  }

  reap(): Used<T> | undefined {
    if (!this.#isUsed()) return undefined;
    const at = this.#nextUsed * packedDescriptorLayout.size;
    const length = this.#ring.getUint32(at + packedDescriptorLayout.len, true);
    const id = this.#ring.getUint16(at + packedDescriptorLayout.id, true);
    const request = this.#byId[id];
    if (request === undefined) {
      throw new UsageError('BAD_DEVICE', `the device returned ${id}, which was not outstanding`);
    }
    if (length > request.writable) {
      throw new UsageError('BAD_DEVICE', `the device wrote ${length} bytes into ${request.writable}`);
    }
    this.#byId[id] = undefined;
    this.#ids.push(id);
    this.#free += request.slots;
    this.#count--;
    this.#nextUsed += request.slots;
    if (this.#nextUsed >= this.size) {
      this.#nextUsed -= this.size;
      this.#usedWrap ^= 1;
    }
    return { token: request.token, length };
  }

  disableCalls(): void {
    Atomics.store(this.#driverEvent, EVENT_FLAGS, PackedEventFlag.DISABLE);
  }

  enableCalls(): boolean {
    if (this.#options.eventIndex) {
      Atomics.store(this.#driverEvent, OFF_WRAP, this.#nextUsed | (this.#usedWrap << WRAP_SHIFT));
      Atomics.store(this.#driverEvent, EVENT_FLAGS, PackedEventFlag.DESC);
    } else {
      Atomics.store(this.#driverEvent, EVENT_FLAGS, PackedEventFlag.ENABLE);
    }
    return this.#isUsed();
  }

  abandon(): T[] {
    this.#count = 0;
    return this.#byId.splice(0).flatMap((request) => (request === undefined ? [] : [request.token]));
  }

  #isUsed(): boolean {
    const flags = Atomics.load(this.#halves, this.#nextUsed * HALVES + FLAGS_HALF);
    const available = (flags & PackedFlag.AVAIL) !== 0 ? 1 : 0;
    const used = (flags & PackedFlag.USED) !== 0 ? 1 : 0;
    return available === used && used === this.#usedWrap;
  }

  /** Writes the next descriptor of the ring; the flags of a chain's first one wait for {@link publish}. */
  #put(first: boolean, address: U64, length: number, id: number, flags: number): void {
    const position = this.#nextAvailable;
    const turned = flags | (this.#availableWrap === 1 ? PackedFlag.AVAIL : PackedFlag.USED);
    const view = this.#ring;
    const at = position * packedDescriptorLayout.size;
    view.setBigUint64(at + packedDescriptorLayout.addr, toBigInt(address), true);
    view.setUint32(at + packedDescriptorLayout.len, length, true);
    view.setUint16(at + packedDescriptorLayout.id, id, true);
    if (first) this.#withheld.push([position, turned]);
    else Atomics.store(this.#halves, position * HALVES + FLAGS_HALF, turned);
    this.#nextAvailable++;
    if (this.#nextAvailable === this.size) {
      this.#nextAvailable = 0;
      this.#availableWrap ^= 1;
    }
  }

  #table(id: number, length: number): IndirectMemory {
    let table = this.#tables[id];
    if (table === undefined || table.u8.length < length) {
      const { allocate } = this.#options;
      if (allocate === undefined)
        throw new UsageError('BAD_ARGUMENT', 'indirect tables without memory for them');
      table = this.#tables[id] = allocate(Math.max(length, 16 * descriptorLayout.size));
    }
    return table;
  }
}

function write(view: DataView, index: number, address: U64, length: number, id: number, flags: number): void {
  const at = index * packedDescriptorLayout.size;
  view.setBigUint64(at + packedDescriptorLayout.addr, toBigInt(address), true);
  view.setUint32(at + packedDescriptorLayout.len, length, true);
  view.setUint16(at + packedDescriptorLayout.id, id, true);
  view.setUint16(at + packedDescriptorLayout.flags, flags, true);
}
