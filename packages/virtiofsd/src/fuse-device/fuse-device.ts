import { FUSE_INIT, type Session } from '@vfs/fuse-proto';
import {
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EIO,
  ENODEV,
  ENOENT,
  ENOMEM,
  errnoName,
  raw,
  SysError,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import type { Logger } from '../log.js';
import type { DeviceExchange } from './exchange.js';
import { ExchangePool } from './exchange-pool.js';

/** After so many requests the rest of the event loop has its turn: signals, timers, Promises of requests. */
const BATCH = 64;
/** How long to wait before trying again when there is no memory for a request, in milliseconds. */
const PAUSE = 20;
/** preadv2 and pwritev2: not at an offset. */
const NO_OFFSET = -1;

/** How serving a mount ended. */
export type DeviceEnding =
  /** The file system is not mounted any more, nowhere and for nobody. */
  | { readonly kind: 'unmounted' }
  /** The kernel or the device gave the connection up; a mount may be left that answers ENOTCONN. */
  | { readonly kind: 'failed'; readonly error: Error };

/** What a {@link FuseDevice} is told besides its session. */
export interface FuseDeviceOptions {
  readonly log: Logger;
  /** Largest READ in bytes, as said to the kernel by the mount option max_read. */
  readonly maxRead: number;
  /** Largest WRITE in bytes until INIT has settled another. */
  readonly maxWrite: number;
  /** So many requests are served at the same time: no other is read meanwhile, not even one that interrupts another. */
  readonly maxInFlight: number;
}

/**
 * Carries requests from an open /dev/fuse, which is mounted, to a session, and the replies back.
 *
 * Each request has memory of its own until it is answered, so any number may wait for Promises. Nothing here ever waits for the
 * kernel: the device is non-blocking, and a reply is taken at once.
 */
export class FuseDevice implements Disposable {
  /** The peer has sent INIT and accepted the reply; rejects when the file system refused, or the end came first. */
  readonly ready: Promise<void>;
  /** Settles when the end has come and the session is destroyed. */
  readonly ended: Promise<DeviceEnding>;
  readonly #fd: number;
  readonly #session: Session;
  readonly #log: Logger;
  readonly #maxRead: number;
  readonly #pool: ExchangePool;
  #watcher: Watcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #over = false;
  /** Requests lie in the device that were not read, because too many are being served. */
  #throttled = false;
  #setReady!: () => void;
  #setRefused!: (error: Error) => void;
  #setEnded!: (ending: DeviceEnding) => void;

  /** @param fd an open /dev/fuse, non-blocking, mounted; belongs to the object from now on */
  constructor(fd: number, session: Session, options: FuseDeviceOptions) {
    this.#fd = fd;
    this.#session = session;
    this.#log = options.log;
    this.#maxRead = options.maxRead;
    this.#pool = new ExchangePool(options, options.maxInFlight, (exchange, length) =>
      this.#answer(exchange, length),
    );
    this.ready = new Promise((resolve, reject) => {
      this.#setReady = resolve;
      this.#setRefused = reject;
    });
    // Who waits for `ended` only is not to be told by an unhandled rejection.
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => {
      this.#setEnded = resolve;
    });
    this.#watch();
  }

  /** How many requests are being served. */
  get inFlight(): number {
    return this.#pool.busy;
  }

  /** Gives the connection up: whoever uses the mount gets ENOTCONN from now on. */
  abort(reason = new Error('the connection was closed')): void {
    this.#end({ kind: 'failed', error: reason });
  }

  [Symbol.dispose](): void {
    this.abort();
  }

  #watch(): void {
    this.#watcher ??= new Watcher(this.#fd, WATCH_READABLE, (_events, error) => {
      // An error of the device is what the end looks like: reading tells which one it is.
      if (error !== 0) this.#unwatch();
      this.#drain(error !== 0);
      if (error !== 0 && !this.#over) this.#fail(error, 'waiting for requests');
    });
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /**
   * Serves requests until there is none, or others have waited long enough: then the watcher calls again.
   *
   * @param atEnd - whether the watcher has seen the end of the connection
   */
  #drain(atEnd: boolean): void {
    for (let i = 0; i < BATCH && !this.#over; i++) {
      const exchange = this.#take();
      if (!exchange) return;
      const { room } = exchange;
      const size = room.byteLength;
      const length = raw.preadv2(
        this.#fd,
        room.tableWindow,
        room.tableOffset,
        1,
        0,
        size,
        NO_OFFSET,
        NO_OFFSET,
        0,
      );
      if (length > 0) {
        exchange.begin(length);
        this.#session.dispatch(exchange);
        continue;
      }
      this.#pool.give(exchange);
      if (length === -EAGAIN) return;
      // A read that has a request in hand while the connection ends gives this, however it ends: the next one tells.
      if (length === -ECONNABORTED && !atEnd) return;
      // ENOENT: whoever asked was killed before the request could be read.
      if (length !== -EINTR && length !== -ENOENT) this.#stop(-length);
    }
  }

  #take(): DeviceExchange | undefined {
    try {
      const exchange = this.#pool.take();
      if (exchange) return exchange;
    } catch (error) {
      this.#retryLater(error, 'no memory for a request');
    }
    this.#throttled = true;
    this.#unwatch();
    return undefined;
  }

  /** @throws what is not an error of the system */
  #retryLater(error: unknown, what: string): void {
    if (!(error instanceof SysError)) throw error;
    this.#log.warn(`${what} (${error.code}): trying again`);
    this.#timer ??= setTimeout(() => this.#resume(), PAUSE);
  }

  #resume(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#throttled = false;
    if (this.#over) return;
    try {
      this.#watch();
    } catch (error) {
      this.#retryLater(error, 'no descriptor to wait for requests with');
    }
  }

  #answer(exchange: DeviceExchange, length: number): void {
    if (this.#over) {
      this.#pool.give(exchange);
      return;
    }
    if (!this.#settled && exchange.opcode === FUSE_INIT) this.#settle(exchange);
    if (length > 0) this.#write(exchange, length);
    this.#pool.give(exchange);
    if (this.#throttled) this.#resume();
  }

  #write(exchange: DeviceExchange, length: number): void {
    const { tableWindow, tableOffset } = exchange.writable;
    const written = raw.pwritev2(this.#fd, tableWindow, tableOffset, 1, 0, length, NO_OFFSET, NO_OFFSET, 0);
    // ENOENT: whoever asked was killed in the meantime. ENODEV: so is the mount; the next read says so.
    if (written >= 0 || written === -ENOENT || written === -ENODEV) return;
    this.#log.error(
      `opcode ${exchange.opcode}: the kernel did not take the reply (${errnoName(-written)}, ${length} bytes)`,
    );
    const error = written === -ENOMEM ? -ENOMEM : -EIO;
    raw.pwritev2(this.#fd, tableWindow, tableOffset, 1, 0, exchange.refuse(error), NO_OFFSET, NO_OFFSET, 0);
  }

  /** INIT is about to be answered: from then on requests can be as large as has been agreed. */
  #settle(exchange: DeviceExchange): void {
    const { connection } = this.#session;
    if (connection) {
      this.#settled = true;
      this.#pool.resize({ maxRead: this.#maxRead, maxWrite: connection.max_write });
      this.#log.debug(
        `FUSE 7.${connection.minor}, flags 0x${connection.flags.toString(16)}, max_write ${connection.max_write}`,
      );
      this.#setReady();
    } else if (exchange.replyError !== 0) {
      this.#setRefused(new SysError(-exchange.replyError, 'FUSE_INIT'));
    }
    // Else a version was proposed, and the kernel sends another INIT.
  }

  #stop(errno: number): void {
    if (errno === ENODEV) this.#end({ kind: 'unmounted' });
    else if (errno === ECONNABORTED) {
      this.#end({ kind: 'failed', error: new Error('the kernel aborted the connection') });
    } else this.#fail(errno, 'reading a request');
  }

  #fail(errno: number, what: string): void {
    this.#end({ kind: 'failed', error: new Error(`${what} from /dev/fuse failed: ${errnoName(errno)}`) });
  }

  #end(ending: DeviceEnding): void {
    if (this.#over) return;
    this.#over = true;
    this.#unwatch();
    clearTimeout(this.#timer);
    raw.close(this.#fd);
    // Those that wait for a Promise may still use their memory: it goes when nobody can reach it any more.
    this.#session.abandon();
    this.#session.destroy();
    this.#pool.clear();
    this.#setRefused(ending.kind === 'failed' ? ending.error : new Error('unmounted'));
    this.#setEnded(ending);
  }
}
