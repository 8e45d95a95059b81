import { raw } from './binding.js';
import type { CapabilitySet } from './capability-set.js';
import { Child, pidfdSendSignal, reap } from './child.js';
import { EPIPE, ESRCH } from './constants/errno.js';
import { POLLIN } from './constants/io.js';
import { CLONE_NEWUSER } from './constants/mount.js';
import { F_DUPFD_CLOEXEC, O_CLOEXEC } from './constants/open.js';
import type { Credentials } from './credentials.js';
import { check, SysError } from './errors.js';
import { poll } from './eventfd.js';
import { type FdLike, OwnedFd } from './fd.js';
import { type IdMaps, writeIdMaps } from './id-map.js';
import { AT_POSITION, readvAt, writevAt } from './io.js';
import { DATA, type PathLike, scratch } from './scratch.js';
import type { Signal } from './signal.js';
import { hasIsolator, planOf } from './spawn-plan.js';
import type { Step } from './step.js';
import type { Steps } from './steps.js';
import { checkFlags, checkInt } from './u64.js';

/** The capabilities of a program that is executed. */
export interface ExecCapabilities {
  /** What it has permitted and effective, on every thread: and inheritable, and ambient unless its user id is 0. */
  readonly keep: CapabilitySet;
  /**
   * Its bounding set; user id 0 is given all that is in it. `'unchanged'` needs no CAP_SETPCAP.
   *
   * @default empty
   */
  readonly bounding?: CapabilitySet | 'unchanged';
}

/** What {@link spawn} starts, and how. The order of the fields is the order in which they take effect. */
export interface SpawnOptions {
  /** The program: a path as execve(2) takes it, not looked for in $PATH. */
  readonly file: PathLike;
  /** Its arguments, without the name. @default none */
  readonly args?: readonly string[];
  /** The name it is told. @default the path */
  readonly argv0?: string;
  /** Its environment. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Its descriptors: the first becomes 0, and so on. It has no others.
   *
   * @default [0, 1, 2]
   */
  readonly fds?: readonly FdLike[];
  /**
   * The signal that it gets when its parent ends: the thread that calls spawn(), or the process between when there
   * is one, which gets it then too.
   *
   * @default none; SIGKILL when the process between ends
   */
  readonly parentDeathSignal?: Signal;
  /**
   * CLONE_NEW flags of the namespaces that it gets. With CLONE_NEWPID a process outside stays, waits for it and
   * passes signals on.
   * @default none
   */
  readonly namespaces?: number;
  /** The maps of its user namespace (CLONE_NEWUSER), written by this process. @default none: nobody is mapped */
  readonly idMaps?: IdMaps;
  /** Whether it leads a session of its own: setsid(2). @default false */
  readonly newSession?: boolean;
  /** What is done in its namespaces, with all privilege, before it is executed: mounts. @default nothing */
  readonly setup?: (steps: Steps) => void;
  /** Its working directory. @default unchanged */
  readonly cwd?: PathLike;
  /** Its file mode creation mask. @default unchanged */
  readonly umask?: number;
  /** Its user and group ids: real, effective and saved. @default unchanged */
  readonly credentials?: Credentials;
  /** Its capabilities. @default as execve(2) finds them */
  readonly capabilities?: ExecCapabilities;
  /** Whether it can never gain privileges: prctl(2) PR_SET_NO_NEW_PRIVS. @default false */
  readonly noNewPrivs?: boolean;
  /**
   * What is done beside the running program when {@link SpawnedChild.proceed} is called, with all privilege, in its
   * namespaces but for the pid namespace: by a process that stays between for it. Here pivot_root(2) moves the root
   * of the program too. @default nothing
   */
  readonly later?: (steps: Steps) => void;
}

/** Who failed: `isolator` is the process that stays between, `program` the one that becomes the program. */
export type SpawnStage = 'isolator' | 'program';

/** A step between fork(2) and execve(2) failed; `syscall` and `path` say which. */
export class SpawnError extends SysError {
  constructor(
    errno: number,
    syscall: string,
    path: string | undefined,
    readonly stage: SpawnStage,
  ) {
    super(errno, syscall, path);
    this.message += ` (in the ${stage === 'isolator' ? 'isolator' : 'child'} of spawn)`;
  }

  /** True for a SpawnError of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof SysError && typeof (value as Partial<SpawnError>).stage === 'string';
  }
}

const REPORT_SIZE = 16;

/** A pipe, both ends close-on-exec and not below `least`, so that they are out of the way of what a child is given. */
function pipe(least: number): { read: OwnedFd; write: OwnedFd } {
  check(raw.pipe2(scratch.id, DATA, O_CLOEXEC), 'pipe2');
  const ends = [scratch.i32[DATA / 4]!, scratch.i32[DATA / 4 + 1]!].map((fd) => new OwnedFd(fd));
  try {
    const [read, write] = ends.map((end) => check(raw.fcntl(end.fd, F_DUPFD_CLOEXEC, least), 'fcntl'));
    return { read: new OwnedFd(read!), write: new OwnedFd(write!) };
  } finally {
    for (const end of ends) end.close();
  }
}

/** The conversation with the child until its last step. */
class Conversation implements Disposable {
  readonly #report: OwnedFd;
  readonly #go: OwnedFd;
  readonly #steps: readonly Step[];
  readonly #isolated: boolean;

  constructor(report: OwnedFd, go: OwnedFd, steps: readonly Step[], isolated: boolean) {
    this.#report = report;
    this.#go = go;
    this.#steps = steps;
    this.#isolated = isolated;
  }

