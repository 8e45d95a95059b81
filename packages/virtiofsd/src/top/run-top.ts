import { setTimeout as sleep } from 'node:timers/promises';
import { lineOf, tableOf } from './display.js';
import { figuresOf } from './figures.js';
import type { Metrics } from './read-metrics.js';
import { type MetricsPlace, placeText, scrape } from './scrape.js';
import { Screen } from './screen.js';

/** How `virtiofsd top` shows what it sees. */
export interface TopOptions {
  readonly place: MetricsPlace;
  /** Seconds between two readings. */
  readonly interval: number;
  /** Once, with what has happened since the daemon was started. */
  readonly once: boolean;
  readonly json: boolean;
}

/** Shows what a daemon does until somebody has seen enough. @returns the exit status @throws StartError */
export async function runTop({ place, interval, once, json }: TopOptions): Promise<number> {
  const where = placeText(place);
  let last: Metrics | undefined = await scrape(place);
  if (once) {
    const figures = figuresOf(last, undefined);
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : `${tableOf(figures, where).join('\n')}\n`);
    return 0;
  }
  using enough = new Enough();
  using screen = process.stdout.isTTY && !json ? new Screen(process.stdout) : undefined;
  screen?.draw(tableOf(figuresOf(last, undefined), where));
  while (await enough.notWithin(interval * 1000)) {
    const now = await scrape(place);
    const figures = figuresOf(now, last);
    last = now;
    if (screen) screen.draw([...tableOf(figures, where), '', 'q ends']);
    else process.stdout.write(`${json ? JSON.stringify(figures) : lineOf(figures, new Date())}\n`);
  }
  return 0;
}

/** Waits for a key or a signal that ends it, or for nobody reading any more. */
class Enough implements Disposable {
  readonly #abort = new AbortController();
  readonly #stop = () => this.#abort.abort();
  readonly #key = (key: Buffer) => {
    // q, Ctrl-C, Ctrl-D: as raw bytes they are no signals.
    if ([0x71, 0x51, 3, 4].includes(key[0]!)) this.#stop();
  };

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, this.#stop);
    process.stdout.on('error', this.#stop);
    if (process.stdin.isTTY && process.stdout.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.on('data', this.#key);
    }
  }

  /** @returns false when it is enough before that time is over */
  async notWithin(milliseconds: number): Promise<boolean> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#abort.signal });
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#stop);
    if (process.stdin.isTTY && process.stdout.isTTY) {
      process.stdin.setRawMode(false);
      process.stdin.off('data', this.#key);
      process.stdin.pause();
    }
  }
}
