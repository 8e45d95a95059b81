import { Daemon } from '../daemon.js';
import type { Log } from '../log.js';
import type { Observation } from '../observe/observation.js';
import type { Options } from '../options.js';
import type { MakeFileSystem } from '../served-file-system.js';
import { DRAIN_DEADLINE } from './deadlines.js';
import { descriptorBudget } from './descriptor-limit.js';
import { StopSignals } from './stop-signals.js';

const FAILURE = 1;

/** What {@link serve} tells and takes from the process that it runs in. */
export interface ServeContext {
  /** How many descriptors the guest may have open. @default as the limit of this process says */
  readonly budget?: number;
  /** /proc/self/fd of this process, where it cannot be opened any more. */
  readonly procSelfFd?: number;
  /** Makes what serves in the place of the shared folder, or upon it. */
  readonly fileSystem?: MakeFileSystem;
  /** What is to be seen of the requests. @default nothing */
  readonly observation?: Observation;
  /** A front-end that connects is served from here on. */
  readonly ready?: () => void;
}

/**
 * Serves the front-ends of a listening socket until there are no more, or until a signal. It is what the worker does
 * once it is confined.
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
  const { ready, procSelfFd, fileSystem, observation } = context;
  const budget = context.budget ?? descriptorBudget(options.threadPoolSize, own);
  using daemon = new Daemon(
    {
      ...options,
      descriptorBudget: budget,
      ...(procSelfFd !== undefined && { procSelfFd }),
      ...(fileSystem && { fileSystem }),
      observer: observation?.observer,
    },
    { fd: listenerFd },
    log,
  );
  observation?.attend(daemon, budget);
  let deadline: NodeJS.Timeout | undefined;
  using _signals = new StopSignals(false, (urgency, signal) => {
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
