/** So many lines may come at once. */
const BURST = 200;
/** After that, as many in a second. */
const PER_SECOND = 2;

/**
 * How many lines may be logged: what a guest or a front-end does wrong, it can do wrong a million times, and the disk
 * that holds the log belongs to others.
 */
export class LineLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #time = now();
  #leftOut = 0;

  constructor(burst = BURST, perSecond = PER_SECOND) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Whether a line may be written now; one that may not is counted. */
  take(): boolean {
    const time = now();
    this.#left = Math.min(this.#burst, this.#left + (time - this.#time) * this.#perSecond);
    this.#time = time;
    if (this.#left < 1) {
      this.#leftOut++;
      return false;
    }
    this.#left--;
    return true;
  }

  /** How many lines were left out since this was asked last. */
  takeLeftOut(): number {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count;
  }
}

/** In seconds. Node loads `performance` when it is first used, which a start need not wait for. */
function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
