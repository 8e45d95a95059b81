import { ENAMETOOLONG } from './constants/errno.js';
import { SysError } from './errors.js';
import { MappedMemory, type MemoryWindow } from './memory.js';

/**
 * The private memory that the safe tier places its arguments in. A call uses it from its first argument to its result
 * and nothing of it is kept: one piece serves all calls of a thread.
 */

/** A path: text, or bytes for a name that is not UTF-8. */
export type PathLike = string | Uint8Array;

/** Bytes of a path with its NUL. */
export const PATH_MAX = 4096;
/** Where the first path goes. */
export const PATH_A = 0;
/** Where the second one goes. */
export const PATH_B = PATH_A + PATH_MAX;
/** Where everything else goes. */
export const DATA = PATH_B + PATH_MAX;
/** How much of that fits. */
export const DATA_SIZE = 0x1_0000;

const memory = MappedMemory.anonymous(DATA + DATA_SIZE);
export const scratch: MemoryWindow = memory.windows[0]!;

const encoder = new TextEncoder();
const slots = new Map(
  [PATH_A, PATH_B].map((at) => [at, scratch.u8.subarray(at, at + PATH_MAX - 1)] as const),
);

/**
 * Places a path at {@link PATH_A} or {@link PATH_B}.
 *
 * @throws TypeError when it contains a NUL, is not well-formed text, or its buffer is detached
 * @throws {@link SysError} ENAMETOOLONG, as the system call would
 */
export function placePath(at: number, path: PathLike, syscall: string): void {
  const slot = slots.get(at)!;
  if (typeof path === 'string') {
    if (path.includes('\0')) throw new TypeError(`${syscall}: the path contains a NUL`);
    const { read, written } = encoder.encodeInto(path, slot);
    if (read < path.length) throw new SysError(ENAMETOOLONG, syscall, path);
    // A lone surrogate became U+FFFD: the name of another file.
    if (/\p{Surrogate}/u.test(path)) throw new TypeError(`${syscall}: the path is not well-formed`);
    scratch.u8[at + written] = 0;
    return;
  }
  checkBytes(path, 'path');
  if (path.includes(0)) throw new TypeError(`${syscall}: the path contains a NUL`);
  if (path.length >= PATH_MAX) throw new SysError(ENAMETOOLONG, syscall, pathText(path));
  slot.set(path);
  scratch.u8[at + path.length] = 0;
}

/** The path as an error shows it. */
export function pathText(path: PathLike): string {
  return typeof path === 'string' ? path : new TextDecoder().decode(path);
}

/** An argument that must be bytes in memory that is still there. @throws TypeError */
export function checkBytes(bytes: Uint8Array, name: string): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name} is not a Uint8Array`);
  if (bytes.length === 0 && isDetached(bytes.buffer)) throw new TypeError(`${name} is detached`);
}

function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength !== 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
