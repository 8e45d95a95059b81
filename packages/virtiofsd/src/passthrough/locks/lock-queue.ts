import { EINTR } from '@vfs/sys';
import type { ByteRange } from './byte-ranges.js';
import { TAKEN_HERE, TAKEN_OUTSIDE } from './file-locks.js';

/**
 * So many requests of a guest may wait for locks. Each keeps a place in the guest's queue, and those who would give the locks up need
 * some too: Linux makes them 128 or more.
 */
export const MAX_WAITING = 64;
/** How long to wait before a lock of somebody outside is tried again, in milliseconds: from the first time on twice as long each time. */
const FIRST_DELAY = 1;
const LONGEST_DELAY = 100;

/** A request that waits for a lock. */
export interface LockRequest {
  readonly node: number;
  /** Id of the handle. */
  readonly handle: number;
  /** Tries once more: 0, TAKEN_HERE, TAKEN_OUTSIDE or −errno. */
  attempt(): number;
  /** For POSIX locks, of which one may wait for the other in a circle. */
  readonly record?: { readonly owner: bigint; readonly wanted: ByteRange };
}

/** The part of a request's context that waiting needs. */
export interface Cancelable {
  onCancel: (() => void) | undefined;
}

interface Waiting {
  readonly request: LockRequest;
  readonly settle: (result: number) => void;
  /** Somebody who will not tell us is in the way. */
  outside: boolean;
}

/** The requests that wait for locks, first come, first served. They block nobody. */
export class LockQueue {
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #delay = FIRST_DELAY;

  get size(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#waiting.size >= MAX_WAITING;
  }

  *[Symbol.iterator](): Generator<LockRequest> {
    for (const { request } of this.#waiting) yield request;
  }

  /** Waits for a lock that was just tried in vain, with that result: its own result, later. */
  wait(context: Cancelable, request: LockRequest, result: number): Promise<number> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        request,
        outside: result === TAKEN_OUTSIDE,
        settle: (result) => {
          this.#waiting.delete(waiting);
          context.onCancel = undefined;
          resolve(result);
        },
      };
      context.onCancel = () => waiting.settle(-EINTR);
      this.#waiting.add(waiting);
      this.#delay = FIRST_DELAY;
      this.#schedule();
    });
  }

  /** Something on a file may have become free. */
  wake(node: number): void {
    if (this.#waiting.size === 0) return;
    this.#retry(({ request }) => request.node === node);
    this.#schedule();
  }

  /** Ends the waiting of those who meet a condition. */
  cancel(which: (request: LockRequest) => boolean, result: number): void {
    for (const { request, settle } of [...this.#waiting]) if (which(request)) settle(result);
  }

  #retry(which: (waiting: Waiting) => boolean): void {
    // Whoever gets a lock may give up a stronger one for it, so that the next round has more to give.
    for (let granted = true; granted; ) {
      granted = false;
      for (const waiting of [...this.#waiting]) {
        if (!this.#waiting.has(waiting) || !which(waiting)) continue;
        const result = waiting.request.attempt();
        waiting.outside = result === TAKEN_OUTSIDE;
        if (waiting.outside || result === TAKEN_HERE) continue;
        waiting.settle(result);
        granted = true;
      }
    }
  }

  /** Keeps a timer for as long as somebody outside is waited for. */
  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (![...this.#waiting].some(({ outside }) => outside)) return;
    this.#timer = setTimeout(() => {
      this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
      this.#retry(({ outside }) => outside);
      this.#schedule();
    }, this.#delay).unref();
  }
}
