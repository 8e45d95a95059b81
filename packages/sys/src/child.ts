import { raw } from './binding.js';
import { POLLIN } from './constants/io.js';
import { CLD_DUMPED, CLD_EXITED, P_PID, WEXITED } from './constants/process.js';
import { check } from './errors.js';
import { poll } from './eventfd.js';
import { close, type FdLike, fdOf } from './fd.js';
import { DATA, scratch } from './scratch.js';
import { type Signal, signalName, signalNumber } from './signal.js';
import { checkFlags, checkInt } from './u64.js';
import { WATCH_READABLE, Watcher } from './watcher.js';

/** How a process ended. */
export interface ExitStatus {
  /** Its exit status, 0 to 255; null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: string | null;
  /** Whether it dumped core. */
  readonly coreDumped: boolean;
}

/**
 * A descriptor of a process, which it names even after its pid is used again: pidfd_open(2), Linux 5.3. Readable
 * when the process has ended.
 *
 * @throws {@link SysError} ESRCH, EINVAL for a thread that does not lead its process, EMFILE, ENOSYS
 */
export function pidfdOpen(pid: number): number {
  return check(raw.pidfdOpen(checkInt(pid, 'pid', 1, 0x7fff_ffff), 0), 'pidfd_open');
}

/**
 * Sends a signal to the process of a pidfd: pidfd_send_signal(2).
 *
 * @param signal - 0 only asks whether it could be sent
 * @throws {@link SysError} ESRCH when the process is gone, EPERM
 */
export function pidfdSendSignal(pidfd: FdLike, signal: Signal | 0): void {
  const number = signal === 0 ? 0 : signalNumber(signal);
  check(raw.pidfdSendSignal(fdOf(pidfd), number), 'pidfd_send_signal');
}

/** What a child did, as waitid(2) says. */
export interface ChildChange {
  readonly pid: number;
  /** A CLD_ constant. */
  readonly code: number;
  /** The exit status, or the signal. */
  readonly status: number;
}

/**
 * Waits for a change of a child, blocking the thread: waitid(2). Children of `node:child_process` are Node's to wait for.
 *
 * @param idtype - P_PID, P_PIDFD (Linux 5.4), P_PGID or P_ALL
 * @param options - WEXITED, WSTOPPED, WCONTINUED, WNOHANG, WNOWAIT
 * @returns undefined when WNOHANG is given and nothing has changed
 * @throws {@link SysError} ECHILD, EINVAL
 */
export function waitid(idtype: number, id: number, options: number): ChildChange | undefined {
  checkFlags(idtype, 'idtype');
  checkInt(id, 'id', 0, 0x7fff_ffff);
  checkFlags(options, 'options');
  check(raw.waitid(idtype, id, options, scratch.id, DATA), 'waitid');
  const [pid, code, status] = scratch.i32.slice(DATA / 4, DATA / 4 + 3) as unknown as [
    number,
    number,
    number,
  ];
  return pid === 0 ? undefined : { pid, code, status };
}

/** Waits for the end of a child. */
export function reap(pid: number): ExitStatus {
  const { code, status } = waitid(P_PID, pid, WEXITED)!;
  if (code === CLD_EXITED) return { code: status, signal: null, coreDumped: false };
  return { code: null, signal: signalName(status), coreDumped: code === CLD_DUMPED };
}

/** A process that `spawn` started. It keeps the event loop alive while it runs, unless {@link unref} says otherwise. */
export class Child implements Disposable {
  /** When the process has ended, and how. */
  readonly exited: Promise<ExitStatus>;
  readonly #pidfd: number;
  readonly #watcher: Watcher;
  #status: ExitStatus | undefined;
  #resolve!: (status: ExitStatus) => void;

  /** @internal Takes over `pidfd`. */
  constructor(
    /**
     * The pid of the process that was forked first: with a pid namespace, of the one outside that waits for the program.
     */
    readonly pid: number,
    pidfd: number,
  ) {
    this.#pidfd = pidfd;
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watcher = new Watcher(pidfd, WATCH_READABLE, () => this.#end());
  }

  /** How it ended, undefined while it runs. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /**
   * Sends a signal. The process outside a pid namespace passes SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2
   * on; the program, the first of its namespace, gets only those that it handles, and SIGKILL by the end of the other.
   *
   * @returns false when it has ended
   * @throws {@link SysError} EPERM
   */
  kill(signal: Signal = 'SIGTERM'): boolean {
    signalNumber(signal);
    if (this.#status) return false;
    pidfdSendSignal(this.#pidfd, signal);
    return true;
  }

  /** Waits for the end, blocking the thread. */
  wait(): ExitStatus {
    if (!this.#status) {
      poll(this.#pidfd, POLLIN);
      this.#end();
    }
    return this.#status!;
  }

  /** Keeps the event loop alive while the process runs, as a new child does. */
  ref(): void {
    this.#watcher.ref();
  }

  /** Lets the event loop end while the process runs. */
  unref(): void {
    this.#watcher.unref();
  }

  /** Ends the process with SIGKILL if it still runs, and waits for it. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#status) pidfdSendSignal(this.#pidfd, 'SIGKILL');
    this.wait();
  }

  #end(): void {
    if (this.#status) return;
    this.#status = reap(this.pid);
    this.#watcher.close();
    close(this.#pidfd);
    this.#resolve(this.#status);
  }
}
