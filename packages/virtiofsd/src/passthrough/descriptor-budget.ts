import type { Logger } from '../log.js';

/**
 * How many more descriptors may be spent on the guest. It ends before the limit of the process does, so that the
 * daemon always has some for itself.
 */
export class DescriptorBudget {
  #left: number;
  #reported = false;
  readonly #total: number;
  readonly #log: Logger;

  constructor(total: number, log: Logger) {
    this.#total = total;
    this.#left = total;
    this.#log = log;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes that many; false, and nothing taken, when there are fewer: the guest is to be told that as ENFILE. */
  take(count = 1): boolean {
    if (this.#left >= count) {
      this.#left -= count;
      return true;
    }
    if (!this.#reported) {
      this.#reported = true;
      this.#log.error(
        `the guest uses all ${this.#total} descriptors: it gets ENFILE until it closes files; raise the limit of open files (ulimit -n)`,
      );
    }
    return false;
  }

  give(count = 1): void {
    this.#left += count;
  }
}
