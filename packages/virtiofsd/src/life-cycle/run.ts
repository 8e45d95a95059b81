import { startWorker } from '../isolation/start-worker.js';
import type { Log } from '../log.js';
import type { Options } from '../options.js';
import { checkSharedFolder } from '../shared-folder.js';
import { descriptorBudget, setDescriptorLimit } from './descriptor-limit.js';
import { openListener } from './listener.js';
import { ServiceManager } from './service-manager.js';
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
  checkSharedFolder(options.sharedDir);
  setDescriptorLimit(options.rlimitNofile, own);
  const budget = descriptorBudget(options.threadPoolSize, own);
  using listener = openListener(options);
  // However this process ends: by a defect, too.
  const dispose = () => listener[Symbol.dispose]();
  process.once('exit', dispose);
  const manager = new ServiceManager(own);
  const worker = await startWorker(options, listener, log, { budget });
  // Whoever sees the socket may send a signal.
  const supervised = supervise(worker, {
    log: own,
    stopping: () => manager.stopping('Finishing the requests in flight'),
  });
  listener.publish();
  manager.ready(`Sharing ${options.sharedDir} at ${listener.place}`);
  own.info(`sharing ${options.sharedDir}, waiting for a connection at ${listener.place}`);
  const status = await supervised;
  own.info('shut down');
  return status;
}
