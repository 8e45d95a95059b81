/**
 * What this package throws. `code` is stable and meant for programs; messages may change.
 * Nothing here is thrown while a request is served: those failures are negative errno values.
 */
export class FuseProtoError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A value was given to a field that cannot hold it exactly. */
export class ValueRangeError extends FuseProtoError {
  constructor(range: string, value: number | bigint) {
    super('ERR_FUSE_VALUE_RANGE', `${value} is not ${range === '' ? 'in range' : `an ${range} integer`}`);
  }
}

/** A position and length outside of the segments or bytes they were applied to. */
export class BoundsError extends FuseProtoError {
  constructor(position: number, length: number, byteLength: number) {
    super('ERR_FUSE_BOUNDS', `${length} bytes at ${position} lie outside of ${byteLength} bytes`);
  }
}

/** An exchange was completed twice: a bug in whoever completed it. */
export class AlreadyCompleteError extends FuseProtoError {
  constructor() {
    super('ERR_FUSE_ALREADY_COMPLETE', 'the exchange has been completed before');
  }
}

/**
 * What a {@link FileSystem} method may throw to fail one request. Returning −errno does the same and is a
 * thousand times cheaper; any error with a positive `errno` property is understood.
 */
export class ErrnoError extends FuseProtoError {
  /** Positive, as in errno.h. */
  readonly errno: number;

  constructor(errno: number, message = `errno ${errno}`) {
    super('ERR_FUSE_ERRNO', message);
    this.errno = errno;
  }
}

/** A reply that no FUSE server may send: the two sides disagree about the protocol. */
export class MalformedReplyError extends FuseProtoError {
  constructor(message: string) {
    super('ERR_FUSE_MALFORMED_REPLY', message);
  }
}

/** The server failed a request of {@link FuseClient}. */
export class ReplyError extends FuseProtoError {
  /** Positive, as in errno.h. */
  readonly errno: number;

  constructor(operation: string, errno: number) {
    super('ERR_FUSE_REPLY', `${operation}: errno ${errno}`);
    this.errno = errno;
  }
}
