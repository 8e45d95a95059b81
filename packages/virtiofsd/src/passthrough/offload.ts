import { type Raw, raw, ThreadPool } from '@vfs/sys';
import type { LateRead } from './late-read.js';
import { unpinNode } from './node-descriptors.js';
import type { Share } from './share.js';
import { WritePace } from './write-pace.js';

/** The result of a call, at once or from the pool. */
export type CallOutcome = number | Promise<number>;

/** Closes that are handed to the threads at a time: more would take the place of calls that somebody waits for. */
const CLOSES_AT_ONCE = 1024;
/** More threads than this would not make a disk faster. */
const MOST_THREADS = 256;

/**
 * The threads of a share that wait for disks while the main thread goes on.
 *
 * How many calls can be outstanding is bounded by how many requests the guest can have in flight. They outlive the share if
 * they must: a call cannot be taken back, and closing its file under it would let it hit another one.
 */
export class CallPool implements Disposable {
  readonly pace = new WritePace();
  /** Of reads that have ended: to be used again. */
  readonly reads: LateRead[] = [];
  readonly #threads: ThreadPool;
  /** Descriptors that are to be closed as soon as there is room for that. */
  readonly #closes = new Map<number, (result: number) => void>();
  /** How many closes the threads have. */
  #closing = 0;
  #retired = false;

  /** The threads get the identity, capabilities and root that the process has now. @throws SysError EAGAIN */
  constructor(threads: number) {
    this.#threads = new ThreadPool({
      threads: Math.min(threads, MOST_THREADS),
      afterResults: () => this.#tidy(),
    });
  }

  /** Calls that have no result yet. */
  get outstanding(): number {
    return this.#threads.outstanding + this.#closes.size;
  }

  run<K extends keyof Raw>(call: K, ...args: Parameters<Raw[K]>): Promise<number> {
    return new Promise((resolve) => this.#threads.submit(call, args, resolve));
  }

  /** As {@link run}, with a function for the result. See `ThreadPool.submit` of @vfs/sys. */
  submit(call: keyof Raw, args: ArrayLike<number>, done: (result: number) => void, attempt = 0): void {
    this.#threads.submit(call, args, done, attempt);
  }

  /**
   * Closes a descriptor: the result of close(2). There may be as many as the guest had files open, while the threads wait for a file system
   * that does not answer; so most of them wait here, where they are in nobody's way.
   */
  close(descriptor: number): Promise<number> {
    return new Promise((resolve) => {
      this.#closes.set(descriptor, resolve);
      this.#closeNext();
    });
  }

  #closeNext(): void {
    for (const [descriptor, resolve] of this.#closes) {
      if (this.#closing >= CLOSES_AT_ONCE) return;
      try {
        this.#threads.submit('close', [descriptor], (result) => {
          this.#closing--;
          resolve(result);
        });
      } catch {
        // There is no room among the jobs of the threads: the next result makes some.
        return;
      }
      this.#closes.delete(descriptor);
      this.#closing++;
    }
  }

  /** Ends the threads as soon as they have nothing to do. The process does not wait for that. */
  [Symbol.dispose](): void {
    this.#retired = true;
    this.#threads.unref();
    this.#closeWhenIdle();
  }

  /** Results have made room. */
  #tidy(): void {
    if (this.#closes.size > 0) this.#closeNext();
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#retired && this.outstanding === 0) this.#threads.close();
  }
}

/**
 * Makes a raw call that may take long, on the thread pool if there is one. `descriptor`, the one that it works on, stays
 * open until then, whatever the guest closes or forgets; so must what the other arguments stand for.
 */
export function offload<K extends keyof Raw>(
  share: Share,
  descriptor: number,
  call: K,
  ...args: Parameters<Raw[K]>
): CallOutcome {
  const { pool } = share;
  if (pool === undefined) return (raw[call] as (...args: number[]) => number)(...args);
  return whilePinned(share, descriptor, () => pool.run(call, ...args));
}

/** Does something that takes several turns of the event loop, and keeps a descriptor open until it is done. */
export async function whilePinned(
  share: Share,
  descriptor: number,
  work: () => Promise<number>,
): Promise<number> {
  share.pins.pin(descriptor);
  try {
    return await work();
  } finally {
    unpinNode(share, descriptor);
  }
}
