import type { DirtyLog } from '../memory/dirty_log.js';
import type { Chain } from '../ring/chain.js';
import type { DirtyTracker } from '../ring/virtqueue.js';

/** Logs what one ring writes: into the buffers of its chains, and into its used ring. */
export class RingLogging implements DirtyTracker {
  readonly #log: DirtyLog;
  readonly #buffers: boolean;
  readonly #usedRing: number | undefined;

  /**
   * @param buffers - VHOST_F_LOG_ALL was negotiated
   * @param usedRing - the guest-physical address at which writes to the used ring are logged, undefined without
   *   VHOST_VRING_F_LOG
   */
  constructor(log: DirtyLog, buffers: boolean, usedRing: number | undefined) {
    this.#log = log;
    this.#buffers = buffers;
    this.#usedRing = usedRing;
  }

  chainWritten(chain: Chain, length: number): void {
    if (!this.#buffers) return;
    const { writable } = chain;
    let left = length;
    for (let i = 0; i < writable.count && left > 0; i++) {
      const written = Math.min(left, writable.lengthAt(i));
      this.#log.mark(chain.addressOf(writable.windowAt(i), writable.offsetAt(i)), written);
      left -= written;
    }
  }

  usedWritten(offset: number, length: number): void {
    if (this.#usedRing !== undefined) this.#log.mark(this.#usedRing + offset, length);
  }
}
