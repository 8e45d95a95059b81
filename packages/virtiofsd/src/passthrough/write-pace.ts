/** Longer than a write takes that only copies into the page cache, in milliseconds. */
const SLOW = 2;
/** How long the file system is not trusted after a slow one, in milliseconds. */
const WARY = 1000;

/**
 * Whether buffered writes are worth making on the main thread.
 *
 * ext4, for one, cannot say whether a write would wait (RWF_NOWAIT is EOPNOTSUPP). It hardly ever does, and the way to another
 * thread and back costs twenty times a small write. But when the kernel throttles writers, or a page has to be read
 * before a part of it is written, it does: after one such write the others go to the pool for a while.
 */
export class WritePace {
  #waryUntil = Number.NEGATIVE_INFINITY;

  get isGood(): boolean {
    return performance.now() >= this.#waryUntil;
  }

  /** A write that was begun at `begun` (of `performance.now()`) is over. */
  learn(begun: number): void {
    const now = performance.now();
    if (now - begun > SLOW) this.#waryUntil = now + WARY;
  }
}
