import type { Exchange } from './segments.js';

/** A request as a {@link SessionObserver} sees it: valid during the call, and for one that waits until it is answered. */
export interface ObservedRequest {
  /** What the peer asks for: any number, where it is malformed. */
  readonly opcode: number;
  /** The request's id, as two halves. */
  readonly uniqueLo: number;
  readonly uniqueHi: number;
  /** The node, or 0 if the request could not be read as far as that. */
  readonly nodeid: number;
  /** `len` of the header: how long the request is, in bytes; 0 if it is not even as long as a header. */
  readonly length: number;
  /**
   * The request in private memory, header included, as it was checked. Of what is bulk data to the protocol (the data of WRITE, the list
   * of BATCH_FORGET), of what follows the arguments where nothing should, and of a malformed request, only the first {@link held} bytes;
   * they are in `exchange`, where the peer can change them. Once the file system is asked, it may change what is here.
   */
  readonly request: Uint8Array;
  /** How many bytes of {@link request} are the request's. */
  readonly held: number;
  /** The reply in private memory, header included: complete when it is answered, but for the data of READ. */
  readonly reply: Uint8Array;
  /** How many bytes of {@link reply} are the reply's. */
  readonly replyHeld: number;
  readonly exchange: Exchange;
  /** For the observer: a time, for instance. −1 at arrival. */
  mark: number;
}

/**
 * Told of every request that a {@link Session} serves: for metrics, logs and recordings. A session without one pays for the seam with one
 * comparison per request.
 *
 * The calls for one request are `arrived`, `waits` if the file system's result comes late, and `answered`. Those of a request
 * that is answered at once follow each other with no other request in between. They must not throw: what they throw is
 * logged, and the request is served as if they had not.
 */
export interface SessionObserver {
  /** A request was read, and checked; the file system is asked next, unless it is malformed. */
  arrived(request: ObservedRequest): void;
  /** The result comes later. */
  waits(request: ObservedRequest): void;
  /**
   * The reply is in place, and is about to be handed to the transport.
   *
   * @param result - what the file system returned: a count or 0; −errno, if that is the answer
   * @param length - bytes of the reply, header included; 0 if there is none
   */
  answered(request: ObservedRequest, result: number, length: number): void;
  /** The transport has no request for now: until the next one, time passes that is none's. See `Session.idle`. */
  idle?(): void;
}
