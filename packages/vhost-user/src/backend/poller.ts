/** Longest time that may be polled for, in microseconds: beyond it, waiting for a kick costs less than it saves. */
export const MAX_POLL_MICROSECONDS = 1000;
/** The event loop gets its turn at least this often while rings are polled, in microseconds. */
const SLICE = 10;
/** The shortest window but none, as a part of the longest. */
const SMALLEST = 1 / 8;

/** A ring as the {@link Poller} sees it. */
export interface PolledRing {
  /** Serve would find something. False while the ring is not to be served. */
  readonly available: boolean;
  /** Serves a bounded amount, and calls {@link Poller.emptied} when nothing is left. */
  serve(): void;
  /** Asks the driver for a kick, and serves what it had added before it could know. */
  rest(): void;
}

/**
 * Looks at the rings of a device for a while after one of them has run empty, before the drivers are asked for kicks
 * again: a driver that answers quickly needs none then, and is served without the way through the kernel.
 *
 * How long it looks adapts itself: to the time between the end of work and the next kick, as long as that is within the limit.
 * With a driver that takes its time it does not look at all. It looks in slices, between which the event loop goes on, so
 * that sockets, timers and completions wait no longer than one slice.
 */
export class Poller {
  readonly #limit: number;
  readonly #rings: () => readonly PolledRing[];
  readonly #clock: () => number;
  #window = 0;
  /** When a ring ran empty last. */
  #emptied = Number.NEGATIVE_INFINITY;
  #turn: NodeJS.Immediate | undefined;

  /**
   * @param limit - microseconds to look for at most; 0: never
   * @param rings - of the device
   * @param clock - the time in microseconds
   */
  constructor(limit: number, rings: () => readonly PolledRing[], clock = microseconds) {
    this.#limit = limit;
    this.#rings = rings;
    this.#clock = clock;
  }

  /** Microseconds to look for, at present. */
  get window(): number {
    return this.#window;
  }

  /** Rings are being looked at. */
  get polling(): boolean {
    return this.#turn !== undefined;
  }

  /** A kick has come: if looking a little longer would have spared it, the next time we do. */
  kicked(): void {
    if (this.#limit === 0 || this.polling) return;
    const smallest = this.#limit * SMALLEST;
    if (this.#clock() - this.#emptied <= this.#limit) {
      this.#window = Math.min(this.#limit, Math.max(smallest, 2 * this.#window));
    } else {
      this.#window = this.#window <= smallest ? 0 : this.#window / 2;
    }
  }

  /** A ring has run empty. @returns true when it is looked at from here on; false when it is to {@link PolledRing.rest} */
  emptied(): boolean {
    if (this.#limit === 0) return false;
    this.#emptied = this.#clock();
    if (this.#window === 0) return false;
    this.#turn ??= setImmediate(this.#look);
    return true;
  }

  /** Ends looking; rings are left as they are. */
  close(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  readonly #look = (): void => {
    this.#turn = setImmediate(this.#look);
    const rings = this.#rings();
    const slice = this.#clock() + SLICE;
    let now: number;
    do {
      let found = false;
      for (const ring of rings) {
        if (!ring.available) continue;
        found = true;
        ring.serve();
      }
      if (found) return;
      now = this.#clock();
      if (now - this.#emptied >= this.#window) {
        this.close();
        for (const ring of rings) ring.rest();
        return;
      }
    } while (now < slice);
  };
}

function microseconds(): number {
  return performance.now() * 1000;
}
