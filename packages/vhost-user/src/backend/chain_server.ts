import type { Device } from '../device.js';
import type { Logger } from '../logger.js';
import type { Chain } from '../ring/chain.js';
import type { VirtQueue } from '../ring/virtqueue.js';
import type { Poller } from './poller.js';

/** Chains handled before their used buffers are published: one call for all of them. */
const BATCH_CHAINS = 32;
/** Bytes of chains after which a batch ends early, so that bulk data does not wait for more of it. */
const BATCH_BYTES = 256 * 1024;
/** Chains handled before the event loop, and so other rings and the socket, get their turn. */
const TURN_CHAINS = 128;

/** Hands the available chains of a queue to the device. */
export class ChainServer {
  readonly #device: Device;
  readonly #log: Logger;
  readonly #poller: Poller;

  constructor(device: Device, log: Logger, poller: Poller) {
    this.#device = device;
    this.#log = log;
    this.#poller = poller;
  }

  /**
   * Serves what is available, with notifications disabled, a bounded amount per turn.
   *
   * @returns true when the turn is over before the queue was empty: call again in the next one. False when the driver will
   *   kick, or the poller looks
   * @throws RingError the ring cannot be trusted; what was handled before is published
   */
  serve(queue: VirtQueue): boolean {
    let left = TURN_CHAINS;
    queue.disableNotifications();
    while (left > 0) {
      const count = this.#serveBatch(queue);
      // The device may have closed the back-end.
      if (queue.closed) return false;
      left -= count;
      if (count === 0) {
        if (this.#poller.emptied() || !queue.enableNotifications()) return false;
        queue.disableNotifications();
      }
    }
    return true;
  }

  /** @returns the number of chains handled: 0 when none was available */
  #serveBatch(queue: VirtQueue): number {
    let count = 0;
    let bytes = 0;
    queue.hold();
    try {
      while (count < BATCH_CHAINS && bytes < BATCH_BYTES && !queue.closed) {
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

/** What an error says, for the log. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
