import { raw } from './binding.js';
import { IOV_MAX } from './constants/io.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { MappedMemory, type MemoryWindow } from './memory.js';
import { checkBytes, DATA, scratch } from './scratch.js';
import { SegmentList } from './segment-list.js';
import { checkFlags, checkI64, checkInt, checkOffset, high32, joinI64, low32, type U64 } from './u64.js';

/** A piece of memory for vectored I/O: a typed array of any kind, or a range of mapped memory, which is not copied. */
export type IoBuffer =
  | ArrayBufferView
  | { readonly window: MemoryWindow; readonly offset: number; readonly length: number };

/** The file position, which moves, instead of an offset. */
export const AT_POSITION = -1;

/** Typed arrays live in the heap, whose memory the addon does not name: they pass through this. */
const BOUNCE_SIZE = 0x10_0000;
let bounce: MemoryWindow | undefined;
let list: SegmentList | undefined;

function bounceWindow(): MemoryWindow {
  bounce ??= MappedMemory.anonymous(BOUNCE_SIZE).windows[0]!;
  return bounce;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(view)) throw new TypeError('a buffer is neither a typed array nor a segment');
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  checkBytes(bytes, 'buffer');
  return bytes;
}

/** A planned transfer: how many bytes it covers and which typed arrays stand at which place of the bounce memory. */
interface Plan {
  readonly segments: SegmentList;
  readonly bounced: { bytes: Uint8Array; at: number; size: number }[];
}

/** As many of the buffers as one call takes. */
function plan(buffers: readonly IoBuffer[]): Plan {
  list ??= new SegmentList(IOV_MAX);
  const segments = list;
  const bounced: Plan['bounced'] = [];
  segments.clear();
  let used = 0;
  for (const buffer of buffers) {
    if ('window' in buffer) {
      checkInt(buffer.offset, 'offset', 0, buffer.window.byteLength);
      checkInt(buffer.length, 'length', 0, buffer.window.byteLength - buffer.offset);
      if (buffer.window.buffer.byteLength === 0) throw new TypeError('a window is detached');
      if (!segments.add(buffer.window, buffer.offset, buffer.length)) break;
      continue;
    }
    const bytes = bytesOf(buffer);
    const size = Math.min(bytes.length, BOUNCE_SIZE - used);
    if (!segments.add(bounceWindow(), used, size)) break;
    bounced.push({ bytes, at: used, size });
    used += size;
    if (size < bytes.length) break;
  }
  return { segments, bounced };
}

/** An offset: −1 for the file position, else 0 to 2^63−1. */
function checkPosition(offset: U64): U64 {
  return offset === AT_POSITION || offset === -1n ? AT_POSITION : checkOffset(offset, 'offset');
}

/**
 * Writes buffers, in order, at an offset of a file: pwritev2(2).
 *
 * Memory of windows is written in place; typed arrays are copied, at most 1 MiB of them a call.
 *
 * @param offset - in bytes, or {@link AT_POSITION} (−1): at the file position, which moves
 * @param flags - RWF_ flags. @default 0
 * @returns the bytes written, which may be fewer than given: more than IOV_MAX buffers, a full disk, a signal
 * @throws {@link SysError} as pwritev2(2): EAGAIN with RWF_NOWAIT, EOPNOTSUPP for a flag that the file does not know
 * @throws RangeError for an offset that is not exact or negative, TypeError for a detached buffer
 */
export function writevAt(fd: FdLike, buffers: readonly IoBuffer[], offset: U64, flags = 0): number {
  const number = fdOf(fd);
  const position = checkPosition(offset);
  checkFlags(flags, 'flags');
  const { segments, bounced } = plan(buffers);
  for (const { bytes, at, size } of bounced)
    bounceWindow().u8.set(size < bytes.length ? bytes.subarray(0, size) : bytes, at);
  return check(transfer(raw.pwritev2, number, segments, position, flags), 'pwritev2');
}

/**
 * Reads into buffers, in order, from an offset of a file: preadv2(2). The counterpart of {@link writevAt}.
 *
 * @returns the bytes read, 0 at the end of the file
 * @throws {@link SysError} as preadv2(2)
 */
export function readvAt(fd: FdLike, buffers: readonly IoBuffer[], offset: U64, flags = 0): number {
  const number = fdOf(fd);
  const position = checkPosition(offset);
  checkFlags(flags, 'flags');
  const { segments, bounced } = plan(buffers);
  const result = check(transfer(raw.preadv2, number, segments, position, flags), 'preadv2');
  if (bounced.length > 0) scatter(segments, bounced, result);
  return result;
}

/** Copies what was read from the bounce memory to the typed arrays. */
function scatter(segments: SegmentList, bounced: Plan['bounced'], total: number): void {
  let left = total;
  let next = 0;
  for (let i = 0; i < segments.count && left > 0; i++) {
    const length = Math.min(segments.lengthAt(i), left);
    if (segments.windowAt(i) === bounce) {
      const { bytes, at } = bounced[next++]!;
      bytes.set(bounce.u8.subarray(at, at + length));
    }
    left -= length;
  }
}

function transfer(
  call: typeof raw.preadv2,
  fd: number,
  segments: SegmentList,
  offset: U64,
  flags: number,
): number {
  // 2^31-1: more than the kernel transfers in one call.
  const length = Math.min(segments.byteLength, 0x7fff_ffff);
  return call(
    fd,
    segments.tableWindow,
    segments.tableOffset,
    segments.count,
    0,
    length,
    low32(offset),
    high32(offset),
    flags,
  );
}

/**
 * Moves the position of an open file: lseek(2).
 *
 * @param whence - SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA or SEEK_HOLE
 * @returns the new position, a bigint when it is beyond 2^53−1
 * @throws {@link SysError} EINVAL; ESPIPE; ENXIO: SEEK_DATA or SEEK_HOLE behind the end of the file
 */
export function lseek(fd: FdLike, offset: U64, whence: number): U64 {
  const number = fdOf(fd);
  checkI64(offset, 'offset');
  checkFlags(whence, 'whence');
  check(raw.lseek(number, low32(offset), high32(offset), whence, scratch.id, DATA), 'lseek');
  return joinI64(scratch.view.getUint32(DATA, true), scratch.view.getUint32(DATA + 4, true));
}

/**
 * Allocates, frees or moves space of a file: fallocate(2).
 *
 * @param mode - FALLOC_FL_ flags
 * @param offset - in bytes
 * @param length - in bytes, not 0
 * @throws {@link SysError} EOPNOTSUPP, ENOSPC, EFBIG, EINVAL, EPERM
 */
export function fallocate(fd: FdLike, mode: number, offset: U64, length: U64): void {
  const number = fdOf(fd);
  checkFlags(mode, 'mode');
  checkOffset(offset, 'offset');
  checkOffset(length, 'length');
  const result = raw.fallocate(number, mode, low32(offset), high32(offset), low32(length), high32(length));
  check(result, 'fallocate');
}

/** Writes the data and attributes of a file to its device: fsync(2). @throws {@link SysError} EIO, ENOSPC, EINVAL */
export function fsync(fd: FdLike): void {
  check(raw.fsync(fdOf(fd)), 'fsync');
}

/** Writes the data of a file to its device: fdatasync(2). @throws {@link SysError} EIO, ENOSPC, EINVAL */
export function fdatasync(fd: FdLike): void {
  check(raw.fdatasync(fdOf(fd)), 'fdatasync');
}
