import { EAGAIN, MappedMemory, raw, SysError, WATCH_READABLE, Watcher } from '@vfs/sys';
import { ProtocolError } from './errors.js';

const counter = MappedMemory.anonymous(8).windows[0]!;

/** An eventfd that the front-end gave us. It owns the descriptor. */
export class EventDescriptor implements Disposable {
  #fd: number;
  #watcher: Watcher | undefined;

  /**
   * @param fd - owned from here on, even when the constructor throws
   * @throws ProtocolError BAD_DESCRIPTORS for a descriptor that cannot signal anything, such as a file
   */
  constructor(what: string, fd: number) {
    this.#fd = fd;
    try {
      // Watching makes it non-blocking: a write to it must never stop this process, whatever was passed for an eventfd.
      new Watcher(fd, WATCH_READABLE, () => {}).close();
    } catch (error) {
      raw.close(fd);
      if (!(error instanceof SysError)) throw error;
      throw new ProtocolError('BAD_DESCRIPTORS', `${what} is no eventfd: ${error.message}`, { cause: error });
    }
  }

  /** Adds 1. A counter that is full says the same, and a broken descriptor has nobody to tell. */
  signal(): void {
    raw.eventfdWrite(this.#fd, 1);
  }

  /** Takes what was signaled: 0, or −errno when it cannot be read. Nothing to take is fine. */
  drain(): number {
    const result = raw.eventfdRead(this.#fd, counter.id, 0);
    return result === -EAGAIN ? 0 : result;
  }

  /** Calls back whenever the counter is not 0; `error` is a positive errno when watching had to stop. */
  watch(callback: (error: number) => void): void {
    this.#watcher ??= new Watcher(this.#fd, WATCH_READABLE, (_events, error) => callback(error));
  }

  unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Idempotent. */
  close(): void {
    if (this.#fd < 0) return;
    this.unwatch();
    raw.close(this.#fd);
    this.#fd = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
