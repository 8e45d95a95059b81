import { AlreadyCompleteError, BoundsError } from './errors.js';

/**
 * Bytes that may lie in several places of memory, addressed as if they were one run: what a transport lends
 * out of a guest's memory or of a read buffer. Positions and lengths are in bytes.
 */
export interface Segments {
  readonly byteLength: number;
  /** Copies from the segments at `position` to `target`. Throws if the range ends beyond `byteLength`. */
  copyOut(position: number, target: Uint8Array, targetOffset: number, length: number): void;
  /** Copies from `source` to the segments at `position`. Throws if the range ends beyond `byteLength`. */
  copyIn(position: number, source: Uint8Array, sourceOffset: number, length: number): void;
}

/** One request as a transport presents it, and the room for its reply. */
export interface Exchange {
  readonly readable: Segments;
  readonly writable: Segments;
  /**
   * Hands the exchange back: `length` bytes of reply lie in `writable`, 0 if there is none. Called exactly
   * once, possibly within `dispatch`; the session does not touch the exchange afterwards.
   */
  complete(length: number): void;
}

/** From this many bytes on, `set` on a subarray beats a loop by words. */
const SET_LIMIT = 512;

/** Segments over one Uint8Array. */
export class ByteSegments implements Segments {
  readonly bytes: Uint8Array;
  readonly byteLength: number;
  readonly #data: DataView;
  // The other side is mostly the same buffer of the same slot: its view is kept, which saves an allocation.
  #other: Uint8Array;
  #otherData: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.byteLength = bytes.length;
    this.#data = viewOf(bytes);
    this.#other = bytes;
    this.#otherData = this.#data;
  }

  copyOut(position: number, target: Uint8Array, targetOffset: number, length: number): void {
    check(this.byteLength, position, length);
    check(target.length, targetOffset, length);
    if (length >= SET_LIMIT) {
      target.set(this.bytes.subarray(position, position + length), targetOffset);
    } else {
      copyWords(this.#data, position, this.#viewOf(target), targetOffset, length);
    }
  }

  copyIn(position: number, source: Uint8Array, sourceOffset: number, length: number): void {
    check(this.byteLength, position, length);
    check(source.length, sourceOffset, length);
    if (length >= SET_LIMIT) {
      this.bytes.set(source.subarray(sourceOffset, sourceOffset + length), position);
    } else {
      copyWords(this.#viewOf(source), sourceOffset, this.#data, position, length);
    }
  }

  #viewOf(other: Uint8Array): DataView {
    if (other !== this.#other) {
      this.#other = other;
      this.#otherData = viewOf(other);
    }
    return this.#otherData;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Allocates nothing, and is several times faster than going byte by byte. */
function copyWords(from: DataView, fromOffset: number, to: DataView, toOffset: number, length: number): void {
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    to.setUint32(toOffset + i, from.getUint32(fromOffset + i, true), true);
    to.setUint32(toOffset + i + 4, from.getUint32(fromOffset + i + 4, true), true);
  }
  for (; i < length; i++) to.setUint8(toOffset + i, from.getUint8(fromOffset + i));
}

function check(byteLength: number, offset: number, length: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= byteLength)) {
    throw new BoundsError(offset, length, byteLength);
  }
}

/**
 * An exchange in ordinary memory: for transports that read whole messages, for tests and for tools. The reply
 * can be awaited (`replied`) or read once `done` is true.
 */
export class BufferExchange implements Exchange {
  readonly readable: ByteSegments;
  readonly writable: ByteSegments;
  /** Whether `complete` was called. */
  done = false;
  /** The reply; empty before completion, and when there is none. */
  reply: Uint8Array = new Uint8Array(0);
  /** Resolves with the reply. */
  readonly replied: Promise<Uint8Array>;
  #resolve!: (reply: Uint8Array) => void;

  /** `room` is the size of the writable part in bytes, or that part itself. */
  constructor(request: Uint8Array, room: number | Uint8Array = 4096) {
    this.readable = new ByteSegments(request);
    this.writable = new ByteSegments(typeof room === 'number' ? new Uint8Array(room) : room);
    this.replied = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @throws AlreadyCompleteError on a second call, BoundsError if `length` exceeds the room */
  complete(length: number): void {
    if (this.done) throw new AlreadyCompleteError();
    check(this.writable.byteLength, 0, length);
    this.done = true;
    this.reply = this.writable.bytes.subarray(0, length);
    this.#resolve(this.reply);
  }
}
