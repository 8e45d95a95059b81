import { startWorker, type Worker } from '../isolation/start-worker.js';
import { type Log, type Logger, toStandardError } from '../log.js';
import { checkModuleFile } from '../module/load-module.js';
import type { Options } from '../options.js';
import { checkSharedFolder } from '../shared-folder.js';
import { descriptorBudget, setDescriptorLimit } from './descriptor-limit.js';
import { LineRelay } from './line-relay.js';
import { type Listener, openListener } from './listener.js';
import { ServiceManager } from './service-manager.js';
import { outliveStopSignals, StopSignals } from './stop-signals.js';
import { supervise } from './supervise.js';

/**
 * What the process does that was started: it checks, makes the socket and its pid file, has the share served, and removes them
 * again.
 *
 * @returns the exit status
 * @throws StartError
 */
export async function run(options: Options, log: Log): Promise<number> {
  const own = log.module('daemon');
  const { sharedDir, module } = options;
  if (sharedDir !== undefined) checkSharedFolder(sharedDir);
  if (module) checkModuleFile(module.path);
  const served = sharedDir ?? `what ${module?.path} makes`;
  setDescriptorLimit(options.rlimitNofile, own);
  const budget = descriptorBudget(options.threadPoolSize, own);
  using starting = endingAtOnce(own);
  outliveStopSignals();
  // Node would open a port for a debugger, to whoever reaches it.
  process.on('SIGUSR1', () => {});
  using listener = openListener(options);
  // However this process ends: by a defect, too.
  const dispose = () => listener[Symbol.dispose]();
  process.once('exit', dispose);
  const manager = new ServiceManager(own);
  using relay = log.sink === toStandardError ? undefined : new LineRelay(log.sink);
  const worker = await start(options, listener, log, budget, relay);
  starting[Symbol.dispose]();
  const supervised = supervise(worker, {
    log: own,
    stopping: () => manager.stopping('Finishing the requests in flight'),
  });
  listener.publish();
  manager.ready(`Sharing ${served} at ${listener.place}`);
  own.info(`sharing ${served}, waiting for a connection at ${listener.place}`);
  const status = await supervised;
  own.info('shut down');
  return status;
}

/** While nobody can connect yet, a signal ends this process, and so the worker. */
function endingAtOnce(log: Logger): StopSignals {
  return new StopSignals(false, (urgency, signal) => {
    log.info(`${signal}: ending before anybody could connect`);
    process.exit(urgency === 'orderly' ? 0 : 1);
  });
}

function start(
  options: Options,
  listener: Listener,
  log: Log,
  budget: number,
  relay: LineRelay | undefined,
): Promise<Worker> {
  const starting = startWorker(options, listener, log, { budget, ...(relay && { stderr: relay.fd }) });
  relay?.handedOver();
  return starting;
}
