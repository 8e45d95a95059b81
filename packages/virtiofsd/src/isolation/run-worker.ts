import { serve } from '../life-cycle/serve.js';
import { outliveStopSignals } from '../life-cycle/stop-signals.js';
import { Log } from '../log.js';
import { createModuleFileSystem } from '../module/module-file-system.js';
import { sealModules } from '../module/seal.js';
import { Observation } from '../observe/observation.js';
import type { ModuleChoice, Options } from '../options.js';
import type { MakeFileSystem } from '../served-file-system.js';
import { StartError } from '../start-error.js';
import { receive, send } from './conversation.js';
import { CONVERSATION_FD, LISTENER_FD, ORDERS_FD, PROC_SELF_FD } from './descriptors.js';
import { loadFilter } from './filter.js';
import { readOrders } from './orders.js';
import { OuterProcess } from './outer-process.js';
import { warmUp } from './warm-up.js';

const FAILURE = 1;

/**
 * What a worker does: it loads everything, has itself confined, and serves.
 *
 * @returns the exit status
 */
export async function runWorker(): Promise<number> {
  // Before it serves, the outer process ends it.
  outliveStopSignals();
  const { options, budget, cellsFd, traceFd } = readOrders(ORDERS_FD);
  const log = new Log(options.logLevel);
  using observation = await Observation.open(options, log, { cellsFd, traceFd });
  try {
    warmUp(log);
    const fileSystem = options.module && (await prepareModule(options.module, options, log));
    send(CONVERSATION_FD, { kind: 'loaded' });
    if (receive(CONVERSATION_FD).message?.kind !== 'confined') return FAILURE;
    {
      using listener = loadFilter(options.seccomp, CONVERSATION_FD, log.module('isolation'));
      send(CONVERSATION_FD, { kind: 'filtered' }, listener ? [listener.fd] : []);
    }
    using _outer = new OuterProcess(CONVERSATION_FD, log.module('isolation'), () => observation.sample());
    const status = await serve(options, LISTENER_FD, log, {
      ...(budget !== undefined && { budget }),
      procSelfFd: PROC_SELF_FD,
      ...(fileSystem && { fileSystem }),
      observation,
      ready: () => send(CONVERSATION_FD, { kind: 'serving' }),
    });
    send(CONVERSATION_FD, { kind: 'ending' });
    return status;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    send(CONVERSATION_FD, { kind: 'failed', message: error.message });
    return FAILURE;
  }
}

/** While the root is still that of the host. */
async function prepareModule(choice: ModuleChoice, options: Options, log: Log): Promise<MakeFileSystem> {
  const module = await createModuleFileSystem(choice, options.sharedDir !== undefined, log.module('module'));
  sealModules();
  return module;
}
