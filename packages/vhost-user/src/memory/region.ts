import { MappedMemory, type MemoryWindow, raw, SysError } from '@vfs/sys';
import { ProtocolError } from '../errors.js';
import type { RegionDescription } from '../message/payloads.js';
import type { RingPlace } from '../ring/virtqueue.js';
import { hex, toExactNumber } from '../u64.js';

const PAGE_SIZE = 4096;
/** f_type of a file on hugetlbfs, and of a memfd of huge pages; its f_bsize is the size of a huge page. */
const HUGETLBFS_MAGIC = 0x958458f6;

/**
 * A range of guest-physical memory, mapped here.
 *
 * Guest-physical addresses are numbers: no machine has more than 52 bits of them, and a region that ends above 2^53 is
 * refused. Addresses of the front-end's process are bigints, because nothing bounds them.
 */
export class MemoryRegion {
  /** Guest-physical address of the first byte. */
  readonly start: number;
  /** Guest-physical address after the last byte. */
  readonly end: number;
  readonly userStart: bigint;
  readonly userEnd: bigint;
  /** Where in the mapping the region's first byte lies: 0, unless huge pages forced the mapping to begin earlier. */
  readonly delta: number;
  readonly windows: readonly MemoryWindow[];
  readonly #mapping: MappedMemory;
  #references = 1;

  /**
   * Maps `description` from the file `fd`, which stays the caller's to close.
   *
   * @throws ProtocolError BAD_MEMORY when the description makes no sense or the file cannot be mapped that way
   */
  constructor(description: RegionDescription, fd: number) {
    const { guestAddress, size, userAddress, mmapOffset } = description;
    const what = `memory region ${hex(guestAddress)}+${hex(size)}`;
    if (size === 0n) throw new ProtocolError('BAD_MEMORY', `${what} is empty`);
    const end = toExactNumber(guestAddress + size);
    if (end === undefined) throw new ProtocolError('BAD_MEMORY', `${what} ends above 2^53`);
    if (userAddress + size > 1n << 64n) {
      throw new ProtocolError('BAD_MEMORY', `${what} overflows at user address ${hex(userAddress)}`);
    }
    const fileEnd = toExactNumber(mmapOffset + size);
    if (fileEnd === undefined) {
      throw new ProtocolError(
        'BAD_MEMORY',
        `${what} at offset ${hex(mmapOffset)} of its file ends above 2^53`,
      );
    }
    this.start = Number(guestAddress);
    this.end = end;
    this.userStart = userAddress;
    this.userEnd = userAddress + size;
    const page = pageSizeOf(fd);
    const offset = Number(mmapOffset);
    const mapStart = Math.floor(offset / page) * page;
    const mapEnd = Math.ceil(fileEnd / page) * page;
    this.delta = offset - mapStart;
    // Only huge pages need the whole last page: other files may end within it.
    const length = (page === PAGE_SIZE ? fileEnd : mapEnd) - mapStart;
    try {
      this.#mapping = MappedMemory.map(fd, length, { offset: mapStart });
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new ProtocolError('BAD_MEMORY', `${what} cannot be mapped: ${error.message}`, { cause: error });
    }
    this.windows = this.#mapping.windows;
  }

  /** Whether the two share an address, guest-physical or of the front-end. */
  overlaps(other: MemoryRegion): boolean {
    return (
      (this.start < other.end && other.start < this.end) ||
      (this.userStart < other.userEnd && other.userStart < this.userEnd)
    );
  }

  /** A window of its own that has `length` bytes at `offset` of the region, and where in it; the caller has checked the range. */
  place(offset: number, length: number): RingPlace {
    const at = this.delta + offset;
    const shift = at % 8;
    return { window: this.#mapping.window(at - shift, length + shift), offset: shift };
  }

  /** Guest-physical address of a byte in one of {@link windows}; undefined for another window. */
  addressOf(window: MemoryWindow, offset: number): number | undefined {
    const { windows } = this;
    return windows.includes(window) ? this.start - this.delta + window.offset + offset : undefined;
  }

  /** The file was truncated, and the guest does not see any more what is here. */
  get lost(): boolean {
    return this.#mapping.lost;
  }

  retain(): void {
    this.#references++;
  }

  /** The last release unmaps. */
  release(): void {
    if (--this.#references === 0) this.#mapping.unmap();
  }
}

const statfs = MappedMemory.anonymous(128).windows[0]!;

function pageSizeOf(fd: number): number {
  const result = raw.fstatfs(fd, statfs.id, 0);
  if (result < 0) return PAGE_SIZE;
  // struct statfs64: f_type and f_bsize, both i64.
  return statfs.u32[0] === HUGETLBFS_MAGIC ? statfs.u32[2]! : PAGE_SIZE;
}