  /** Waits for a report. @returns false when the child has ended or has no more to say @throws {@link SpawnError} */
  next(): boolean {
    const bytes = new Uint8Array(REPORT_SIZE);
    if (readvAt(this.#report, [bytes], AT_POSITION) === 0) return false;
    const [process, index, error] = new Int32Array(bytes.buffer) as unknown as [number, number, number];
    if (error === 0) return true;
    const step = this.#steps[index]!;
    throw new SpawnError(
      error,
      step.name,
      step.path,
      this.#isolated && process === 0 ? 'isolator' : 'program',
    );
  }

  /** Throws what the child has reported, if it has. */
  check(): void {
    while (poll(this.#report, POLLIN, 0) !== 0 && this.next());
  }

  /** Lets the child go on. @returns false when it has ended */
  go(): boolean {
    try {
      writevAt(this.#go, [Uint8Array.of(1)], AT_POSITION);
      return true;
    } catch (error) {
      if (error instanceof SysError && error.errno === EPIPE) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#report.close();
    this.#go.close();
  }
}

/** A process that {@link spawn} started. */
export class SpawnedChild extends Child {
  #conversation: Conversation | undefined;

  /** @internal */
  constructor(pid: number, pidfd: number, conversation: Conversation | undefined) {
    super(pid, pidfd);
    this.#conversation = conversation;
    void this.exited.then(() => conversation?.[Symbol.dispose]());
  }

  /**
   * Has the steps of {@link SpawnOptions.later} done, and waits for that. Afterwards the process outside the program
   * has no privilege but CAP_KILL, where it needs that to pass signals on.
   *
   * @throws {@link SpawnError} when a step fails, which ends the program; ESRCH when the program has ended
   * @throws TypeError when there are no such steps, or they have been done
   */
  proceed(): void {
    using conversation = this.#conversation;
    if (!conversation) throw new TypeError('there are no later steps');
    this.#conversation = undefined;
    if (this.status || !conversation.go() || !conversation.next()) {
      throw new SpawnError(ESRCH, 'read', undefined, 'isolator');
    }
  }

  override [Symbol.dispose](): void {
    this.#conversation?.[Symbol.dispose]();
    this.#conversation = undefined;
    super[Symbol.dispose]();
  }
}

/**
 * Starts a program in namespaces, with an identity, capabilities and descriptors of its own: fork(2), unshare(2),
 * fork(2), execve(2). No JavaScript runs between, so no thread of the program ever has more than it is to have.
 *
 * ```ts
 * const child = spawn({
 *   file: process.execPath,
 *   args: ['worker.js'],
 *   namespaces: CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET,
 *   setup: (steps) => {
 *     steps.mount(undefined, '/', undefined, MS_REC | MS_SLAVE);
 *     steps.mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC);
 *   },
 *   capabilities: { keep: CapabilitySet.of('CAP_CHOWN') },
 *   noNewPrivs: true,
 *   parentDeathSignal: 'SIGTERM',
 * });
 * const { code } = await child.exited;
 * ```
 *
 * Returns when the program is executed: it blocks the thread for the time this takes. Signal handlers and masks of
 * this process do not reach the program. Linux 5.3.
 *
 * @throws {@link SpawnError} when a step fails; the children have ended then
 * @throws {@link SysError} EAGAIN, ENOMEM (fork), EMFILE; {@link IdMapHelperError}
 * @throws TypeError or RangeError for an argument that cannot be right, before anything is started
 */
export function spawn(options: SpawnOptions): SpawnedChild {
  const { namespaces = 0, idMaps, fds = [0, 1, 2] } = options;
  checkFlags(namespaces, 'namespaces');
  if (idMaps && (namespaces & CLONE_NEWUSER) === 0) throw new RangeError('idMaps without CLONE_NEWUSER');
  if (options.umask !== undefined) checkInt(options.umask, 'umask', 0, 0o777);
  const pipes: OwnedFd[] = [];
  const open = (): { read: OwnedFd; write: OwnedFd } => {
    const { read, write } = pipe(fds.length);
    pipes.push(read, write);
    return { read, write };
  };
  let pidfd: number | undefined;
  let pid = 0;
  try {
    const report = open();
    const go = open();
    const executed = open();
    using plan = planOf(options, { go: go.read.fd, executed: executed.write.fd }).build();
    const { id } = plan.memory.windows[0]!;
    pidfd = check(raw.spawn(id, 0, plan.steps.length, report.write.fd, scratch.id, DATA), 'fork');
    pid = scratch.i32[DATA / 4]!;
    for (const end of [report.write, go.read, executed.write]) end.close();
    const conversation = new Conversation(report.read, go.write, plan.steps, hasIsolator(options));
    if (idMaps && conversation.next()) {
      writeIdMaps(pid, idMaps);
      conversation.go();
    }
    // Ends with the execution or with the child.
    readvAt(executed.read, [new Uint8Array(1)], AT_POSITION);
    conversation.check();
    executed.read.close();
    if (options.later) return new SpawnedChild(pid, pidfd, conversation);
    conversation[Symbol.dispose]();
    return new SpawnedChild(pid, pidfd, undefined);
  } catch (error) {
    for (const end of pipes) end.close();
    if (pidfd !== undefined) {
      pidfdSendSignal(pidfd, 'SIGKILL');
      reap(pid);
      new OwnedFd(pidfd).close();
    }
    throw error;
  }
}
