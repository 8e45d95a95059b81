import type { Name } from '@vfs/fuse-proto';
import { EINVAL, ENAMETOOLONG, MappedMemory, type MemoryWindow } from '@vfs/sys';

const PATH_MAX = 4096;
const NAME_MAX = 255;
const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * A page or two of private memory for the arguments and results of system calls, used by one call after the other.
 * A guest cannot write here, so what was checked is what the kernel gets.
 */
export class Scratch implements Disposable {
  readonly #memory = MappedMemory.anonymous(4 * PATH_MAX);
  readonly window: MemoryWindow = this.#memory.windows[0]!;
  // Places in the window.
  /** A directory-entry name. */
  readonly name = 0;
  /** A second name, of RENAME. */
  readonly otherName = 512;
  /** A descriptor's number as text, a name in /proc/self/fd. */
  readonly number = 1024;
  /** The empty path. */
  readonly empty = 1048;
  /** The path of the directory itself. */
  readonly here = 1052;
  /** An i64 result. */
  readonly result = 1056;
  /** Two struct timespec. */
  readonly times = 1088;
  /** struct flock. */
  readonly flock = 1152;
  /** The argument of an ioctl: an int, or struct fsxattr. */
  readonly ioctl = 1184;
  /** struct statx. */
  readonly statx = 1280;
  /** struct statfs64. */
  readonly statfs = 1536;
  /** A struct file_handle. */
  readonly handle = 2048;
  /** The mount of that handle: an i32. */
  readonly handleMount = 2192;
  /** A struct statx of what happens behind a request, whose own must stay. */
  readonly otherStatx = 2304;
  /** The name by which a node is found again; likewise. */
  readonly nameBack = 2560;
  /** A path: a symbolic link's content. */
  readonly path = PATH_MAX;
  readonly pathSize = PATH_MAX;

  constructor() {
    this.window.u8[this.here] = DOT;
  }

  /**
   * Stores the name of a directory entry with its NUL: 0 or −errno.
   *
   * The session has checked it already. It is checked again here, where it costs nothing, because a name with a slash, or
   * one of the two that lead elsewhere, is all it takes to leave the shared folder.
   */
  putName(at: number, name: Name): number {
    const { bytes, offset, length } = name;
    if (length === 0) return -EINVAL;
    if (length > NAME_MAX) return -ENAMETOOLONG;
    return this.putBytes(at, bytes, offset, length);
  }

  /** {@link putName} for a name of at most NAME_MAX bytes that lies anywhere. */
  putBytes(at: number, bytes: Uint8Array, offset: number, length: number): number {
    const target = this.window.u8;
    for (let i = 0; i < length; i++) {
      const byte = bytes[offset + i]!;
      if (byte === SLASH || byte === 0) return -EINVAL;
      target[at + i] = byte;
    }
    target[at + length] = 0;
    if (bytes[offset] === DOT && (length === 1 || (length === 2 && bytes[offset + 1] === DOT)))
      return -EINVAL;
    return 0;
  }

  /** Stores a symbolic link's content with its NUL: 0 or −errno. */
  putTarget(target: Name): number {
    const { bytes, offset, length } = target;
    if (length === 0) return -EINVAL;
    if (length >= PATH_MAX) return -ENAMETOOLONG;
    this.window.u8.set(bytes.subarray(offset, offset + length), this.path);
    this.window.u8[this.path + length] = 0;
    return 0;
  }

  /** Stores a descriptor's number as text: its name in /proc/self/fd. */
  putNumber(descriptor: number): void {
    const target = this.window.u8;
    let digits = 1;
    for (let rest = descriptor; rest > 9; rest = Math.floor(rest / 10)) digits++;
    let rest = descriptor;
    for (let i = this.number + digits - 1; i >= this.number; i--) {
      target[i] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    target[this.number + digits] = 0;
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}
