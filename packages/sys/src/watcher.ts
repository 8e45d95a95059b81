import { binding, type WatcherHandle } from './binding.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { checkInt } from './u64.js';

/** The descriptor can be read, or its other end is gone. */
export const WATCH_READABLE = 1;
/** The descriptor can be written. */
export const WATCH_WRITABLE = 2;

/**
 * Calls back, on the event loop of the thread that made it, while a descriptor is ready (level-triggered, uv_poll).
 *
 * The watcher keeps its own duplicate of the descriptor, so the original may be closed at any time; the open file stays in use
 * until {@link close}. The open file becomes non-blocking. An error thrown by the callback is an uncaught exception.
 */
export class Watcher implements Disposable {
  #handle: WatcherHandle | undefined;

  /**
   * @param fd - an eventfd, socket, pipe or the like
   * @param events - {@link WATCH_READABLE}, {@link WATCH_WRITABLE} or both
   * @param callback - receives the events that hold and 0; or 0 and a positive errno (EBADF: the descriptor reports an error,
   *   and the watcher has stopped)
   * @throws {@link SysError} EBADF; EPERM for a regular file or directory, which is always ready; EMFILE
   */
  constructor(fd: FdLike, events: number, callback: (events: number, error: number) => void) {
    checkInt(events, 'events', 1, WATCH_READABLE | WATCH_WRITABLE);
    if (typeof callback !== 'function') throw new TypeError('callback is not a function');
    const handle = binding.watch(fdOf(fd), events, callback);
    if (typeof handle === 'number') {
      check(handle, 'epoll_ctl');
      throw new TypeError('watch: no handle');
    }
    this.#handle = handle;
  }

  /** Keeps the event loop alive, as a new watcher does. */
  ref(): void {
    if (this.#handle) binding.watchRef(this.#handle, true);
  }

  /** Lets the event loop end although the watcher is open. */
  unref(): void {
    if (this.#handle) binding.watchRef(this.#handle, false);
  }

  /** Stops watching: no callback begins after this. Idempotent. */
  close(): void {
    if (this.#handle) binding.unwatch(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
