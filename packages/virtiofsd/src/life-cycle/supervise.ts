import { constants } from 'node:os';
import type { ExitStatus } from '@vfs/sys';
import type { Logger } from '../log.js';
import { DRAIN_DEADLINE, GRACE } from './deadlines.js';
import { StopSignals, type Urgency } from './stop-signals.js';

const FAILURE = 1;

/** The process that serves. */
export interface Supervised {
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal, if it still runs. */
  signal(name: NodeJS.Signals): void;
}

/** What {@link supervise} tells and how long it waits. */
export interface SupervisionOptions {
  readonly log: Logger;
  /** The first signal that ends the daemon has come. */
  readonly stopping?: () => void;
  /** Milliseconds for an orderly end. @default 12000 */
  readonly orderly?: number;
  /** Milliseconds for an immediate end. @default 2000 */
  readonly immediate?: number;
}

/**
 * Waits for the end of the worker, and passes on to it what this process is told to do. A worker that does not end in time is
 * ended.
 *
 * @returns the exit status: the worker's; 128 and the signal that has ended it, as shells have it
 */
export async function supervise(worker: Supervised, options: SupervisionOptions): Promise<number> {
  const { log, stopping, orderly = DRAIN_DEADLINE + GRACE, immediate = GRACE } = options;
  let deadline: NodeJS.Timeout | undefined;
  let killed = false;
  using _signals = new StopSignals(true, (urgency, signal) => {
    stopping?.();
    log.debug(`${signal}: passed on to the worker`);
    worker.signal(SIGNAL_FOR[urgency]);
    clearTimeout(deadline);
    const time = urgency === 'orderly' ? orderly : immediate;
    deadline = setTimeout(() => {
      log.error(`the worker has not ended within ${time / 1000} s: killing it`);
      killed = true;
      worker.signal('SIGKILL');
    }, time);
  });
  const { code, signal, coreDumped } = await worker.exited;
  clearTimeout(deadline);
  if (code !== null) return code;
  if (killed) return FAILURE;
  log.error(`the worker was ended by ${signal}${coreDumped ? ', and dumped core' : ''}`);
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** A worker heeds no repetition: SIGHUP is how it is told not to wait. */
const SIGNAL_FOR = { orderly: 'SIGTERM', immediate: 'SIGHUP' } as const satisfies Record<
  Urgency,
  NodeJS.Signals
>;
