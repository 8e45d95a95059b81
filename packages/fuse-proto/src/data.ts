import { BoundsError } from './errors.js';
import { ByteSegments, type Segments } from './segments.js';

const NOTHING: Segments = new ByteSegments(new Uint8Array(0));

/**
 * The bulk data of a READ (room to fill) or of a WRITE (bytes to store): `length` bytes at `position` of the
 * transport's own segments, so that a system call can move them without a copy. The peer can still change
 * those bytes: treat them as data, never as something already checked.
 */
export class DataRange {
  segments: Segments = NOTHING;
  /** Where the range starts in `segments`, in bytes. */
  position = 0;
  /** In bytes. */
  length = 0;

  /** Fills the range from `at` (0 if omitted) with `bytes`. @throws BoundsError if they do not fit */
  copyFrom(bytes: Uint8Array, at = 0): void {
    this.#check(at, bytes.length);
    this.segments.copyIn(this.position + at, bytes, 0, bytes.length);
  }

  /** Fills `bytes` from the range, starting at `at` (0 if omitted). @throws BoundsError if it has fewer */
  copyTo(bytes: Uint8Array, at = 0): void {
    this.#check(at, bytes.length);
    this.segments.copyOut(this.position + at, bytes, 0, bytes.length);
  }

  set(segments: Segments, position: number, length: number): void {
    this.segments = segments;
    this.position = position;
    this.length = length;
  }

  /** Lets go of the transport's memory. */
  release(): void {
    this.set(NOTHING, 0, 0);
  }

  #check(at: number, length: number): void {
    if (!(at >= 0 && at + length <= this.length)) throw new BoundsError(at, length, this.length);
  }
}

/**
 * A reply of variable length: a link's target, an attribute's value, a list of names. Fill it with `set`, or
 * write into `buffer` from `offset` and then give the `length`.
 */
export class BytesOut {
  /** Private memory of the request. The reply goes from `offset` on; what lies before is not yours. */
  buffer: Uint8Array = new Uint8Array(0);
  offset = 0;
  /**
   * How many bytes fit. For GETXATTR and LISTXATTR 0 means that only the length is wanted: then give that,
   * by `set` or by `length`.
   */
  capacity = 0;
  /** How many bytes the reply has. More than `capacity` (if that is not 0) is answered ERANGE. */
  length = 0;

  /** Makes `bytes` the reply. Returns false if they do not fit; the length is recorded in any case. */
  set(bytes: Uint8Array): boolean {
    this.length = bytes.length;
    if (bytes.length > this.capacity) return false;
    this.buffer.set(bytes, this.offset);
    return true;
  }
}
