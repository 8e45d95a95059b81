import {
  AT_POSITION,
  check,
  MappedMemory,
  O_CLOEXEC,
  O_NONBLOCK,
  OwnedFd,
  raw,
  readvAt,
  SysError,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import type { LineSink } from '../log.js';

/** What is taken of a line that does not end. */
const LONGEST = 8192;
const CHUNK = 16_384;

/**
 * A pipe whose lines go to a sink: what a worker writes to its standard error, whether that is its log or what Node says about
 * its end. A writer is never kept waiting: what does not fit into the pipe is lost to it.
 */
export class LineRelay implements Disposable {
  readonly #sink: LineSink;
  readonly #read: OwnedFd;
  readonly #write: OwnedFd;
  readonly #watcher: Watcher;
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  #begun = '';

  /** @throws SysError EMFILE */
  constructor(sink: LineSink) {
    this.#sink = sink;
    [this.#read, this.#write] = pipe();
    this.#watcher = new Watcher(this.#read, WATCH_READABLE, () => this.#receive());
    this.#watcher.unref();
  }

  /** The end to write to, for a child. −1 once {@link handedOver}. */
  get fd(): number {
    return this.#write.fd;
  }

  /** The child has its own descriptor of {@link fd}. */
  handedOver(): void {
    this.#write.close();
  }

  /** Passes on what is still in the pipe, and closes it. Idempotent. */
  [Symbol.dispose](): void {
    this.#write.close();
    if (this.#read.fd < 0) return;
    while (this.#receive());
    this.#close();
  }

  /** @returns false when there is nothing more for now */
  #receive(): boolean {
    if (this.#read.fd < 0) return false;
    let length: number;
    try {
      length = readvAt(this.#read, [this.#chunk], AT_POSITION);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code !== 'EAGAIN') this.#close();
      return false;
    }
    if (length === 0) {
      this.#close();
      return false;
    }
    // Byte by byte, as it came: a character may be in two pieces.
    const lines = (this.#begun + this.#chunk.toString('latin1', 0, length)).split('\n');
    this.#begun = lines.pop()!;
    for (const line of lines) this.#pass(line);
    if (this.#begun.length > LONGEST) {
      this.#pass(this.#begun);
      this.#begun = '';
    }
    return true;
  }

  #pass(line: string): void {
    if (line !== '') this.#sink(`${Buffer.from(line, 'latin1').toString()}\n`);
  }

  #close(): void {
    this.#pass(this.#begun);
    this.#begun = '';
    this.#watcher.close();
    this.#read.close();
  }
}

function pipe(): [read: OwnedFd, write: OwnedFd] {
  const memory = MappedMemory.anonymous(8);
  try {
    const { id, i32 } = memory.windows[0]!;
    check(raw.pipe2(id, 0, O_CLOEXEC | O_NONBLOCK), 'pipe2');
    return [new OwnedFd(i32[0]!), new OwnedFd(i32[1]!)];
  } finally {
    memory.unmap();
  }
}
