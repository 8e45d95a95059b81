/**
 * A result that comes later at less cost than a Promise's: who settles it calls who waits for it, and it can be used again. For a file
 * system that leaves many requests to others, one at a time each; where requests are few, a Promise does as well.
 *
 * Returned from a method, it is settled once, before or after the session has come to listen. To whoever wants to `await` it, it is as
 * good as a Promise, until it has been settled.
 */
export class Later implements PromiseLike<number> {
  #listener: ((outcome: number) => void) | undefined;
  /** For those who have asked for a Promise. */
  #promise: Promise<number> | undefined;
  #outcome = 0;
  #settled = false;

  /**
   * Gives the result: what a method may return as a number.
   *
   * @returns true when the one who waits has it, so that the object may be returned from another call; false when it has not been asked
   *   for, or may be asked for again: then it is to be left alone
   */
  settle(outcome: number): boolean {
    const listener = this.#listener;
    if (listener === undefined) {
      this.#outcome = outcome;
      this.#settled = true;
      return false;
    }
    this.#listener = undefined;
    const reusable = this.#promise === undefined;
    listener(outcome);
    return reusable;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is to be awaited
  then<A = number, B = never>(
    onfulfilled?: ((outcome: number) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#promise ??= new Promise((resolve) => this.listen(resolve));
    return this.#promise.then(onfulfilled, onrejected);
  }

  /** @internal Has a function called with the result: at once, if it is there. */
  listen(listener: (outcome: number) => void): void {
    if (this.#settled) {
      listener(this.#outcome);
      return;
    }
    const other = this.#listener;
    this.#listener =
      other === undefined
        ? listener
        : (outcome) => {
            other(outcome);
            listener(outcome);
          };
  }
}
