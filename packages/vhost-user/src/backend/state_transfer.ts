import {
  EAGAIN,
  getStatusFlags,
  MappedMemory,
  O_NONBLOCK,
  raw,
  SegmentList,
  SysError,
  setStatusFlags,
  WATCH_READABLE,
  WATCH_WRITABLE,
  Watcher,
} from '@vfs/sys';
import { UsageError } from '../errors.js';

/** Bytes moved by one system call. */
const CHUNK = 64 * 1024;
/** Largest state accepted, in bytes: a front-end must not fill this process. */
export const MAX_STATE_SIZE = 256 * 1024 * 1024;

/**
 * One transfer of a device's state through a pipe or file that the front-end gave (specification: "Migrating back-end
 * state"). It owns the descriptor, and works while the event loop goes on.
 */
export class StateTransfer implements Disposable {
  /** Settles when the transfer is over. */
  readonly done: Promise<void>;
  readonly #fd: number;
  readonly #memory = MappedMemory.anonymous(CHUNK);
  readonly #window = this.#memory.windows[0]!;
  readonly #list = new SegmentList(1);
  #watcher: Watcher | undefined;
  #wake: (() => void) | undefined;
  #aborted = false;
  #open = true;

  /** @param work - {@link write} or {@link readAll}, and what belongs to it; the descriptor is closed when it settles */
  constructor(fd: number, work: (transfer: StateTransfer) => Promise<void>) {
    this.#fd = fd;
    try {
      setStatusFlags(fd, getStatusFlags(fd) | O_NONBLOCK);
    } catch (error) {
      this.#close();
      throw error;
    }
    this.done = work(this).finally(() => this.#close());
    // Whoever asks for the result sees the error; nobody has to.
    this.done.catch(() => {});
  }

  /** Writes all of `bytes`. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(CHUNK, bytes.length - at);
      this.#window.u8.set(bytes.subarray(at, at + length));
      at += await this.#attempt('pwritev2', WATCH_WRITABLE, length);
    }
  }

  /** Everything up to the end. @throws UsageError EXHAUSTED beyond {@link MAX_STATE_SIZE} */
  async readAll(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const length = await this.#attempt('preadv2', WATCH_READABLE, CHUNK);
      if (length === 0) return Buffer.concat(chunks);
      total += length;
      if (total > MAX_STATE_SIZE) {
        throw new UsageError('EXHAUSTED', `a device state of more than ${MAX_STATE_SIZE} bytes`);
      }
      chunks.push(this.#window.u8.slice(0, length));
    }
  }

  /** Gives up: the transfer fails. Idempotent. */
  abort(): void {
    this.#aborted = true;
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.abort();
  }

  /** One system call, as soon as it does not block. */
  async #attempt(call: 'preadv2' | 'pwritev2', event: number, length: number): Promise<number> {
    const list = this.#list;
    for (;;) {
      if (this.#aborted) throw new UsageError('DISCONNECTED', 'the transfer was given up');
      list.clear();
      list.add(this.#window, 0, length);
      const result = raw[call](this.#fd, list.tableWindow, list.tableOffset, 1, 0, length, -1, -1, 0);
      if (result >= 0) return result;
      if (result !== -EAGAIN) throw new SysError(-result, call);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#watcher = new Watcher(this.#fd, event, () => resolve());
      });
      this.#watcher?.close();
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watcher?.close();
    raw.close(this.#fd);
    this.#memory.unmap();
  }
}
