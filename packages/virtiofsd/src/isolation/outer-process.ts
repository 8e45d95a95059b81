import { WATCH_READABLE, Watcher } from '@vfs/sys';
import type { Logger } from '../log.js';
import { receiveNow } from './conversation.js';

const FAILURE = 1;

/**
 * Ends the worker with the process that has started it, which owns the socket and the pid file. The kernel sends SIGKILL
 * then; this is for a worker that is not its child, as when somebody traces it.
 */
export class OuterProcess implements Disposable {
  readonly #watcher: Watcher;

  constructor(conversation: number, log: Logger) {
    this.#watcher = new Watcher(conversation, WATCH_READABLE, () => {
      if (receiveNow(conversation)?.message !== undefined) return;
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
