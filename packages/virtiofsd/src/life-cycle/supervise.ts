import { constants } from 'node:os';
import type { ExitStatus } from '@vfs/sys';
import type { Logger } from '../log.js';
import { DRAIN_DEADLINE, GRACE, KILL_GRACE } from './deadlines.js';
import { StopSignals, type Urgency } from './stop-signals.js';

const FAILURE = 1;

/** The process that serves. */
export interface Supervised {
  readonly exited: Promise<ExitStatus>;
  /** It has nothing to do any more, and should exit. */
  readonly ending: Promise<void>;
  /** Sends a signal, if it still runs. */
  signal(name: NodeJS.Signals): void;
}

/** What {@link supervise} tells and how long it waits. */
export interface SupervisionOptions {
  readonly log: Logger;
  /** The first signal that ends the daemon has come. */
  readonly stopping?: () => void;
  /** Milliseconds for an orderly end, and for the exit of a worker that has done its work. @default 12000 */
  readonly orderly?: number;
  /** Milliseconds for an immediate end. @default 2000 */
  readonly immediate?: number;
  /** Milliseconds for the end of a worker that was killed. @default 1000 */
  readonly killed?: number;
}

/**
 * Waits for the end of the worker, and passes on to it what this process is told to do. A worker that does not end in time is
 * ended. One of which a thread waits for a file system that never answers cannot be: it is left behind, and ends when the file system
 * answers, or is unmounted by force.
 *
 * @returns the exit status: the worker's; 128 and the signal that has ended it, as shells have it
 */
export async function supervise(worker: Supervised, options: SupervisionOptions): Promise<number> {
  const { log, stopping, orderly = DRAIN_DEADLINE + GRACE, immediate = GRACE } = options;
  const deadline = new KillDeadline(worker, log, options.killed ?? KILL_GRACE);
  using _deadline = deadline;
  using _signals = new StopSignals(true, (urgency, signal) => {
    stopping?.();
    log.debug(`${signal}: passed on to the worker`);
    worker.signal(SIGNAL_FOR[urgency]);
    deadline.set(urgency === 'orderly' ? orderly : immediate);
  });
  void worker.ending.then(() => deadline.set(orderly));
  const end = await Promise.race([worker.exited, deadline.missed]);
  if (end === undefined) return FAILURE;
  const { code, signal, coreDumped } = end;
  if (code !== null) return code;
  if (deadline.killed) return FAILURE;
  log.error(`the worker was ended by ${signal}${coreDumped ? ', and dumped core' : ''}`);
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** Until when a worker has to end: then it is killed, and if it does not end of that either, given up. */
class KillDeadline implements Disposable {
  /** The worker has outlived SIGKILL. */
  readonly missed: Promise<undefined>;
  readonly #worker: Supervised;
  readonly #log: Logger;
  readonly #grace: number;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #killed = false;
  #miss!: (_: undefined) => void;

  constructor(worker: Supervised, log: Logger, grace: number) {
    this.#worker = worker;
    this.#log = log;
    this.#grace = grace;
    this.missed = new Promise((resolve) => {
      this.#miss = resolve;
    });
  }

  /** Whether the worker was sent SIGKILL from here. */
  get killed(): boolean {
    return this.#killed;
  }

  /** In so many milliseconds from now, unless it is to end sooner already. */
  set(time: number): void {
    const due = performance.now() + time;
    if (due > this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kill(time), time);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #kill(time: number): void {
    this.#log.error(`the worker has not ended within ${time / 1000} s: killing it`);
    this.#killed = true;
    this.#due = 0;
    this.#worker.signal('SIGKILL');
    this.#timer = setTimeout(() => {
      this.#log.error(
        'the worker does not end of SIGKILL: a system call waits for a file system that does not answer; leaving it behind',
      );
      this.#miss(undefined);
    }, this.#grace);
  }
}

/** A worker heeds no repetition: SIGHUP is how it is told not to wait. */
const SIGNAL_FOR = { orderly: 'SIGTERM', immediate: 'SIGHUP' } as const satisfies Record<
  Urgency,
  NodeJS.Signals
>;
