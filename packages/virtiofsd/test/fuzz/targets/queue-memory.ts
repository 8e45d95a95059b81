import {
  availableRingSize,
  DriverMemory,
  descriptorTableSize,
  GuestMemory,
  MemoryRegion,
  packedEventLayout,
  packedInflightSize,
  type RingParts,
  splitInflightSize,
  usedRingSize,
} from '@vfs/vhost-user';
import { promised } from './promise.js';

export const MAX_SIZE = 64;
export const DESCRIPTOR = 16;
/** Guest addresses: two regions with nothing between them, and one by itself. */
export const REGIONS = [
  { guestAddress: 0x4000_0000, size: 0x4000 },
  { guestAddress: 0x4000_4000, size: 0x1000 },
  { guestAddress: 0x8_0000_0000, size: 0x1000 },
] as const;
/** Where in the first region what lies. */
const DESCRIPTORS = 0;
const AVAILABLE = 0x800;
const USED = 0xa00;
/** From here on there are tables and buffers. */
export const FREE = 0x1000;

/** Bytes that the device may change, in the first region. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The memory of a guest, and a copy of what the guest has put there: so what the device writes where it must not is seen. The copy
 * is the driver's; everything the driver writes goes through {@link set16} and {@link set32}.
 */
export class QueueMemory implements Disposable {
  readonly #driver = new DriverMemory(REGIONS);
  readonly #regions = this.#driver.regions.map(
    (region) =>
      new MemoryRegion(
        {
          ...region,
          guestAddress: BigInt(region.guestAddress),
          size: BigInt(region.size),
          userAddress: region.userAddress,
          mmapOffset: 0n,
        },
        region.fd,
      ),
  );
  readonly #bytes = this.#driver.regions.map((region) => region.at(0, region.size).u8);
  readonly #copies = this.#bytes.map((bytes) => new Uint8Array(bytes.length));
  readonly #view = new DataView(this.#bytes[0]!.buffer, this.#bytes[0]!.byteOffset, this.#bytes[0]!.length);
  readonly #copy = new DataView(this.#copies[0]!.buffer);
  #writable: readonly Range[] = [];

  /** All memory as it is at first. */
  clear(): void {
    for (const bytes of [...this.#bytes, ...this.#copies]) bytes.fill(0);
  }

  /** The device's view of the memory, with {@link onAppend} called before each translation of an address. */
  table(onAppend: () => void): CountedMemory {
    return new CountedMemory(this.#regions, onAppend);
  }

  /** Where a ring of that kind lies. */
  parts(packed: boolean, size: number): RingParts {
    const at = (offset: number, length: number) => this.#bytes[0]!.subarray(offset, offset + length);
    const event = packedEventLayout.size;
    const available = at(AVAILABLE, packed ? event : availableRingSize(size));
    const used = at(USED, packed ? event : usedRingSize(size));
    this.#writable = [{ start: USED, end: USED + used.length }];
    if (packed) this.#writable = [...this.#writable, { start: 0, end: descriptorTableSize(size) }];
    return { descriptor: at(DESCRIPTORS, descriptorTableSize(size)), available, used };
  }

  /** Room for an in-flight log that no guest sees. */
  inflight(packed: boolean, size: number): Uint8Array {
    return new Uint8Array(packed ? packedInflightSize(size) : splitInflightSize(size));
  }

  set16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
    this.#copy.setUint16(at, value, true);
  }

  set32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
    this.#copy.setUint32(at, value, true);
  }

  get16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  /** In the descriptor table, or in an indirect one at another place. `tail`: flags and next; of a packed one, id and flags. */
  setDescriptor(at: number, addressLow: number, addressHigh: number, length: number, tail: number): void {
    this.set32(at, addressLow);
    this.set32(at + 4, addressHigh);
    this.set32(at + 8, length);
    this.set32(at + 12, tail);
  }

  setAvailable(position: number, head: number): void {
    this.set16(AVAILABLE + 4 + 2 * position, head);
  }

  get availableIndex(): number {
    return this.get16(AVAILABLE + 2);
  }

  set availableIndex(index: number) {
    this.set16(AVAILABLE + 2, index);
  }

  /** Any 16 bits of what the device reads of the ring. */
  static readonly ringBytes = USED + 2 * DESCRIPTOR * MAX_SIZE;

  /** @throws BrokenPromise when the device has changed what is not its to change */
  check(what: string): void {
    for (const { start, end } of this.#writable)
      this.#copies[0]!.set(this.#bytes[0]!.subarray(start, end), start);
    for (const [i, bytes] of this.#bytes.entries()) {
      const same = Buffer.compare(bytes, this.#copies[i]!) === 0;
      promised(same, () => `${what} changes nothing but the used ring`);
    }
  }

  [Symbol.dispose](): void {
    for (const region of this.#regions) region.release();
    this.#driver[Symbol.dispose]();
  }
}

/** Knows how often it is held, and lets somebody act before it translates an address. */
export class CountedMemory extends GuestMemory {
  /** References besides the first one. */
  held = 0;
  /** Addresses translated. */
  translations = 0;
  readonly #onAppend: () => void;

  constructor(regions: readonly MemoryRegion[], onAppend: () => void) {
    super(regions);
    this.#onAppend = onAppend;
  }

  override retain(): void {
    this.held++;
    super.retain();
  }

  override release(): void {
    this.held--;
    super.release();
  }

  override append(...args: Parameters<GuestMemory['append']>): number {
    this.translations++;
    const result = super.append(...args);
    this.#onAppend();
    return result;
  }
}
