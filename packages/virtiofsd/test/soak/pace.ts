import { setTimeout } from 'node:timers/promises';

const PERIOD = 400;
const LEAST = 5;

/**
 * Lets work happen for a part of each period only, so that it takes a given share of one processor: it is to go on for hours beside
 * other things.
 */
export class Pace {
  #open = PERIOD / 4;
  #gate: Promise<void> = Promise.resolve();
  #ended = false;
  readonly #done: Promise<void>;

  /**
   * @param share - of one processor; 1 or more: as fast as it goes
   * @param spent - seconds of processor time that the work has taken so far
   */
  constructor(share: number, spent: () => number) {
    this.#done = share < 1 ? this.#pace(share, spent) : Promise.resolve();
  }

  /** Waits until it is time to work. */
  ready(): Promise<void> {
    return this.#gate;
  }

  /** From now on nobody waits. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#done;
  }

  async #pace(share: number, spent: () => number): Promise<void> {
    while (!this.#ended) {
      const began = performance.now();
      const before = spent();
      await setTimeout(this.#open);
      let open = () => {};
      this.#gate = new Promise((resolve) => {
        open = resolve;
      });
      await setTimeout(Math.max(PERIOD - this.#open, 0));
      const used = Math.max(spent() - before, 0.001) / ((performance.now() - began) / 1000);
      this.#open = Math.min(Math.max(this.#open * Math.min(Math.max(share / used, 0.5), 2), LEAST), PERIOD);
      open();
    }
  }
}
