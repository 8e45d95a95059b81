import { MonotonicClock } from '@vfs/sys';
import type { Device } from '../device.js';
import type { Logger } from '../logger.js';
import type { Chain } from '../ring/chain.js';
import type { VirtQueue } from '../ring/virtqueue.js';
import type { Poller } from './poller.js';

/** Chains handled at most before their used buffers are published: one call for all of them. */
const BATCH_CHAINS = 32;
/** Bytes of chains after which a batch ends early, so that bulk data does not wait for more of it. */
const BATCH_BYTES = 256 * 1024;
/** Chains handled before the event loop, and so other rings and the socket, get their turn. */
const TURN_CHAINS = 128;
/** So long a batch may take, in milliseconds: after one that took longer others get their turn, and the next ones are smaller. */
const BATCH_TIME = 2;

/** Hands the available chains of a queue to the device. */
export class ChainServer {
  readonly #device: Device;
  readonly #log: Logger;
  readonly #poller: Poller;
  readonly #clock: () => number;
  /** Chains of the next batch: as many as are handled in {@link BATCH_TIME}, by what the last ones took. */
  #batch = BATCH_CHAINS;

  /** @param clock - the time in milliseconds */
  constructor(device: Device, log: Logger, poller: Poller, clock = milliseconds) {
    this.#clock = clock;
    this.#device = device;
    this.#log = log;
    this.#poller = poller;
  }

  /**
   * Serves what is available, with notifications disabled, a bounded amount per turn: however slow its requests are, a ring holds up
   * the others for no longer than one of them takes, as soon as that is known.
   *
   * @returns true when the turn is over before the queue was empty: call again in the next one. False when the driver will
   *   kick, or the poller looks
   * @throws RingError the ring cannot be trusted; what was handled before is published
   */
  serve(queue: VirtQueue): boolean {
    let left = TURN_CHAINS;
    queue.disableNotifications();
    let begun = this.#clock();
    while (left > 0) {
      const count = this.#serveBatch(queue);
      // The device may have closed the back-end.
      if (queue.closed) return false;
      if (count === 0) {
        this.#device.idle?.();
        if (this.#poller.emptied() || !queue.enableNotifications()) return false;
        queue.disableNotifications();
        continue;
      }
      const ended = this.#clock();
      left = this.#wasSlow(count, ended - begun) ? 0 : left - count;
      begun = ended;
    }
    return true;
  }

  /** Learns from a batch how large the next is to be. */
  #wasSlow(count: number, took: number): boolean {
    if (took > BATCH_TIME) {
      this.#batch = Math.max(1, Math.floor((count * BATCH_TIME) / took));
      return true;
    }
    if (this.#batch < BATCH_CHAINS && count === this.#batch)
      this.#batch = Math.min(2 * this.#batch, BATCH_CHAINS);
    return false;
  }

  /** @returns the number of chains handled: 0 when none was available */
  #serveBatch(queue: VirtQueue): number {
    let count = 0;
    let bytes = 0;
    queue.hold();
    try {
      while (count < this.#batch && bytes < BATCH_BYTES && !queue.closed) {
        const chain = queue.pop();
        if (chain === undefined) break;
        count++;
        bytes += chain.readable.byteLength + chain.writable.byteLength;
        this.#handle(queue.index, chain);
      }
    } finally {
      queue.publish();
    }
    return count;
  }

  #handle(index: number, chain: Chain): void {
    try {
      this.#device.handle(chain);
    } catch (error) {
      this.#log.error(`queue ${index}: the device failed on a request: ${describe(error)}`);
      if (chain.live) chain.complete(0);
    }
  }
}

function milliseconds(): number {
  return MonotonicClock.now() / 1e6;
}

/** What an error says, for the log. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
