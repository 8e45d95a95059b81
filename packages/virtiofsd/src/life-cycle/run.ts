import { startWorker } from '../isolation/start-worker.js';
import { type Log, type Logger, toStandardError } from '../log.js';
import { checkModuleFile } from '../module/load-module.js';
import type { Publication } from '../observe/publication.js';
import type { Options } from '../options.js';
import { checkSharedFolder } from '../shared-folder.js';
import { descriptorBudget, setDescriptorLimit } from './descriptor-limit.js';
import { LineRelay } from './line-relay.js';
import { openListener } from './listener.js';
import { ServiceManager } from './service-manager.js';
import { outliveStopSignals, StopSignals } from './stop-signals.js';
import { supervise } from './supervise.js';

/**
 * What the process does that was started: it checks, makes the socket and its pid file, has the share served, and removes them
 * again.
 *
 * @param version - of the program
 * @returns the exit status
 * @throws StartError
 */
export async function run(options: Options, log: Log, version: string): Promise<number> {
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
  using publication = await publicationOf(options, log, version);
  using relay = log.sink === toStandardError ? undefined : new LineRelay(log.sink);
  const serving = startWorker(options, listener, log, {
    budget,
    ...(relay && { stderr: relay.fd }),
    cells: publication?.cells,
    trace: publication?.trace,
    // While the worker loads its program, whoever waits for the socket can go on: who connects is served as soon as it can.
    spawned: () => listener.publish(),
  });
  relay?.handedOver();
  const worker = await serving;
  publication?.attend(worker);
  starting[Symbol.dispose]();
  const supervised = supervise(worker, {
    log: own,
    stopping: () => manager.stopping('Finishing the requests in flight'),
  });
  manager.ready(`Sharing ${served} at ${listener.place}`);
  own.info(`sharing ${served}, waiting for a connection at ${listener.place}`);
  const status = await supervised;
  own.info('shut down');
  return status;
}

/** While nobody is served yet, a signal ends this process, and so the worker. */
function endingAtOnce(log: Logger): StopSignals {
  return new StopSignals(false, (urgency, signal) => {
    log.info(`${signal}: ending before anybody was served`);
    process.exit(urgency === 'orderly' ? 0 : 1);
  });
}

/** What publishes metrics is loaded only by who wants them: it takes time to start. */
async function publicationOf(options: Options, log: Log, version: string): Promise<Publication | undefined> {
  const { metricsSocket, metricsAddress, trace } = options.observation;
  if (metricsSocket === undefined && metricsAddress === undefined && trace === undefined) return undefined;
  const { Publication } = await import('../observe/publication.js');
  const publication = await Publication.open(options, log, version);
  // However this process ends.
  process.once('exit', () => publication[Symbol.dispose]());
  return publication;
}
