import { WATCH_READABLE, Watcher } from '@vfs/sys';
import type { Logger } from '../log.js';
import { receiveNow, send } from './conversation.js';

const FAILURE = 1;

/**
 * Listens to the process that has started this one, and ends the worker with the process that has started it, which owns the socket and the pid file. The kernel sends SIGKILL
 * then; this is for a worker that is not its child, as when somebody traces it.
 */
export class OuterProcess implements Disposable {
  readonly #watcher: Watcher;

  /** @param sample - what to do when metrics are asked for */
  constructor(conversation: number, log: Logger, sample: () => void = () => {}) {
    this.#watcher = new Watcher(conversation, WATCH_READABLE, () => {
      const received = receiveNow(conversation);
      if (!received) return;
      if (received.message?.kind === 'sample') {
        sample();
        send(conversation, { kind: 'sampled' });
      }
      if (received.message) return;
      this.#watcher.close();
      log.error('the process that has started this one is gone: ending');
      process.exit(FAILURE);
    });
    this.#watcher.unref();
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}
