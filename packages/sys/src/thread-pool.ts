import { binding, type PoolHandle, raw } from './binding.js';
import { EAGAIN, ECANCELED } from './constants/errno.js';
import { check } from './errors.js';
import { MappedMemory, type MemoryWindow } from './memory.js';
import type { Raw } from './raw.js';
import { checkInt } from './u64.js';
import { WATCH_READABLE, Watcher } from './watcher.js';

/** Words of a job: token, position of the call, last argument of the attempt, number of arguments, room for nine. */
const JOB_WORDS = 13;
const MAX_ARGS = 9;
/** Jobs that are handed over at once, and results that are taken at once. */
const BATCH = 256;
/** Where the results go: behind the jobs. */
const RESULTS = BATCH * JOB_WORDS * 4;

/** The addon knows a call by its position among the exports. */
const positions = new Map(Object.keys(raw).map((name, position) => [name as keyof Raw, position]));

/** Receives the result of a call: its value, or −errno; −ECANCELED when the pool was closed first. */
export type Done = (result: number) => void;

/** How a pool is made. */
export interface ThreadPoolOptions {
  /** Threads, 1 to 256: as many calls can block at once. @default 4 */
  readonly threads?: number;
  /** Called after results have been handed out, once for all that were there. @default nothing is */
  readonly afterResults?: () => void;
}

/**
 * Runs raw calls that may block on threads of the addon, and hands their results to the event loop: one eventfd and one turn
 * of the loop for all that are ready.
 *
 * Calls are collected and handed over together at the end of the current turn, or by {@link flush}. Their places must stay
 * theirs until the result is there: keep the windows reachable and what they contain unchanged. Unmapping earlier is safe; the
 * call then answers −EFAULT or works on memory that nobody sees any more.
 *
 * The threads have the identity, capabilities and namespaces of the thread that makes the pool, at that time. A call whose
 * effect belongs to its thread, such as setresuid, is refused.
 *
 * Outstanding calls keep the event loop alive, until {@link unref}; an idle pool does not.
 */
export class ThreadPool implements Disposable {
  readonly #handle: PoolHandle;
  readonly #watcher: Watcher;
  readonly #memory: MappedMemory;
  readonly #window: MemoryWindow;
  readonly #words: Int32Array;
  /** Callbacks by token. */
  readonly #done: (Done | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #afterResults: (() => void) | undefined;
  #waiting = 0;
  #outstanding = 0;
  #closed = false;
  #flushing = false;
  #keepsAlive = true;
  readonly #flushLater = (): void => {
    this.#flushing = false;
    if (!this.#closed) this.flush();
  };

  /** @throws {@link SysError} EAGAIN when there cannot be so many threads, EMFILE; RangeError */
  constructor({ threads = 4, afterResults }: ThreadPoolOptions = {}) {
    checkInt(threads, 'threads', 1, 256);
    this.#afterResults = afterResults;
    const handle = binding.poolOpen(threads);
    if (typeof handle === 'number') {
      check(handle, 'pthread_create');
      throw new TypeError('poolOpen: no handle');
    }
    this.#handle = handle;
    this.#memory = MappedMemory.anonymous(RESULTS + BATCH * 8);
    this.#window = this.#memory.windows[0]!;
    this.#words = this.#window.i32;
    this.#watcher = new Watcher(binding.poolDescriptor(handle), WATCH_READABLE, () => this.#reap());
    this.#watcher.unref();
  }

  /** Calls that have no result yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /**
   * Queues a raw call.
   *
   * @param args - its arguments, each an int32 or u32; copied at once
   * @param done - called with its result, in a later turn of the event loop; −EINVAL for a wrong number of arguments, or a call
   *   that must not leave its thread
   * @param attempt - what to give for the last argument in a first attempt, which then does not wait, but has what the call needs begun, as
   *   RWF_NOWAIT does with preadv2. If that is EAGAIN, the call is made as it is. Such calls share a few threads as long as these keep up with
   *   them: most of them need not wait any more when their turn comes. @default 0: no attempt; a thread is woken for the call
   * @throws {@link SysError} EAGAIN when 65536 calls wait, ECANCELED after close()
   * @throws RangeError for a call or more arguments than there are
   */
  submit(call: keyof Raw, args: ArrayLike<number>, done: Done, attempt = 0): void {
    if (this.#closed) check(-ECANCELED, call);
    const position = positions.get(call);
    if (position === undefined) throw new RangeError(`there is no raw call '${String(call)}'`);
    if (args.length > MAX_ARGS)
      throw new RangeError(`${args.length} arguments, expected at most ${MAX_ARGS}`);
    if (typeof done !== 'function') throw new TypeError('done is not a function');
    if (this.#waiting === BATCH) {
      this.flush();
      if (this.#waiting === BATCH) check(-EAGAIN, call);
    }
    const token = this.#free.pop() ?? this.#done.length;
    this.#done[token] = done;
    const words = this.#words;
    let at = this.#waiting * JOB_WORDS;
    words[at++] = token;
    words[at++] = position;
    words[at++] = attempt;
    words[at++] = args.length;
    for (let i = 0; i < args.length; i++) words[at + i] = args[i]!;
    this.#waiting++;
    if (this.#outstanding++ === 0 && this.#keepsAlive) this.#watcher.ref();
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(this.#flushLater);
    }
  }

  /** {@link submit} as a promise of the result: the value, or −errno. */
  run<K extends keyof Raw>(call: K, ...args: Parameters<Raw[K]>): Promise<number> {
    return new Promise((resolve) => this.submit(call, args, resolve));
  }

  /** Hands what was queued to the threads now. What does not fit is handed over after the next results. */
  flush(): void {
    if (this.#waiting === 0) return;
    const result = binding.poolSubmit(this.#handle, this.#window.id, 0, this.#waiting);
    if (result === -EAGAIN) return;
    this.#waiting = 0;
    check(result, 'poolSubmit');
  }

  /** From now on outstanding calls do not keep the event loop alive either. */
  unref(): void {
    this.#keepsAlive = false;
    if (!this.#closed) this.#watcher.unref();
  }

  /**
   * Ends the pool: outstanding calls answer −ECANCELED at once. What waits is not begun, what has begun runs on unseen, and its
   * thread ends with it. Idempotent.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    binding.poolClose(this.#handle);
    this.#watcher.close();
    this.#memory.unmap();
    for (const [token, done] of this.#done.entries()) {
      if (done) this.#settle(token, -ECANCELED);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #reap(): void {
    const words = this.#words;
    while (!this.#closed) {
      const count = binding.poolReap(this.#handle, this.#window.id, RESULTS, BATCH);
      const end = RESULTS / 4 + 2 * count;
      // A callback may close the pool; then all have their results, and there is nothing to be read here.
      for (let at = RESULTS / 4; at < end && !this.#closed; at += 2) this.#settle(words[at]!, words[at + 1]!);
      if (count < BATCH) break;
    }
    this.#afterResults?.();
    if (!this.#closed) this.flush();
  }

  #settle(token: number, result: number): void {
    const done = this.#done[token];
    // Closed by the callback of an earlier result.
    if (done === undefined) return;
    this.#done[token] = undefined;
    this.#free.push(token);
    if (--this.#outstanding === 0 && !this.#closed) this.#watcher.unref();
    try {
      done(result);
    } catch (error) {
      // An uncaught exception, but the other results still arrive.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
