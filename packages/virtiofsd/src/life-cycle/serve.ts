import { Daemon } from '../daemon.js';
import type { Log } from '../log.js';
import type { Options } from '../options.js';
import { descriptorBudget } from './descriptor-limit.js';
import { StopSignals } from './stop-signals.js';

/** How long the requests in flight may take to finish once the daemon is told to end, in milliseconds. */
export const DRAIN_DEADLINE = 10_000;

const FAILURE = 1;

/** What {@link serve} tells and takes from the process that it runs in. */
export interface ServeContext {
  /** How many descriptors the guest may have open. @default as the limit of this process says */
  readonly budget?: number;
  /** /proc/self/fd of this process, where it cannot be opened any more. */
  readonly procSelfFd?: number;
  /** A front-end that connects is served from here on. */
  readonly ready?: () => void;
  /** The first signal that ends the daemon has come. */
  readonly stopping?: () => void;
  /** Whether a second signal means that somebody is impatient: see {@link StopSignals}. @default false */
  readonly repetition?: boolean;
}

/**
 * Serves the front-ends of a listening socket until there are no more, or until a signal. It is what the process does that
 * accepts the connection, whichever that is.
 *
 * @returns the exit status
 * @throws StartError
 */
export async function serve(
  options: Options,
  listenerFd: number,
  log: Log,
  context: ServeContext = {},
): Promise<number> {
  const own = log.module('daemon');
  const { ready, stopping, repetition = false, procSelfFd } = context;
  const budget = context.budget ?? descriptorBudget(options.threadPoolSize, own);
  using daemon = new Daemon(
    { ...options, descriptorBudget: budget, ...(procSelfFd !== undefined && { procSelfFd }) },
    { fd: listenerFd },
    log,
  );
  let deadline: NodeJS.Timeout | undefined;
  using _signals = new StopSignals(repetition, (urgency, signal) => {
    stopping?.();
    if (urgency === 'immediate') {
      own.warn(`${signal}: ending at once`);
      daemon.stop('failed');
      return;
    }
    own.info(`${signal}: finishing the requests in flight`);
    deadline = setTimeout(() => {
      own.error(`requests are still in flight after ${DRAIN_DEADLINE / 1000} s: ending without them`);
      daemon.stop('failed');
    }, DRAIN_DEADLINE);
    void daemon.drain();
  });
  // What a request does wrong ends with that request; what arrives here is a defect, and no state can be trusted after it.
  const defect = (error: Error) => {
    own.error(`unexpected: ${error.stack ?? error}`);
    daemon.stop('failed');
  };
  process.once('uncaughtException', defect);
  try {
    ready?.();
    return (await daemon.ended) === 'done' ? 0 : FAILURE;
  } finally {
    clearTimeout(deadline);
    process.off('uncaughtException', defect);
  }
}
