import { type PolledRing, type PollTime, RealTime } from './poll_time.js';

/** Longest time that may be polled for, in microseconds: beyond it, waiting for a kick costs less than it saves. */
export const MAX_POLL_MICROSECONDS = 1000;
/** The event loop gets its turn at least this often while rings are polled, in microseconds. */
const TURN = 100;
/** The same while there is work all the time: so often are the rings served in a turn. */
const ROUNDS = 32;
/** The shortest window but none, as a part of the longest. */
const SMALLEST = 1 / 8;

/**
 * Looks at the rings of a device for a while after one of them has run empty, before the drivers are asked for kicks
 * again: a driver that answers quickly needs none then, and is served without the way through the kernel.
 *
 * How long it looks adapts itself: to the time between the end of work and the next kick, as long as that is within the limit.
 * With a driver that takes its time it does not look at all. It looks in turns, between which the event loop goes on, so
 * that sockets, timers and completions wait no longer than one turn.
 */
export class Poller {
  readonly #limit: number;
  readonly #rings: () => readonly PolledRing[];
  readonly #time: PollTime;
  #window = 0;
  /** When a ring ran empty last. */
  #emptied = Number.NEGATIVE_INFINITY;
  #turn: NodeJS.Immediate | undefined;
  #looking = false;

  /**
   * @param limit - microseconds to look for at most; 0: never
   * @param rings - of the device
   */
  constructor(limit: number, rings: () => readonly PolledRing[], time: PollTime = new RealTime()) {
    this.#limit = limit;
    this.#rings = rings;
    this.#time = time;
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
    if (this.#time.now() - this.#emptied <= this.#limit) {
      this.#window = Math.min(this.#limit, Math.max(smallest, 2 * this.#window));
    } else {
      this.#window = this.#window <= smallest ? 0 : this.#window / 2;
    }
  }

  /** A ring has run empty. @returns true when it is looked at from here on; false when it is to {@link PolledRing.rest} */
  emptied(): boolean {
    if (this.#limit === 0) return false;
    this.#emptied = this.#time.now();
    if (this.#window === 0) return false;
    this.#turn ??= setImmediate(this.#look);
    return true;
  }

  /** A ring has been served outside of a turn: begins with the first one at once, if there is to be one. */
  linger(): void {
    if (this.#turn !== undefined && !this.#looking) this.#look();
  }

  /** Ends looking; rings are left as they are. */
  close(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  readonly #look = (): void => {
    clearImmediate(this.#turn);
    this.#turn = setImmediate(this.#look);
    this.#looking = true;
    try {
      this.#lookForOneTurn();
    } finally {
      this.#looking = false;
    }
  };

  #lookForOneTurn(): void {
    const rings = this.#rings();
    const end = this.#time.now() + TURN;
    for (let round = 0; round < ROUNDS && this.polling; round++) {
      let found = false;
      for (const ring of rings) {
        if (!ring.available) continue;
        found = true;
        ring.serve();
      }
      if (found) continue;
      const now = this.#time.now();
      const left = this.#emptied + this.#window - now;
      if (left <= 0) {
        this.close();
        for (const ring of rings) ring.rest();
        return;
      }
      if (now >= end) return;
      this.#time.spin(rings, Math.min(left, end - now));
    }
  }
}
