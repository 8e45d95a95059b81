import { UsageError } from '../errors.js';
import {
  AVAIL_F_NO_INTERRUPT,
  DescriptorFlag,
  descriptorLayout,
  needsEvent,
  USED_F_NO_NOTIFY,
  usedLayout,
} from '../ring/layout.js';
import type { RingParts } from '../ring/virtqueue.js';
import { toBigInt, type U64 } from '../u64.js';
import type { IndirectMemory, RingDriver, RingDriverOptions, Segment, Used } from './ring_driver.js';

const FLAGS = 0;
const INDEX = 1;
const RING = 2;

/** How the driver's side of a split ring was negotiated, and where it begins. */
export interface SplitDriverOptions extends RingDriverOptions {
  /** Where both rings begin. @default 0 */
  readonly base?: number;
}

/**
 * The driver's side of a split virtqueue (virtio 2.7), without descriptors and event loop: it fills the rings, and says
 * when a kick is due.
 */
export class SplitDriver<T> implements RingDriver<T> {
  readonly size: number;
  readonly #mask: number;
  readonly #options: SplitDriverOptions;
  readonly #descriptors: DataView;
  readonly #available: Uint16Array;
  readonly #used: Uint16Array;
  readonly #usedElements: Uint32Array;
  /** Free descriptors; the next one to use is the last. */
  readonly #free: number[];
  /** By the index of the first descriptor. */
  readonly #outstanding: ({ token: T; descriptors: number[]; writable: number } | undefined)[];
  readonly #tables: (IndirectMemory | undefined)[] = [];
  #nextAvailable: number;
  #publishedAvailable: number;
  #nextUsed: number;

  constructor(options: SplitDriverOptions, parts: RingParts) {
    const { size, base = 0 } = options;
    const { descriptor, available, used } = parts;
    this.size = size;
    this.#mask = size - 1;
    this.#options = options;
    this.#descriptors = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.length);
    this.#available = new Uint16Array(available.buffer, available.byteOffset, available.length >> 1);
    this.#used = new Uint16Array(used.buffer, used.byteOffset, used.length >> 1);
    this.#usedElements = new Uint32Array(used.buffer, used.byteOffset, used.length >> 2);
    this.#free = Array.from({ length: size }, (_, i) => size - 1 - i);
    this.#outstanding = new Array(size).fill(undefined);
    this.#nextAvailable = this.#publishedAvailable = this.#nextUsed = base;
  }

  get outstanding(): number {
    return (this.#nextAvailable - this.#nextUsed) & 0xffff;
  }

  add(readable: readonly Segment[], writable: readonly Segment[], token: T): boolean {
    const count = readable.length + writable.length;
    const indirect = this.#options.indirect && count > 1;
    if (count === 0 || (!indirect && count > this.size)) {
      throw new UsageError('BAD_ARGUMENT', `a request of ${count} buffers on a ring of ${this.size}`);
    }
    const needed = indirect ? 1 : count;
    if (this.#free.length < needed) return false;
    const descriptors = this.#free.splice(this.#free.length - needed).reverse();
    const head = descriptors[0]!;
    if (indirect) {
      const table = this.#table(head, count * descriptorLayout.size);
      const view = new DataView(table.u8.buffer, table.u8.byteOffset, table.u8.length);
      writeChain(view, readable, writable, (i) => i);
      writeDescriptor(
        this.#descriptors,
        head,
        table.address,
        count * descriptorLayout.size,
        DescriptorFlag.INDIRECT,
        0,
      );
    } else {
      writeChain(this.#descriptors, readable, writable, (i) => descriptors[i]!);
    }
    const capacity = writable.reduce((sum, { length }) => sum + length, 0);
    this.#outstanding[head] = { token, descriptors, writable: capacity };
    this.#available[RING + (this.#nextAvailable & this.#mask)] = head;
    this.#nextAvailable = (this.#nextAvailable + 1) & 0xffff;
    return true;
  }

  publish(): boolean {
    const before = this.#publishedAvailable;
    const after = this.#nextAvailable;
    if (before === after) return false;
    this.#publishedAvailable = after;
    Atomics.store(this.#available, INDEX, after);
    if (this.#options.eventIndex) {
      const event = Atomics.load(this.#used, (usedLayout.ring + usedLayout.entry * this.size) >> 1);
      return needsEvent(event, after, before);
    }
    return (Atomics.load(this.#used, FLAGS) & USED_F_NO_NOTIFY) === 0;
  }

  reap(): Used<T> | undefined {
    const ahead = (Atomics.load(this.#used, INDEX) - this.#nextUsed) & 0xffff;
    if (ahead === 0) return undefined;
    const element = (usedLayout.ring + usedLayout.entry * (this.#nextUsed & this.#mask)) >> 2;
    const id = this.#usedElements[element]!;
    const length = this.#usedElements[element + 1]!;
    const request = this.#outstanding[id];
    if (request === undefined) {
      throw new UsageError('BAD_DEVICE', `the device returned ${id}, which was not outstanding`);
    }
    if (length > request.writable) {
      throw new UsageError('BAD_DEVICE', `the device wrote ${length} bytes into ${request.writable}`);
    }
    this.#outstanding[id] = undefined;
    for (const descriptor of request.descriptors.reverse()) this.#free.push(descriptor);
    this.#nextUsed = (this.#nextUsed + 1) & 0xffff;
    return { token: request.token, length };
  }

  disableCalls(): void {
    if (!this.#options.eventIndex) Atomics.store(this.#available, FLAGS, AVAIL_F_NO_INTERRUPT);
  }

  enableCalls(): boolean {
    if (this.#options.eventIndex) Atomics.store(this.#available, RING + this.size, this.#nextUsed);
    else Atomics.store(this.#available, FLAGS, 0);
    return Atomics.load(this.#used, INDEX) !== this.#nextUsed;
  }

  abandon(): T[] {
    this.#nextUsed = this.#nextAvailable;
    return this.#outstanding.splice(0).flatMap((request) => (request === undefined ? [] : [request.token]));
  }

  #table(head: number, length: number): IndirectMemory {
    let table = this.#tables[head];
    if (table === undefined || table.u8.length < length) {
      const { allocate } = this.#options;
      if (allocate === undefined)
        throw new UsageError('BAD_ARGUMENT', 'indirect tables without memory for them');
      // Some room to grow: tables are never given back.
      table = this.#tables[head] = allocate(Math.max(length, 16 * descriptorLayout.size));
    }
    return table;
  }
}

function writeChain(
  table: DataView,
  readable: readonly Segment[],
  writable: readonly Segment[],
  indexOf: (position: number) => number,
): void {
  const count = readable.length + writable.length;
  for (let i = 0; i < count; i++) {
    const isReadable = i < readable.length;
    const { address, length } = isReadable ? readable[i]! : writable[i - readable.length]!;
    const last = i === count - 1;
    const flags = (isReadable ? 0 : DescriptorFlag.WRITE) | (last ? 0 : DescriptorFlag.NEXT);
    writeDescriptor(table, indexOf(i), address, length, flags, last ? 0 : indexOf(i + 1));
  }
}

/** Writes one struct vring_desc. */
export function writeDescriptor(
  table: DataView,
  index: number,
  address: U64,
  length: number,
  flags: number,
  next: number,
): void {
  const at = index * descriptorLayout.size;
  table.setBigUint64(at + descriptorLayout.addr, toBigInt(address), true);
  table.setUint32(at + descriptorLayout.len, length, true);
  table.setUint16(at + descriptorLayout.flags, flags, true);
  table.setUint16(at + descriptorLayout.next, next, true);
}
