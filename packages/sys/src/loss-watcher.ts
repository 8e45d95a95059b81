import { binding } from './binding.js';
import { EFD_NONBLOCK } from './constants/io.js';
import { check } from './errors.js';
import { eventfd, eventfdRead } from './eventfd.js';
import { close } from './fd.js';
import { WATCH_READABLE, Watcher } from './watcher.js';

/**
 * Calls back, on the event loop of the thread that made it, after a mapping of this process has been lost: somebody has truncated its
 * file, and its memory was touched. Which one, its `lost` says. It does not keep the event loop alive.
 */
export class LossWatcher implements Disposable {
  readonly #fd: number;
  readonly #watcher: Watcher;
  #open = true;

  /** @throws {@link SysError} EMFILE for want of descriptors, or when the process has 256 of these already */
  constructor(callback: () => void) {
    this.#fd = eventfd(0, EFD_NONBLOCK);
    try {
      check(binding.notifyOfLoss(this.#fd, true), 'notifyOfLoss');
      this.#watcher = new Watcher(this.#fd, WATCH_READABLE, () => {
        eventfdRead(this.#fd);
        callback();
      });
      this.#watcher.unref();
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  /** No callback begins after this. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watcher.close();
    this.#stop();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #stop(): void {
    binding.notifyOfLoss(this.#fd, false);
    close(this.#fd);
  }
}
