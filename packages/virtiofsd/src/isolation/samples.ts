/** How long the worker may take, in milliseconds: it may be waiting for a disk. */
const PATIENCE = 1000;

/** Asks the worker to bring its gauges up to date, one question at a time: one that hears none is not sent more. */
export class Samples {
  readonly #send: () => void;
  readonly #patience: number;
  /** A question has not been answered. */
  #asked = false;
  #ended = false;
  #waiting: ((answered: boolean) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => void, patience = PATIENCE) {
    this.#send = send;
    this.#patience = patience;
  }

  /** @returns false when the answer did not come in time */
  ask(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#timer ??= setTimeout(() => this.#settle(false), this.#patience);
      if (this.#asked) return;
      this.#asked = true;
      this.#send();
    });
  }

  answered(): void {
    this.#asked = false;
    this.#settle(true);
  }

  /** There will be no answer any more. */
  end(): void {
    this.#ended = true;
    this.#settle(false);
  }

  #settle(answered: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve(answered);
  }
}
