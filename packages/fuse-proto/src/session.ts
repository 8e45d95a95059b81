import { FUSE_KERNEL_VERSION } from './abi/constants.js';
import {
  FUSE_CREATE_SUPP_GROUP,
  FUSE_EXPORT_SUPPORT,
  FUSE_SECURITY_CTX,
  FUSE_SETXATTR_EXT,
} from './abi/init-flags.js';
import { FUSE_INIT } from './abi/opcodes.js';
import { InHeader, InitOut, OutHeader } from './abi/views.js';
import type { Connection } from './connection.js';
import { EAGAIN, EBADF, EINTR, EINVAL, EIO, ENODEV, ENOMEM, ENOSYS, ENOTCONN, ESTALE } from './errno.js';
import type { FileSystem, Outcome } from './file-system.js';
import { Later } from './later.js';
import { type Logger, silent } from './logger.js';
import {
  DEFAULT_FLAGS,
  DEFAULT_MINIMUM_MINOR,
  initOutSize,
  OLDEST_MINOR,
  OTHER_MAJOR,
  READDIRPLUS_FLAGS,
  readInit,
  writeInit,
  writeVersion,
} from './negotiation.js';
import type { SessionObserver } from './observer.js';
import { MAX_HI } from './operations/halves.js';
import { NO_REPLY, type Operation, type SessionControl, type Traits } from './operations/operation.js';
import { opcodeName, operations } from './operations/table.js';
import { takeNames } from './operations/take-names.js';
import { describe, errnoOf, MAX_ERRNO } from './outcome.js';
import type { Exchange } from './segments.js';
import { type Slot, SlotPool } from './slot.js';

/** What a {@link Session} is told besides its file system. */
export interface SessionOptions {
  /**
   * INIT flags wanted whenever the peer offers them; `FileSystem.init` can refine the choice.
   * @default DEFAULT_FLAGS, and READDIRPLUS if the file system has it
   */
  flags?: bigint;
  /**
   * Oldest minor version of a peer that is served; not below 12, where structures had other sizes.
   * @default DEFAULT_MINIMUM_MINOR (27)
   */
  minimumMinor?: number;
  /** @default nothing is logged */
  log?: Logger;
  /** Told of every request. @default nobody is */
  observer?: SessionObserver;
}

/** What a request may be longer than the largest write, in bytes. */
const MAX_OVERHEAD = 4096;
/** Smallest bound on the length of a request, in bytes, whatever `max_write` is. */
const MIN_MAX_WRITE = 1 << 20;
const TWO_32 = 0x1_0000_0000;

const FRESH_TRAITS: Traits = { longSetxattr: false, extensions: false, dots: false };

function defaultFlags(fs: FileSystem): bigint {
  return fs.readdirplus === undefined ? DEFAULT_FLAGS : DEFAULT_FLAGS | READDIRPLUS_FLAGS;
}

/**
 * Serves the requests of one peer, in whatever order and over whatever transport they come, with a
 * {@link FileSystem}. Nothing that a peer sends makes it throw, hang, or keep more than each request's own
 * size; nothing is answered beyond the room that the peer gave.
 *
 * A request whose method returned a number is complete when `dispatch` returns, and has allocated nothing. One
 * whose method returned a Promise or a {@link Later} holds its slot, and the exchange's memory, until that has settled.
 */
export class Session {
  readonly #fs: FileSystem;
  readonly #wanted: bigint;
  readonly #minimumMinor: number;
  readonly #log: Logger;
  /** What the file system serves, by opcode. */
  readonly #served: readonly (Operation | undefined)[];
  readonly #pool = new SlotPool();
  /** Requests whose result comes late, in no order. */
  readonly #waiting: Slot[] = [];
  readonly #control: SessionControl;
  readonly #observer: SessionObserver | undefined;
  /** Counts resets: a result that belongs to an earlier epoch is dropped. */
  #epoch = 0;
  /** INIT has reached the file system, so that it has to hear of the end. */
  #started = false;
  #connection: Connection | undefined;
  #maxRequest = MIN_MAX_WRITE + MAX_OVERHEAD;
  #destroyed = false;
  #traits = FRESH_TRAITS;

