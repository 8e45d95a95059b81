import {
  dup,
  EAGAIN,
  ECONNABORTED,
  EMFILE,
  ENFILE,
  raw,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SysError,
  unixListen,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import type { Device } from '../device.js';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import { ChainPool } from '../ring/chain_pool.js';
import { MAX_QUEUE_SIZE } from '../ring/layout.js';
import { Connection } from './connection.js';
import { MAX_POLL_MICROSECONDS } from './poller.js';

/** Most queues of a device. */
export const MAX_QUEUES = 64;
/** How long to wait before accepting again when descriptors have run out, in milliseconds. */
const ACCEPT_RETRY = 200;

/** What a {@link Backend} is told besides its device. */
export interface BackendOptions {
  /** Where to report. */
  readonly log: Logger;
  /**
   * How long to look at the rings, after one has run empty, before the driver is asked for a kick again; in microseconds, 0 to
   * 1000. It adapts itself up to this limit, and the event loop goes on meanwhile. It spares a driver that waits for
   * each answer the kicks, and costs processor time that the guest may need.
   *
   * @default 0: never
   */
  readonly pollMicroseconds?: number;
  /** A front-end has connected. */
  readonly onConnected?: () => void;
  /**
   * The connection is over and everything of it was let go. `reason` is undefined when the front-end closed it in order,
   * otherwise what went wrong, which has been logged.
   */
  readonly onDisconnected?: (reason: Error | undefined) => void;
}

/**
 * Offers a {@link Device} to front-ends, one at a time; others wait until it has gone. Whatever a front-end or a guest does
 * wrong costs it its ring or its connection, and nothing more.
 */
export class Backend implements Disposable {
  readonly #device: Device;
  readonly #options: BackendOptions;
  readonly #pools: readonly ChainPool[];
  #listener = -1;
  #watcher: Watcher | undefined;
  #retry: NodeJS.Timeout | undefined;
  #connection: Connection | undefined;
  #closed = false;

  /** @throws UsageError BAD_ARGUMENT for a device that the protocol cannot express */
  constructor(device: Device, options: BackendOptions) {
    const { queueCount, maxQueueSize = 1 } = device;
    if (!Number.isInteger(queueCount) || queueCount < 1 || queueCount > MAX_QUEUES) {
      throw new UsageError(
        'BAD_ARGUMENT',
        `a device of ${queueCount} queues, 1 to ${MAX_QUEUES} are possible`,
      );
    }
    if (maxQueueSize < 1 || maxQueueSize > MAX_QUEUE_SIZE || (maxQueueSize & (maxQueueSize - 1)) !== 0) {
      throw new UsageError('BAD_ARGUMENT', `a maximum queue size of ${maxQueueSize}`);
    }
    const { pollMicroseconds = 0 } = options;
    if (!(pollMicroseconds >= 0 && pollMicroseconds <= MAX_POLL_MICROSECONDS)) {
      throw new UsageError('BAD_ARGUMENT', `polling for ${pollMicroseconds} microseconds`);
    }
    this.#device = device;
    this.#options = options;
    this.#pools = Array.from({ length: queueCount }, (_, index) => new ChainPool(index));
  }

  /** A front-end is connected. */
  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /**
   * Waits for front-ends at a new socket, whose permissions follow the umask, or at a socket that listens already.
   *
   * @param where - a path of at most 107 bytes at which nothing exists, which is the caller's to remove; or a descriptor, which
   *   stays the caller's to close: a duplicate is used
   * @throws SysError EADDRINUSE, EACCES and the like; UsageError BAD_STATE when listening already
   */
  listen(where: string | { readonly fd: number }): void {
    this.#expectIdle();
    const fd = typeof where === 'string' ? unixListen(where, { flags: SOCK_NONBLOCK }) : dup(where.fd);
    this.#listener = fd;
    try {
      this.#accept();
    } catch (error) {
      this.#listener = -1;
      raw.close(fd);
      throw error;
    }
  }

  /** Serves one front-end over a connected socket, owned from here on. @throws UsageError BAD_STATE */
  serve(connected: { readonly fd: number }): void {
    this.#expectIdle();
    this.#connect(connected.fd);
    this.#connected();
  }

  /**
   * Stops accepting, takes no more chains from the rings, and waits until those that the device has are complete and the driver
   * has been told. What follows is {@link close}; messages of the front-end are not read any more.
   */
  async drain(): Promise<void> {
    this.#stopAccepting();
    await this.#connection?.drain();
  }

  /** Ends the connection and stops listening. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopAccepting();
    if (this.#listener >= 0) raw.close(this.#listener);
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) {
      connection.close();
      this.#device.reset?.();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #expectIdle(): void {
    if (this.#closed || this.#listener >= 0 || this.#connection !== undefined) {
      throw new UsageError('BAD_STATE', 'the back-end is closed or in use already');
    }
  }

  #accept(): void {
    this.#watcher = new Watcher(this.#listener, WATCH_READABLE, (_events, error) => {
      const fd = error !== 0 ? -error : raw.accept4(this.#listener, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) {
        this.#stopAccepting();
        try {
          this.#connect(fd);
        } catch (cause) {
          if (!(cause instanceof SysError)) throw cause;
          this.#acceptLater(`cannot serve a front-end (${cause.message})`);
          return;
        }
        this.#connected();
      } else if (fd === -EMFILE || fd === -ENFILE) {
        // The front-end stays in the backlog: watching on would only spin.
        this.#acceptLater('no descriptor left to accept a front-end');
      } else if (fd !== -EAGAIN && fd !== -ECONNABORTED) {
        this.#options.log.error(`cannot accept front-ends any more: ${new SysError(-fd, 'accept4').message}`);
        this.#stopAccepting();
      }
    });
  }

  #acceptLater(reason: string): void {
    this.#options.log.warn(`${reason}; trying again`);
    this.#stopAccepting();
    this.#retry = setTimeout(() => this.#acceptAgain(), ACCEPT_RETRY);
  }

  #acceptAgain(): void {
    try {
      this.#accept();
    } catch (cause) {
      if (!(cause instanceof SysError)) throw cause;
      this.#acceptLater(`cannot wait for front-ends (${cause.message})`);
    }
  }

  #stopAccepting(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#retry);
  }

  #connect(fd: number): void {
    const { log, pollMicroseconds = 0 } = this.#options;
    try {
      this.#connection = new Connection(fd, this.#device, log, this.#pools, pollMicroseconds, (reason) =>
        this.#disconnected(reason),
      );
    } catch (error) {
      raw.close(fd);
      throw error;
    }
  }

  #connected(): void {
    const { log, onConnected } = this.#options;
    log.info('front-end connected');
    onConnected?.();
  }

  #disconnected(reason: Error | undefined): void {
    const { log, onDisconnected } = this.#options;
    this.#connection = undefined;
    if (reason === undefined) log.info('front-end disconnected');
    else log.error(`connection ended: ${reason.message}`);
    this.#device.reset?.();
    onDisconnected?.(reason);
    if (!this.#closed && this.#listener >= 0) this.#acceptAgain();
  }
}
