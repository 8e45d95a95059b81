import { MappedMemory, type MemoryWindow, MonotonicClock, raw } from '@vfs/sys';
import type { RingPlace } from '../ring/virtqueue.js';

/** A ring as the `Poller` sees it. */
export interface PolledRing {
  /** Serve would find something. False while the ring is not to be served. */
  readonly available: boolean;
  /** Where the driver says how many chains it has made available; undefined when there is no such place, or the ring is not served. */
  readonly watched: RingPlace | undefined;
  /** What is at {@link watched} as long as nothing is available. */
  readonly expected: number;
  /** Serves a bounded amount, and calls `Poller.emptied` when nothing is left. */
  serve(): void;
  /** Asks the driver for a kick, and serves what it had added before it could know. */
  rest(): void;
}

/** How a `Poller` knows and spends time. */
export interface PollTime {
  /** Microseconds since some moment. */
  now(): number;
  /** Returns when something is available on one of the rings, or when the time is over. */
  spin(rings: readonly PolledRing[], microseconds: number): void;
}

/** Rings that are watched natively at a time; beyond it, only the first ones are until the next turn. */
const MOST_WATCHED = 64;
const WORDS = 3;

/** The time of this machine. */
export class RealTime implements PollTime {
  #list: MemoryWindow | undefined;

  now(): number {
    return MonotonicClock.now() / 1000;
  }

  spin(rings: readonly PolledRing[], microseconds: number): void {
    this.#list ??= MappedMemory.anonymous(MOST_WATCHED * WORDS * 4).windows[0]!;
    const { u32, id } = this.#list;
    let count = 0;
    let others = false;
    for (const ring of rings) {
      const { watched } = ring;
      if (watched === undefined) {
        others ||= ring.available;
      } else if (count < MOST_WATCHED) {
        const at = count++ * WORDS;
        u32[at] = watched.window.id;
        u32[at + 1] = watched.offset;
        u32[at + 2] = ring.expected;
      }
    }
    if (!others) raw.spinWhileEqual(id, 0, count, microseconds * 1000);
  }
}
