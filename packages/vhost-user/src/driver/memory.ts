import { ftruncate, MappedMemory, memfdCreate, OwnedFd, WINDOW_SIZE } from '@vfs/sys';
import { UsageError } from '../errors.js';
import { toBigInt, type U64 } from '../u64.js';

/** A piece of guest memory that the driver's side owns. */
export interface GuestBuffer {
  /** Guest-physical address: what descriptors contain. */
  readonly address: number;
  /** Address in the front-end's process: what messages contain. */
  readonly userAddress: bigint;
  /** The bytes themselves. */
  readonly u8: Uint8Array;
}

/** One region of the guest's memory. */
export interface DriverRegionOptions {
  /** Bytes; a multiple of 4096. */
  readonly size: number;
  /** @default 1 GiB, or directly after the region before */
  readonly guestAddress?: number;
  /** The address the front-end pretends to have mapped it at. @default guestAddress + 2^46 */
  readonly userAddress?: U64;
  /** Where in its file the region begins; a multiple of 4096. @default 0 */
  readonly mmapOffset?: number;
}

const FIRST_ADDRESS = 0x4000_0000;
const USER_BASE = 1n << 46n;
const PAGE_SIZE = 4096;

/** A region of guest memory as the front-end sees it: a memfd, mapped here too. */
export class DriverRegion implements Disposable {
  readonly size: number;
  readonly guestAddress: number;
  readonly userAddress: bigint;
  readonly mmapOffset: number;
  readonly #file: OwnedFd;
  readonly #mapping: MappedMemory;
  #used = 0;

  constructor(options: DriverRegionOptions, defaultAddress: number) {
    const { size, guestAddress = defaultAddress, mmapOffset = 0 } = options;
    if (size <= 0 || size % PAGE_SIZE !== 0)
      throw new UsageError('BAD_ARGUMENT', `a region of ${size} bytes`);
    this.size = size;
    this.guestAddress = guestAddress;
    this.userAddress = toBigInt(options.userAddress ?? USER_BASE + BigInt(guestAddress));
    this.mmapOffset = mmapOffset;
    this.#file = new OwnedFd(memfdCreate('guest'));
    try {
      ftruncate(this.#file, size + mmapOffset);
      this.#mapping = MappedMemory.map(this.#file, size, { offset: mmapOffset });
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** The memfd; closed with the region. */
  get fd(): number {
    return this.#file.fd;
  }

  /** Takes `length` unused bytes; undefined when the region has no room for them. */
  allocate(length: number, alignment: number): GuestBuffer | undefined {
    let at = Math.ceil((this.guestAddress + this.#used) / alignment) * alignment - this.guestAddress;
    // What is allocated lies in one window, so that its bytes are one array without a window of their own.
    const edge = Math.ceil((at + 1) / WINDOW_SIZE) * WINDOW_SIZE;
    if (length <= WINDOW_SIZE && at + length > edge) at = edge;
    if (at + length > this.size) return undefined;
    this.#used = at + length;
    return this.at(at, length);
  }

  /** `length` bytes at `offset`, allocated or not. @throws UsageError BAD_ARGUMENT */
  at(offset: number, length: number): GuestBuffer {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new UsageError(
        'BAD_ARGUMENT',
        `bytes ${offset} to ${offset + length} of a region of ${this.size}`,
      );
    }
    return {
      address: this.guestAddress + offset,
      userAddress: this.userAddress + BigInt(offset),
      u8: this.#bytes(offset, length),
    };
  }

  [Symbol.dispose](): void {
    this.#mapping.unmap();
    this.#file.close();
  }

  #bytes(offset: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const index = Math.floor(offset / WINDOW_SIZE);
    const within = offset - index * WINDOW_SIZE;
    const window = this.#mapping.windows[index]!;
    if (within + length <= window.byteLength) return window.u8.subarray(within, within + length);
    const shift = offset % 8;
    return this.#mapping.window(offset - shift, length + shift).u8.subarray(shift);
  }
}

/** The guest's memory: what the front-end shares with the back-end. Buffers are allocated once and never freed singly. */
export class DriverMemory implements Disposable {
  readonly regions: readonly DriverRegion[];

  /** @throws SysError when memory cannot be had */
  constructor(options: readonly DriverRegionOptions[]) {
    const regions: DriverRegion[] = [];
    this.regions = regions;
    let next = FIRST_ADDRESS;
    try {
      for (const region of options) {
        const made = new DriverRegion(region, next);
        regions.push(made);
        next = made.guestAddress + made.size;
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * `length` zeroed bytes, in one region and one window of it.
   *
   * @throws UsageError EXHAUSTED
   */
  allocate(length: number, alignment = 16): GuestBuffer {
    for (const region of this.regions) {
      const buffer = region.allocate(length, alignment);
      if (buffer !== undefined) return buffer;
    }
    throw new UsageError('EXHAUSTED', `no room for ${length} bytes in guest memory`);
  }

  /** The buffer over what lies at a guest-physical address. @throws UsageError BAD_ARGUMENT */
  at(address: number, length: number): GuestBuffer {
    const region = this.regions.find((r) => address >= r.guestAddress && address < r.guestAddress + r.size);
    if (region === undefined) throw new UsageError('BAD_ARGUMENT', `no guest memory at ${address}`);
    return region.at(address - region.guestAddress, length);
  }

  [Symbol.dispose](): void {
    for (const region of this.regions) region[Symbol.dispose]();
  }
}
