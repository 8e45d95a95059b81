import { serve } from '../life-cycle/serve.js';
import { outliveStopSignals } from '../life-cycle/stop-signals.js';
import { Log } from '../log.js';
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
  const { options, budget } = readOrders(ORDERS_FD);
  const log = new Log(options.logLevel);
  try {
    warmUp(log);
    send(CONVERSATION_FD, { kind: 'loaded' });
    if (receive(CONVERSATION_FD).message?.kind !== 'confined') return FAILURE;
    {
      using listener = loadFilter(options.seccomp, CONVERSATION_FD, log.module('isolation'));
      send(CONVERSATION_FD, { kind: 'filtered' }, listener ? [listener.fd] : []);
    }
    using _outer = new OuterProcess(CONVERSATION_FD, log.module('isolation'));
    const status = await serve(options, LISTENER_FD, log, {
      ...(budget !== undefined && { budget }),
      procSelfFd: PROC_SELF_FD,
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
