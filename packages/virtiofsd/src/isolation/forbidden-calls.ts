import {
  OwnedFd,
  POLLIN,
  poll,
  receiveSeccompNotification,
  type SpawnedChild,
  SysError,
  syscallName,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import type { Logger } from '../log.js';

/** Says which system call the filter has refused. */
export function reportForbidden(call: number, log: Logger): void {
  const name = syscallName(call) ?? `number ${call}`;
  log.error(
    `the worker made the system call ${name}, or one of its arguments, that its filter does not allow, and is ended; ` +
      'if nobody has broken into it this is a defect: --seccomp=log tells more, and goes on',
  );
}

/** Ends a worker at a system call that its filter puts before this process. */
export class ForbiddenCalls implements Disposable {
  readonly #listener: OwnedFd;
  readonly #watcher: Watcher;
  #happened = false;

  /** Takes the descriptor over. */
  constructor(listener: number, child: SpawnedChild, log: Logger) {
    this.#listener = new OwnedFd(listener);
    this.#watcher = new Watcher(listener, WATCH_READABLE, () => {
      this.#watcher.close();
      // It wakes at the end of the worker, too.
      if ((poll(listener, POLLIN, 0) & POLLIN) === 0) return;
      this.#happened = true;
      try {
        reportForbidden(receiveSeccompNotification(listener).number, log);
      } catch (error) {
        // The thread has ended meanwhile.
        if (!(error instanceof SysError)) throw error;
      } finally {
        child.kill('SIGKILL');
      }
    });
    this.#watcher.unref();
  }

  /** Whether that is how the worker ended. */
  get happened(): boolean {
    return this.#happened;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    this.#listener.close();
  }
}
