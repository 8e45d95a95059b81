/** How a signal asks to end. */
export type Urgency =
  /** The requests in flight are finished first: SIGTERM and SIGINT. */
  | 'orderly'
  /** At once: SIGHUP, or SIGTERM or SIGINT once more. */
  | 'immediate';

/**
 * Listens for the signals that end the daemon.
 *
 * In the worker a repetition does not say that somebody is impatient: a service manager and a terminal send their signals to
 * all processes of a service, and the outer one passes its own on.
 */
export class StopSignals implements Disposable {
  readonly #listeners = new Map<NodeJS.Signals, () => void>();

  /** @param repetition - whether a second signal means {@link Urgency} `immediate` */
  constructor(repetition: boolean, heard: (urgency: Urgency, signal: NodeJS.Signals) => void) {
    let orderly = 0;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      this.#listen(signal, () => {
        if (orderly++ === 0) heard('orderly', signal);
        else if (repetition) heard('immediate', signal);
      });
    }
    this.#listen('SIGHUP', () => heard('immediate', 'SIGHUP'));
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    this.#listeners.clear();
  }

  #listen(signal: NodeJS.Signals, listener: () => void): void {
    process.on(signal, listener);
    this.#listeners.set(signal, listener);
  }
}

/**
 * From here on no signal that ends the daemon ends this process by itself, listened for or not: one that comes while it cleans up
 * finds it ending already. For processes that leave by `process.exit`.
 */
export function outliveStopSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    if (!process.listeners(signal).includes(nothing)) process.on(signal, nothing);
  }
}

function nothing(): void {}