  constructor(fs: FileSystem, options: SessionOptions = {}) {
    this.#fs = fs;
    this.#wanted = options.flags ?? defaultFlags(fs);
    this.#minimumMinor = Math.max(options.minimumMinor ?? DEFAULT_MINIMUM_MINOR, OLDEST_MINOR);
    this.#log = options.log ?? silent;
    this.#observer = options.observer;
    this.#served = operations.map((operation) =>
      operation?.method === undefined || fs[operation.method] !== undefined ? operation : undefined,
    );
    this.#control = this.#makeControl();
  }

  /** What INIT has settled; undefined before it, and after a reset. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** How many requests wait for a result that comes late. */
  get inFlight(): number {
    return this.#waiting.length;
  }

  /**
   * Serves one request. `exchange.complete` is called exactly once: before this returns, or when a result that comes
   * late is there. Never throws.
   */
  dispatch(exchange: Exchange): void {
    const slot = this.#pool.take();
    slot.epoch = this.#epoch;
    if (this.#observer !== undefined) {
      this.#dispatchObserved(this.#observer, slot, exchange);
      return;
    }
    let outcome: Outcome;
    try {
      const error = this.#check(slot, exchange);
      outcome = error < 0 ? error : slot.operation!.serve(this.#fs, slot, this.#control);
    } catch (error) {
      outcome = this.#errnoOf(error, slot);
    }
    if (typeof outcome === 'number') {
      this.#finish(slot, outcome);
    } else {
      this.#wait(slot, outcome);
    }
  }

  /** For a transport that has no request for now: an observer learns that the time until the next one is no request's. Never throws. */
  idle(): void {
    try {
      this.#observer?.idle?.();
    } catch (error) {
      this.#logFailure('the observer', error);
    }
  }

  /**
   * Ends the session as DESTROY would: the file system forgets everything, and only an INIT is served next.
   * Requests that wait are answered ENOTCONN when their Promise settles: until then their memory is in use.
   */
  reset(): void {
    this.#epoch++;
    this.#connection = undefined;
    this.#traits = FRESH_TRAITS;
    this.#maxRequest = MIN_MAX_WRITE + MAX_OVERHEAD;
    if (!this.#started) return;
    this.#started = false;
    try {
      this.#heed('DESTROY', this.#fs.destroy?.());
    } catch (error) {
      this.#logFailure('DESTROY', error);
    }
  }

  /**
   * Goes on where another session with this peer has ended: what the two have agreed on holds, and no INIT comes. The file system has
   * taken over that session's nodes and handles by other means, after the {@link reset} that has to come before.
   *
   * @throws Error when this session has begun already, or is destroyed
   */
  resume(connection: Connection): void {
    if (this.#started || this.#destroyed) throw new Error('the session has begun already, or is destroyed');
    this.#started = true;
    this.#connect(connection);
  }

  /**
   * Has requests that wait for what may never come, and so heed `ctx.onCancel`, end now: for a transport that is about to stop, and waits for
   * what it has handed in. Those that are cut short are answered EAGAIN: a peer that has not interrupted them itself
   * would not know what to make of EINTR.
   */
  cancelWaits(): void {
    for (const slot of [...this.#waiting]) {
      const { context } = slot;
      if (context.onCancel === undefined || context.canceled) continue;
      slot.hurried = true;
      context.canceled = true;
      context.onCancel();
    }
  }

  /**
   * For a transport that is gone, and so are its exchanges: resets the session, and `complete` of the requests
   * that wait is never called. With an exchange, only that one is given up and nothing else changes.
   * The segments of an abandoned exchange may still be written to until the method's Promise settles.
   */
  abandon(exchange?: Exchange): void {
    if (exchange === undefined) this.reset();
    for (const slot of this.#waiting) {
      if (exchange === undefined || slot.exchange === exchange) slot.abandoned = true;
    }
  }

  /** Ends the session for good: everything, INIT included, is answered ENODEV from now on. */
  destroy(): void {
    this.reset();
    this.#destroyed = true;
  }

  /** As {@link dispatch} goes on, with somebody to tell. */
  #dispatchObserved(observer: SessionObserver, slot: Slot, exchange: Exchange): void {
    let outcome: Outcome;
    slot.mark = -1;
    try {
      const error = this.#check(slot, exchange);
      // Only then: storing more for each request would cost as much as all the rest of being observed.
      if (error < 0) slot.forgetOthers();
      else slot.malformed = false;
      this.#tellArrived(observer, slot);
      outcome = error < 0 ? error : slot.operation!.serve(this.#fs, slot, this.#control);
    } catch (error) {
      outcome = this.#errnoOf(error, slot);
    }
    if (typeof outcome === 'number') {
      this.#finishObserved(observer, slot, outcome);
      return;
    }
    try {
      observer.waits(slot);
    } catch (error) {
      this.#logFailure('the observer', error);
    }
    this.#wait(slot, outcome);
  }

  #tellArrived(observer: SessionObserver, slot: Slot): void {
    try {
      observer.arrived(slot);
    } catch (error) {
      this.#logFailure('the observer', error);
    }
  }

  /** Checks a request, and takes its arguments and names. Returns 0 or −errno. */
  #check(slot: Slot, exchange: Exchange): number {
    const available = slot.begin(exchange);
    const { header } = slot;
    const opcode = header.opcode;
    slot.opcode = opcode;
    if (available < InHeader.SIZE) return -EINVAL;
    const length = header.len;
    const operation = this.#served[opcode];
    // What is not served still is one of those that have no reply.
    slot.operation = operation ?? operations[opcode];
    slot.length = length;
    if (length > this.#maxRequest) return -ENOMEM;
    if (length < InHeader.SIZE || length > available) return -EINVAL;
    if (this.#connection === undefined && opcode !== FUSE_INIT) return this.#destroyed ? -ENODEV : -EBADF;
    if (operation === undefined) return -ENOSYS;

    const nodeHi = header.nodeid_hi;
    if (nodeHi > MAX_HI && !operation.anyNode) return -ESTALE;
    slot.nodeid = nodeHi === 0 ? header.nodeid_lo : nodeHi * TWO_32 + header.nodeid_lo;

    const names = InHeader.SIZE + operation.input;
    if (length < names) return -EINVAL;
    if (slot.room < operation.output && !operation.silent) return -EINVAL;
    // Nothing more is kept of a request that may have to wait for long.
    if (!operation.bulk) slot.fetch(operation.more ? length : names);
    if (operation.firstName !== 0) {
      const error = takeNames(slot, operation, names, this.#traits);
      if (error < 0) return error;
    }
    slot.clearPayload(operation.output);
    return 0;
  }

  /** Answers a request with a method's result. */
  #finish(slot: Slot, outcome: number): void {
    this.#complete(slot, this.#answer(slot, outcome));
  }

  #finishObserved(observer: SessionObserver, slot: Slot, outcome: number): void {
    const length = this.#answer(slot, outcome);
    let result = outcome === NO_REPLY ? 0 : outcome;
    // The answer may be an error where the method's result was none, or none that can be told.
    if (length > 0) {
      const error = slot.replyData.getInt32(4, true);
      if (error !== 0) result = error;
    }
    try {
      observer.answered(slot, result, length);
    } catch (error) {
      this.#logFailure('the observer', error);
    }
    this.#complete(slot, length);
  }

  /** Puts a method's result in place. Returns the length of the reply, 0 if there is none. */
  #answer(slot: Slot, outcome: number): number {
    const { operation, abandoned } = slot;
    let length = 0;
    try {
      if (!abandoned && outcome !== NO_REPLY && !operation?.silent && slot.room >= 0) {
        length = this.#reply(slot, this.#payload(slot, outcome));
      }
    } catch (error) {
      // Only a transport whose segments contradict themselves comes here.
      this.#log.error(`${this.#nameOf(slot)}: no reply possible: ${describe(error)}`);
    }
    return length;
  }

  /** Hands the exchange back. */
  #complete(slot: Slot, length: number): void {
    const { exchange, abandoned } = slot;
    // First the slot, then the completion: that may bring the next request at once.
    this.#pool.give(slot);
    if (abandoned) return;
    try {
      exchange.complete(length);
    } catch (error) {
      this.#log.error(`the transport failed to complete a request: ${describe(error)}`);
    }
  }

  /** The length of the payload that a method's result makes, or −errno. */
  #payload(slot: Slot, outcome: number): number {
    if (outcome < 0 && outcome >= -MAX_ERRNO && Number.isInteger(outcome)) return outcome;
    if (!(outcome >= 0 && Number.isSafeInteger(outcome)) || slot.operation === undefined) {
      this.#log.error(`${this.#nameOf(slot)}: the file system returned ${String(outcome)}`);
      return -EIO;
    }
    const { finish, output } = slot.operation;
    return finish === undefined ? output : finish(slot, outcome);
  }

  /** Puts the reply in place. Returns its length. */
  #reply(slot: Slot, payload: number): number {
    const { header, replyData, operation } = slot;
    const size = Math.max(payload, 0);
    replyData.setUint32(0, OutHeader.SIZE + size, true);
    replyData.setInt32(4, Math.min(payload, 0), true);
    replyData.setUint32(8, header.unique_lo, true);
    replyData.setUint32(12, header.unique_hi, true);
    // What READ has read is in its place already.
    const copied = operation?.inPlace ? 0 : size;
    slot.exchange.writable.copyIn(0, slot.reply, 0, OutHeader.SIZE + copied);
    return OutHeader.SIZE + size;
  }

  #wait(slot: Slot, outcome: PromiseLike<number>): void {
    slot.place = this.#waiting.push(slot) - 1;
    if (outcome instanceof Later) {
      slot.settled ??= (result) => this.#settle(slot, result);
      outcome.listen(slot.settled);
      return;
    }
    // resolve() because "Promise" may be any thenable, or whatever an untyped file system has returned.
    Promise.resolve(outcome).then(
      (result) => this.#settle(slot, result),
      (error) => this.#settle(slot, this.#errnoOf(error, slot)),
    );
  }

  #settle(slot: Slot, outcome: number): void {
    const last = this.#waiting.pop()!;
    if (last !== slot) {
      this.#waiting[slot.place] = last;
      last.place = slot.place;
    }
    const cutShort = slot.hurried && outcome === -EINTR;
    const answer = slot.epoch !== this.#epoch ? -ENOTCONN : cutShort ? -EAGAIN : outcome;
    if (this.#observer !== undefined) this.#finishObserved(this.#observer, slot, answer);
    else this.#finish(slot, answer);
  }

  #errnoOf(error: unknown, slot: Slot): number {
    const errno = errnoOf(error);
    if (errno !== undefined) return -errno;
    this.#logFailure(this.#nameOf(slot), error);
    return -EIO;
  }

  #logFailure(operation: string, error: unknown): void {
    this.#log.error(`${operation} failed: ${describe(error)}`);
  }

  /** A method that is to return nothing may be asynchronous all the same: its rejection must not end the process. */
  #heed(operation: string, returned: unknown): void {
    if (returned === undefined) return;
    Promise.resolve(returned).catch((error) => this.#logFailure(operation, error));
  }

  #forget(operation: string, nodeid: number, nlookup: number): void {
    try {
      this.#heed(operation, this.#fs.forget?.(nodeid, nlookup));
    } catch (error) {
      this.#logFailure(operation, error);
    }
  }

  #nameOf(slot: Slot): string {
    return opcodeName(slot.header.opcode);
  }

  #init(slot: Slot): Outcome {
    if (this.#destroyed) return -ENODEV;
    const { init } = slot.input;
    const output = slot.output.init;
    slot.clearPayload(InitOut.SIZE);
    const read = readInit(init, slot.length, this.#wanted, this.#minimumMinor);
    if (typeof read === 'number') {
      this.#log.warn(`INIT refused: the peer speaks ${init.major}.${init.minor}`);
      return read;
    }
    if (read === OTHER_MAJOR) {
      this.#log.info(`the peer speaks ${init.major}.${init.minor}: offering ${FUSE_KERNEL_VERSION}`);
      writeVersion(output);
      slot.payload = Math.min(InitOut.SIZE, slot.room);
      return 0;
    }
    this.reset();
    slot.epoch = this.#epoch;
    this.#started = true;
    const offeredReadahead = read.max_readahead;
    const refused = () => {
      if (slot.epoch === this.#epoch) this.#started = false;
    };
    const settled = (outcome: number): number => {
      if (slot.epoch !== this.#epoch) return -ENOTCONN;
      if (outcome < 0) {
        refused();
        return outcome;
      }
      writeInit(read, offeredReadahead, output);
      this.#connect(read);
      slot.payload = Math.min(initOutSize(read.minor), slot.room);
      return 0;
    };
    let outcome: Outcome;
    try {
      outcome = this.#fs.init?.(read) ?? 0;
    } catch (error) {
      refused();
      throw error;
    }
    if (typeof outcome === 'number') return settled(outcome);
    return outcome.then(settled, (error) => {
      refused();
      throw error;
    });
  }

  #connect(connection: Connection): void {
    this.#connection = connection;
    this.#maxRequest = Math.max(connection.max_write, MIN_MAX_WRITE) + MAX_OVERHEAD;
    this.#traits = {
      longSetxattr: connection.has(FUSE_SETXATTR_EXT),
      extensions: (connection.flags & (FUSE_SECURITY_CTX | FUSE_CREATE_SUPP_GROUP)) !== 0n,
      dots: connection.has(FUSE_EXPORT_SUPPORT),
    };
  }

  #interrupt(uniqueLo: number, uniqueHi: number): void {
    for (const { header, context } of this.#waiting) {
      if (header.unique_lo !== uniqueLo || header.unique_hi !== uniqueHi || context.canceled) continue;
      context.canceled = true;
      context.onCancel?.();
      return;
    }
  }

  #makeControl(): SessionControl {
    const session = this;
    return {
      init: (slot) => session.#init(slot),
      reset: () => session.reset(),
      forget: (operation, nodeid, nlookup) => session.#forget(operation, nodeid, nlookup),
      interrupt: (lo, hi) => session.#interrupt(lo, hi),
      get traits() {
        return session.#traits;
      },
    };
  }
}
