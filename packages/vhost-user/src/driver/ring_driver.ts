import type { U64 } from '../u64.js';

/** A piece of guest memory as a descriptor names it. */
export interface Segment {
  /** Guest-physical address. */
  readonly address: U64;
  /** Bytes, up to 2^32−1. */
  readonly length: number;
}

/** Memory for an indirect table. */
export interface IndirectMemory {
  readonly address: number;
  readonly u8: Uint8Array;
}

/** How the driver's side of a ring was negotiated. */
export interface RingDriverOptions {
  /** A power of two; on a packed ring any number. */
  readonly size: number;
  /** VIRTIO_F_EVENT_IDX was negotiated. */
  readonly eventIndex: boolean;
  /** VIRTIO_F_INDIRECT_DESC was negotiated. */
  readonly indirect: boolean;
  /** Memory for an indirect table of `length` bytes; required with `indirect`. It is kept for good. */
  readonly allocate?: (length: number) => IndirectMemory;
}

/** A used buffer: what the device has done with a request. */
export interface Used<T> {
  /** What {@link RingDriver.add} was given. */
  readonly token: T;
  /** Bytes the device has written. */
  readonly length: number;
}

/** The driver's side of a ring, of either kind. */
export interface RingDriver<T> {
  readonly size: number;
  /** Requests added and not reaped. */
  readonly outstanding: number;
  /**
   * Puts a request on the ring; the device sees it after {@link publish}.
   *
   * @returns false when there are not enough free descriptors for it now
   * @throws UsageError BAD_ARGUMENT when there never will be
   */
  add(readable: readonly Segment[], writable: readonly Segment[], token: T): boolean;
  /** Shows the device what was added. @returns true when it has to be kicked */
  publish(): boolean;
  /**
   * The next used buffer, or undefined when there is none.
   *
   * @throws UsageError BAD_DEVICE when the device returns what was not outstanding, or more bytes than there were
   */
  reap(): Used<T> | undefined;
  /** Tells the device that no call is needed. */
  disableCalls(): void;
  /** Asks for a call with the next used buffer. @returns true when there is one already: reap again */
  enableCalls(): boolean;
  /** Forgets all requests; the ring is not to be used any more. @returns their tokens */
  abandon(): T[];
}
