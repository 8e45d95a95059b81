import { closeSync, openSync } from 'node:fs';
import {
  type ExitStatus,
  type FdLike,
  OwnedFd,
  SOCK_SEQPACKET,
  type SpawnedChild,
  spawn,
  unixSocketPair,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import type { Log, Logger } from '../log.js';
import type { Options } from '../options.js';
import { fromRoot } from '../shared-folder.js';
import { errorCode, StartError } from '../start-error.js';
import { receiveNow, send } from './conversation.js';
import { FURTHER_FD } from './descriptors.js';
import { EmptyRoot } from './empty-root.js';
import { ForbiddenCalls, reportForbidden } from './forbidden-calls.js';
import { checkMaps, checkSandbox } from './identity.js';
import { landlockRules } from './landlock.js';
import { writeOrders } from './orders.js';
import { planOf } from './plan.js';
import { Samples } from './samples.js';
import { explain } from './start-failure.js';
import { workerProgram } from './worker-program.js';

/** The process that serves, confined as the options say. */
export interface Worker {
  readonly pid: number;
  /** When it has ended, and how. */
  readonly exited: Promise<ExitStatus>;
  /** When it has done its work, and exits. */
  readonly ending: Promise<void>;
  /** Sends it a signal; it heeds SIGTERM, SIGINT and SIGHUP as `StopSignals` says, and SIGKILL. */
  signal(name: NodeJS.Signals): void;
  /** Has it bring the gauges among its metrics up to date. @returns false when it has not done so within a second */
  sample(): Promise<boolean>;
}

/** Where the worker takes connections. */
export interface WorkerListener {
  readonly fd: number;
  /** A descriptor that it holds as long as it lives. */
  readonly lock?: number;
}

/** What this process has to say to the worker, and wants to be told by it. */
export interface WorkerContext {
  /** How many descriptors the guest may have open. @default as the limit of the worker says */
  readonly budget?: number;
  /** Where it writes its log, line by line. @default the standard error of this process */
  readonly stderr?: number;
  /** A file of `Cells`, for what it counts. */
  readonly cells?: FdLike | undefined;
  /** An empty file for a recording. */
  readonly trace?: FdLike | undefined;
  /** Called as soon as there is a process; what it throws ends the start. */
  readonly spawned?: () => void;
}

/**
 * Starts the worker. It serves when the promise is fulfilled.
 *
 * The worker is a process of its own in every sandbox, `none` too: capabilities and no_new_privs belong to threads, and
 * Node has seven before the first line of JavaScript runs, so they can be taken from all of them only before Node is
 * executed.
 *
 * ```text
 *   this process            process between           worker
 *   fork ──────────────────▶ unshare, fork ─────────▶ capabilities, no_new_privs, execve
 *        ◀──────────────────────────────────────────  loaded
 *        ──────────────────▶ pivot_root
 *        ──────────────────────────────────────────▶  confined
 *        ◀──────────────────────────────────────────  filtered: its filter of system calls is loaded
 *        ◀──────────────────────────────────────────  serving
 *        ◀──────────────────────────────────────────  ending
 * ```
 *
 * @throws StartError
 */
export async function startWorker(
  options: Options,
  listener: WorkerListener,
  log: Log,
  context: WorkerContext = {},
): Promise<Worker> {
  checkSandbox(options);
  checkMaps(options);
  const own = log.module('isolation');
  const [here, there] = unixSocketPair({ type: SOCK_SEQPACKET }).map((fd) => new OwnedFd(fd)) as [
    OwnedFd,
    OwnedFd,
  ];
  using empty = options.sharedDir === undefined ? new EmptyRoot() : undefined;
  let child: SpawnedChild;
  try {
    const directory = empty?.path ?? fromRoot(options.sharedDir!, 'shared folder');
    child = spawnWorker(options, directory, listener, there, context, own);
    context.spawned?.();
  } catch (error) {
    // A process that is there ends with this one, or when it finds nobody to talk to.
    here.close();
    throw error;
  } finally {
    there.close();
  }
  return await new Promise((fulfill, reject) => {
    new Supervisor(child, here, options, own, fulfill, reject);
  });
}

function spawnWorker(
  options: Options,
  directory: string,
  { fd, lock }: WorkerListener,
  conversation: OwnedFd,
  { budget, stderr = 2, cells, trace }: WorkerContext,
  log: Logger,
): SpawnedChild {
  const { module } = options;
  const sharedDir = options.sandbox === 'none' ? directory : '/';
  const nothing = openNothing();
  const firstFurther = FURTHER_FD + (lock === undefined ? 0 : 1);
  try {
    using orders = writeOrders({
      options: {
        ...options,
        ...(options.sharedDir !== undefined && { sharedDir }),
        ...(module && { module: { ...module, path: fromRoot(module.path, 'module') } }),
      },
      ...(budget !== undefined && { budget }),
      ...(cells && { cellsFd: firstFurther }),
      ...(trace && { traceFd: firstFurther + (cells ? 1 : 0) }),
    });
    using landlock = landlockRules(options, directory);
    const plan = planOf(options, directory, {
      ...workerProgram(),
      fds: [nothing, nothing, stderr, fd, conversation, orders],
      ...(lock !== undefined && { lock }),
      further: [cells, trace].filter((each) => each !== undefined),
      ...(landlock && { landlock }),
    });
    const child = spawn(plan);
    log.debug(`the worker is process ${child.pid}`);
    return child;
  } catch (error) {
    throw explain(error, options);
  } finally {
    closeSync(nothing);
  }
}

function openNothing(): number {
  try {
    return openSync('/dev/null', 'r+');
  } catch (error) {
    throw new StartError(`/dev/null cannot be opened (${errorCode(error)}): mount /dev with it`);
  }
}

/** Listens to a worker, from its start to its end. */
class Supervisor {
  readonly #child: SpawnedChild;
  readonly #conversation: OwnedFd;
  readonly #watcher: Watcher;
  readonly #options: Options;
  readonly #log: Logger;
  readonly #fulfill: (worker: Worker) => void;
  readonly #reject: (error: Error) => void;
  readonly #ending: Promise<void>;
  #markEnding!: () => void;
  #failure: string | undefined;
  #forbidden: ForbiddenCalls | undefined;
  readonly #samples: Samples;

  constructor(
    child: SpawnedChild,
    conversation: OwnedFd,
    options: Options,
    log: Logger,
    fulfill: (worker: Worker) => void,
    reject: (error: Error) => void,
  ) {
    this.#child = child;
    this.#conversation = conversation;
    this.#options = options;
    this.#log = log;
    this.#fulfill = fulfill;
    this.#reject = reject;
    this.#ending = new Promise((resolve) => {
      this.#markEnding = resolve;
    });
    this.#watcher = new Watcher(conversation.fd, WATCH_READABLE, () => this.#receive());
    this.#samples = new Samples(() => send(conversation.fd, { kind: 'sample' }));
    void child.exited.then((status) => this.#ended(status));
  }

  #receive(): void {
    const received = receiveNow(this.#conversation.fd);
    if (!received) return;
    const { message, fds } = received;
    // The end of the process is what counts, not that of the conversation.
    if (!message) {
      this.#watcher.close();
      return;
    }
    switch (message.kind) {
      case 'loaded':
        this.#confine();
        break;
      case 'filtered':
        if (fds[0] !== undefined) this.#forbidden = new ForbiddenCalls(fds[0], this.#child, this.#log);
        break;
      case 'refused':
        reportForbidden(message.call, this.#log);
        break;
      case 'serving':
        this.#fulfill({
          pid: this.#child.pid,
          exited: this.#child.exited.then((status) =>
            this.#forbidden?.happened ? { ...status, signal: 'SIGSYS' } : status,
          ),
          ending: this.#ending,
          signal: (name) => void this.#child.kill(name),
          sample: () => this.#samples.ask(),
        });
        break;
      case 'sampled':
        this.#samples.answered();
        break;
      case 'ending':
        this.#markEnding();
        break;
      case 'failed':
        this.#failure = message.message;
        break;
    }
  }

  #confine(): void {
    try {
      if (this.#options.sandbox !== 'none') this.#child.proceed();
    } catch (error) {
      this.#reject(explain(error, this.#options) as Error);
      this.#child.kill('SIGKILL');
      return;
    }
    send(this.#conversation.fd, { kind: 'confined' });
  }

  #ended({ code, signal }: ExitStatus): void {
    // Its last words may have come with its end.
    for (;;) {
      const received = receiveNow(this.#conversation.fd);
      if (!received?.message) break;
      if (received.message.kind === 'failed') this.#failure = received.message.message;
      if (received.message.kind === 'refused') reportForbidden(received.message.call, this.#log);
    }
    this.#watcher.close();
    this.#samples.end();
    this.#forbidden?.[Symbol.dispose]();
    this.#conversation.close();
    const how = signal ? `by ${signal}` : `with status ${code}`;
    this.#reject(new StartError(this.#failure ?? `the worker ended ${how} before it could serve`));
  }
}
