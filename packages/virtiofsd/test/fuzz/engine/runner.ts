import { Choices } from './choices.js';
import type { Body, Seen, Target } from './target.js';

/** What an input did to a target. */
export interface Result {
  /** What it threw, there or in the event loop meanwhile; undefined when the promise held. */
  readonly error: unknown;
  /** What was new about it. */
  readonly found: readonly string[];
}

/** Runs inputs against a target, one after the other. */
export class Runner implements Disposable {
  readonly target: Target;
  readonly #body: Body;
  readonly #features = new Set<string>();
  #uncaught: unknown[] = [];

  constructor(target: Target) {
    this.target = target;
    this.#body = target.start();
    process.on('uncaughtException', this.#catch);
  }

  /** How many different things have happened. */
  get features(): number {
    return this.#features.size;
  }

  async run(input: Uint8Array): Promise<Result> {
    const found: string[] = [];
    const seen: Seen = (feature) => {
      if (this.#features.has(feature)) return;
      this.#features.add(feature);
      found.push(feature);
    };
    this.#uncaught = [];
    try {
      const promise = this.#body.run(new Choices(input), seen);
      // Most targets are done by now: a turn of the event loop would cost more than they do.
      if (promise !== undefined) await promise;
      return { error: this.#uncaught[0], found };
    } catch (error) {
      return { error: error ?? new Error('undefined was thrown'), found };
    }
  }

  [Symbol.dispose](): void {
    process.off('uncaughtException', this.#catch);
    this.#body[Symbol.dispose]();
  }

  readonly #catch = (error: unknown): void => void this.#uncaught.push(error);
}

/** What an error says, with what differs from time to time taken out: two failures that read the same are the same. */
export function kindOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n', 1)[0]!.replaceAll(/0x[0-9a-f]+|\d+/g, 'N');
}
