import { type Profiler, Session } from 'node:inspector';

/**
 * Which blocks of the program have been run, as V8 counts them. One look costs some milliseconds, so it is taken after many
 * inputs; which one of them it was is found by running them again.
 */
export class Coverage implements Disposable {
  readonly #session = new Session();
  readonly #concerns: (url: string) => boolean;
  readonly #known = new Set<string>();

  /** @param concerns - whether a script is to be looked at */
  constructor(concerns: (url: string) => boolean) {
    this.#concerns = concerns;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many blocks have been run. */
  get blocks(): number {
    return this.#known.size;
  }

  /** What was run since the last look and never before. */
  look(): string[] {
    const found: string[] = [];
    // Answered before post returns: the session is in this thread.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const script of result) if (this.#concerns(script.url)) this.#collect(script, found);
    });
    return found;
  }

  /** Takes over what {@link look} found. */
  learn(blocks: readonly string[]): void {
    for (const block of blocks) this.#known.add(block);
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #collect({ scriptId, functions }: Profiler.ScriptCoverage, found: string[]): void {
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        const block = `${scriptId}:${startOffset}-${endOffset}`;
        if (count > 0 && !this.#known.has(block)) found.push(block);
      }
    }
  }
}
