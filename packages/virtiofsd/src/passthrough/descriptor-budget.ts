import type { Logger } from '../log.js';

/** What handles leave to nodes, which need some to work with at all. */
const FOR_NODES = 32;

/**
 * How many more descriptors may be spent on the guest. It ends before the limit of the process does, so that the
 * daemon always has some for itself.
 */
export class DescriptorBudget {
  #used = 0;
  #reported = false;
  readonly #total: number;
  readonly #log: Logger;

  constructor(total: number, log: Logger) {
    this.#total = total;
    this.#log = log;
  }

  /** How many handles there may be. */
  get forHandles(): number {
    return this.#total >= 2 * FOR_NODES ? this.#total - FOR_NODES : this.#total;
  }

  /** How many are in use. */
  get used(): number {
    return this.#used;
  }

  get left(): number {
    return this.#total - this.#used;
  }

  /** Takes that many; false, and nothing taken, when there are fewer: the guest is to be told that as ENFILE. */
  take(count = 1): boolean {
    if (this.left >= count) {
      this.#used += count;
      return true;
    }
    this.reportUsedUp();
    return false;
  }

  /** Says, once, that the guest gets ENFILE. */
  reportUsedUp(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#log.error(
      `the guest uses all ${this.#total} descriptors: it gets ENFILE until it closes files; raise the limit of open files (ulimit -n)`,
    );
  }

  give(count = 1): void {
    this.#used -= count;
  }
}
