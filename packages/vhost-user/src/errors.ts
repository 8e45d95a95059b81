/** The base of every error this package throws on purpose; `code` is stable and documented, the message is for people. */
export abstract class VhostUserError extends Error {
  abstract readonly code: string;
}

/** What a peer on the socket can do wrong; see {@link ProtocolError}. */
export type ProtocolErrorCode =
  /** The header's version is not 1, or a reply flag is where none belongs. */
  | 'BAD_HEADER'
  /** The body is longer than 4096 bytes, or not of the length the request prescribes. */
  | 'BAD_LENGTH'
  /** The request is unknown, or known and not supported. */
  | 'UNKNOWN_REQUEST'
  /** Descriptors are missing, or more came than the request carries. */
  | 'BAD_DESCRIPTORS'
  /** A feature bit that was not offered, or a request whose feature was not negotiated. */
  | 'NOT_NEGOTIATED'
  /** A value outside its range: ring index, ring size, flags. */
  | 'BAD_VALUE'
  /** The request is legal, but not in this state. */
  | 'BAD_STATE'
  /** The memory table cannot be used: count, overlap, overflow, alignment, a file that is too short. */
  | 'BAD_MEMORY'
  /** The peer went away in the middle of a message. */
  | 'TRUNCATED'
  /** A reply that does not answer the request sent, or no reply where one is due. */
  | 'BAD_REPLY';

/** A message that breaks the vhost-user protocol. It ends the connection it came from, and nothing else. */
export class ProtocolError extends VhostUserError {
  override readonly name = 'ProtocolError';
  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A request that makes sense and is not granted: its acknowledgement says so where one is wanted, and the connection goes
 * on.
 */
export class RefusedError extends VhostUserError {
  override readonly name = 'RefusedError';
  readonly code = 'REFUSED';
}

/** What a driver can do wrong on a ring; see {@link RingError}. */
export type RingErrorCode =
  /** A kick arrived before the ring had addresses, a size and a memory table. */
  | 'NOT_CONFIGURED'
  /** An address that no memory region covers, or that is misaligned. */
  | 'BAD_ADDRESS'
  /** The available index moved by more than the ring's size. */
  | 'BAD_INDEX'
  /** A descriptor index beyond the table. */
  | 'BAD_DESCRIPTOR'
  /** More descriptors than the ring's size: an endless or too long chain. */
  | 'CHAIN_TOO_LONG'
  /** A chain is offered again before the device has returned it. */
  | 'CHAIN_IN_FLIGHT'
  /** A readable descriptor after a writable one (virtio 2.7.4.2). */
  | 'BAD_ORDER'
  /** An indirect descriptor that was not negotiated, nests, continues, or whose table has an odd size. */
  | 'BAD_INDIRECT'
  /** The total length of a chain exceeds 2^32−1 bytes (virtio 2.7.4.2). */
  | 'CHAIN_TOO_LARGE';

/** A ring that cannot be trusted any more. It stops that ring, and nothing else. */
export class RingError extends VhostUserError {
  override readonly name = 'RingError';
  constructor(
    readonly code: RingErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** What a user of this package can do wrong, on either side; see {@link UsageError}. */
export type UsageErrorCode =
  /** A chain was completed twice, or with more bytes than its writable part has. */
  | 'BAD_COMPLETION'
  /** An argument outside its documented range. */
  | 'BAD_ARGUMENT'
  /** The object was closed, or is not in a state for this call. */
  | 'BAD_STATE'
  /** Guest memory, descriptors or ring entries are used up. */
  | 'EXHAUSTED'
  /** The connection ended before an answer or a completion came. */
  | 'DISCONNECTED'
  /** The back-end answered a request with a failure. */
  | 'REFUSED'
  /** The device broke the ring: an id that was not outstanding, a length beyond the buffers. */
  | 'BAD_DEVICE';

/** A mistake in the use of this package, or a condition its caller has to handle. */
export class UsageError extends VhostUserError {
  override readonly name = 'UsageError';
  constructor(
    readonly code: UsageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
