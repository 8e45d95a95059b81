import { binding, type MappingHandle } from './binding.js';
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from './constants/memory.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { checkInt, checkOffset, high32, low32, type U64 } from './u64.js';

/**
 * The longest window, 1 GiB: an ArrayBuffer ends at 4 GiB on Node 20, indexing far into a huge one is slow on later
 * versions, and an offset in a window is always a small integer.
 */
export const WINDOW_SIZE = 0x4000_0000;

/** Where {@link MappedMemory.map} maps from, and how. */
export interface MapOptions {
  /** Where in the file the mapping begins: a multiple of the page size. @default 0 */
  readonly offset?: U64;
  /** PROT_ flags; must contain PROT_READ and PROT_WRITE. @default PROT_READ | PROT_WRITE */
  readonly prot?: number;
  /** MAP_ flags, never MAP_FIXED. @default MAP_SHARED */
  readonly flags?: number;
}

/**
 * A part of a mapping: an ArrayBuffer over it for JavaScript, and an id for the raw tier. When the mapping is unmapped the
 * buffer is detached (its views have length 0) and the id answers −EFAULT.
 *
 * Other processes may change shared memory at any time, between any two reads.
 */
export class MemoryWindow {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly view: DataView;

  /** @internal Windows come from a {@link MappedMemory}. */
  constructor(
    /** Names the window in the raw tier; valid while this object is reachable and the mapping is mapped. */
    readonly id: number,
    /** Where in the mapping the window begins. */
    readonly offset: number,
    /** The length in bytes when it was made; it does not become 0 by unmapping. */
    readonly byteLength: number,
    readonly buffer: ArrayBuffer,
  ) {
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer, 0, byteLength >>> 1);
    this.u32 = new Uint32Array(buffer, 0, byteLength >>> 2);
    this.i32 = new Int32Array(buffer, 0, byteLength >>> 2);
    this.view = new DataView(buffer);
  }
}

/**
 * Memory that the addon owns: a mapped file (mmap(2)) or private zeroed memory, of any size, seen through windows.
 *
 * Dispose it to unmap it; a finalizer does so only as a safety net.
 *
 * Somebody may truncate a file that is mapped here. Touching the missing part raises SIGBUS, for which the first mapping of a file installs a
 * handler: it puts zeroed memory in place of the whole mapping, which is {@link lost} from then on, and passes every other SIGBUS on to
 * the handler that was there before. Up to 4096 mappings of files are guarded in this way; of more, the last ones are not. To rule it out,
 * seal a memfd with F_SEAL_SHRINK.
 */
export class MappedMemory implements Disposable {
  readonly #mapping: MappingHandle;
  /** Windows of 1 GiB each, the last one shorter, that cover the mapping. */
  readonly windows: readonly MemoryWindow[];

  private constructor(
    mapping: MappingHandle,
    /** The length in bytes, as asked for. */
    readonly byteLength: number,
  ) {
    this.#mapping = mapping;
    const windows: MemoryWindow[] = [];
    for (let offset = 0; offset < byteLength; offset += WINDOW_SIZE) {
      windows.push(this.window(offset, Math.min(WINDOW_SIZE, byteLength - offset)));
    }
    this.windows = windows;
  }

  /**
   * Maps `length` bytes of a file. The descriptor may be closed afterwards.
   *
   * Both PROT_READ and PROT_WRITE are required, because a buffer cannot be made read-only and a stray write would end the
   * process: map a file that is open for reading only with MAP_PRIVATE.
   *
   * @throws {@link SysError} of mmap(2); ENXIO when a regular file ends before the range does
   * @throws RangeError for a length of 0, or an offset or length that is not exact
   */
  static map(fd: FdLike, length: U64, options: MapOptions = {}): MappedMemory {
    const { offset = 0, prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED } = options;
    checkOffset(offset, 'offset');
    if ((prot & (PROT_READ | PROT_WRITE)) !== (PROT_READ | PROT_WRITE)) {
      throw new RangeError('prot must contain PROT_READ and PROT_WRITE');
    }
    return MappedMemory.#make(fdOf(fd), length, offset, prot, flags);
  }

  /** `length` bytes of private zeroed memory, page-aligned, safe to hand to the raw tier. @throws {@link SysError} ENOMEM */
  static anonymous(length: number): MappedMemory {
    return MappedMemory.#make(-1, length, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  }

  static #make(fd: number, length: U64, offset: U64, prot: number, flags: number): MappedMemory {
    const bytes = checkInt(Number(checkOffset(length, 'length')), 'length', 1, Number.MAX_SAFE_INTEGER);
    const mapping = binding.mmap(fd, bytes, low32(offset), high32(offset), prot, flags);
    if (typeof mapping === 'number') {
      check(mapping, 'mmap');
      throw new TypeError('mmap: no handle');
    }
    return new MappedMemory(mapping, bytes);
  }

  /**
   * One more window, anywhere in the mapping; it may overlap others, so that a structure that crosses the edge of two of
   * {@link windows} can be seen in one piece.
   *
   * @param offset - a multiple of 8, so that every view is aligned
   * @param length - 1 to {@link WINDOW_SIZE}
   * @throws RangeError when the range is not inside the mapping
   * @throws {@link SysError} EFAULT after unmap(), ENOMEM when the addon has no id left (16384 windows at once)
   */
  window(offset: number, length: number): MemoryWindow {
    checkInt(offset, 'offset', 0, this.byteLength - 1);
    if (offset % 8 !== 0) throw new RangeError(`offset is ${offset}, expected a multiple of 8`);
    checkInt(length, 'length', 1, Math.min(WINDOW_SIZE, this.byteLength - offset));
    const result = binding.window(this.#mapping, offset, length);
    if (typeof result === 'number') {
      check(result, 'window');
      throw new TypeError('window: no buffer');
    }
    return new MemoryWindow(result[0], offset, length, result[1]);
  }

  /**
   * Its file was truncated: what is seen here is zeroed memory that nobody shares. Until a missing part has been touched, nobody knows
   * ({@link LossWatcher}).
   */
  get lost(): boolean {
    return binding.isLost(this.#mapping);
  }

  /** Detaches every buffer of every window, then unmaps. Idempotent. */
  unmap(): void {
    check(binding.munmap(this.#mapping), 'munmap');
  }

  [Symbol.dispose](): void {
    this.unmap();
  }
}
