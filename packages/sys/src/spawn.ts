import { raw } from './binding.js';
import type { CapabilitySet } from './capability-set.js';
import { Child, pidfdOpen, pidfdSendSignal, reap } from './child.js';
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
   * Its descriptors: the first becomes 0, and so on. It has no others. A function adds the steps that open one in the
   * new process, after those of {@link setup}.
   *
   * @default [0, 1, 2]
   */
  readonly fds?: readonly (FdLike | ((steps: Steps) => Step))[];
  /**
   * The signal that it gets when its parent ends: the thread that calls spawn(), or the process between when there
   * is one, which gets it then too.
   *
   * @default none; SIGKILL when the process between ends
   */
  readonly parentDeathSignal?: Signal;
  /**
   * CLONE_NEW flags of the namespaces that it gets. With CLONE_NEWPID a process outside stays, waits for it and
   * passes signals on, unless {@link adopt} says otherwise.
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
  /** The rules of Landlock for it, of `landlockRuleset`; {@link noNewPrivs} is needed too. @default none */
  readonly landlock?: FdLike;
  /**
   * A filter of system calls for it, of `seccompProgram`, that has to allow execve(2); {@link noNewPrivs} or CAP_SYS_ADMIN is needed,
   * too. @default none
   */
  readonly seccomp?: Uint8Array;
  /**
   * What is done beside the running program when {@link SpawnedChild.proceed} is called, with all privilege, in its
   * namespaces but for the pid namespace: by a process that stays between for it. Here pivot_root(2) moves the root
   * of the program too. @default nothing
   */
  readonly later?: (steps: Steps) => void;
  /**
   * Whether the process between ends as soon as its work is done, and the program is a child of this process itself
   * (CLONE_PARENT): signals go to it directly, and no copy of this process's memory is held. The first process of a
   * pid namespace gets SIGKILL and the signals that it handles. @default false
   */
  readonly adopt?: boolean;
  /**
   * Whether the process between shares its root and working directory with the program (CLONE_FS), so that chroot(2)
   * and chdir(2) in {@link later} are done to both. @default false
   */
  readonly sharedRoot?: boolean;
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

/** What a child tells: see native/calls_spawn.cc. */
interface Report {
  /** 0 for the process that was forked first. */
  readonly process: number;
  readonly step: number;
  /** An errno, or 0. */
  readonly error: number;
  readonly value: number;
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

  /**
   * Waits for a report.
   * @returns its value; undefined when the child has ended or has no more to say
   * @throws {@link SpawnError}
   */
  next(): number | undefined {
    const report = this.#read();
    if (report && report.error !== 0) throw this.#failure(report);
    return report?.value;
  }

  /** The pid that the isolator reports, which the program may have forestalled with a failure. */
  adopted(): { readonly pid: number; readonly failure: SpawnError | undefined } {
    let failure: SpawnError | undefined;
    for (;;) {
      const report = this.#read();
      if (!report) throw failure ?? new SpawnError(ESRCH, 'clone', undefined, 'isolator');
      if (report.process === 0 && report.error === 0) return { pid: report.value, failure };
      failure = this.#failure(report);
    }
  }

  #read(): Report | undefined {
    const bytes = new Uint8Array(REPORT_SIZE);
    if (readvAt(this.#report, [bytes], AT_POSITION) === 0) return undefined;
    const [process, step, error, value] = new Int32Array(bytes.buffer) as unknown as number[];
    return { process: process!, step: step!, error: error!, value: value! };
  }

  #failure({ process, step, error }: Report): SpawnError {
    const { name, path } = this.#steps[step]!;
    return new SpawnError(error, name, path, this.#isolated && process === 0 ? 'isolator' : 'program');
  }

  /** Throws what the child has reported, if it has. */
  check(): void {
    while (poll(this.#report, POLLIN, 0) !== 0 && this.next() !== undefined);
  }

  /** Waits until the children have no more to say: the program is executed, and the process outside has given up what it had. */
  end(): void {
    while (this.next() !== undefined);
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

/** A child that this process has to wait for. */
class Forked {
  readonly pidfd: OwnedFd;

  constructor(
    readonly pid: number,
    pidfd: number,
  ) {
    this.pidfd = new OwnedFd(pidfd);
  }

  kill(): void {
    pidfdSendSignal(this.pidfd, 'SIGKILL');
    reap(this.pid);
    this.pidfd.close();
  }
}

/** A process that {@link spawn} started. */
export class SpawnedChild extends Child {
  #conversation: Conversation | undefined;
  /** The process between, when it is not the one that waits for the program. */
  #between: Forked | undefined;

  /** @internal */
  constructor(pid: number, pidfd: number, conversation?: Conversation, between?: Forked) {
    super(pid, pidfd);
    this.#conversation = conversation;
    this.#between = between;
    void this.exited.then(() => this.#release());
  }

  /**
   * Has the steps of {@link SpawnOptions.later} done, and waits for that. Afterwards the process outside the program
   * has no privilege but CAP_KILL, where it needs that to pass signals on.
   *
   * @throws {@link SpawnError} when a step fails, which ends the program; ESRCH when the program has ended
   * @throws TypeError when there are no such steps, or they have been done
   */
  proceed(): void {
    const conversation = this.#conversation;
    if (!conversation) throw new TypeError('there are no later steps');
    try {
      if (this.status || !conversation.go() || conversation.next() === undefined) {
        throw new SpawnError(ESRCH, 'read', undefined, 'isolator');
      }
      conversation.end();
    } catch (error) {
      // The process between would have taken it along.
      if (this.#between) this.kill('SIGKILL');
      throw error;
    } finally {
      this.settle();
    }
  }

  override [Symbol.dispose](): void {
    this.settle();
    super[Symbol.dispose]();
  }

  /** @internal There is nothing to be done later. */
  settle(): void {
    this.#release();
    this.#conversation = undefined;
  }

  /** Ends the conversation, and with it the process between that waits for more. */
  #release(): void {
    this.#conversation?.[Symbol.dispose]();
    // Done with its steps, or waiting for a word that will not come.
    this.#between?.kill();
    this.#between = undefined;
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
 * Returns when the program is executed, and the process outside, if one stays, has given up its descriptors and privileges, unless it
 * is to do more {@link SpawnOptions.later}: it blocks the thread for the time this takes. Signal handlers and masks of
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
  if (options.adopt && !hasIsolator(options)) throw new RangeError('adopt without a process between');
  const pipes: OwnedFd[] = [];
  const open = (): { read: OwnedFd; write: OwnedFd } => {
    const { read, write } = pipe(fds.length);
    pipes.push(read, write);
    return { read, write };
  };
  const forked: Forked[] = [];
  try {
    const report = open();
    const go = open();
    const executed = open();
    using plan = planOf(options, {
      go: go.read.fd,
      executed: executed.write.fd,
      report: report.write.fd,
    }).build();
    const { id } = plan.memory.windows[0]!;
    const pidfd = check(raw.spawn(id, 0, plan.steps.length, report.write.fd, scratch.id, DATA), 'fork');
    forked.push(new Forked(scratch.i32[DATA / 4]!, pidfd));
    for (const end of [report.write, go.read, executed.write]) end.close();
    const conversation = new Conversation(report.read, go.write, plan.steps, hasIsolator(options));
    if (idMaps && conversation.next() !== undefined) {
      writeIdMaps(forked[0]!.pid, idMaps);
      conversation.go();
    }
    if (options.adopt) {
      const { pid, failure } = conversation.adopted();
      forked.push(new Forked(pid, pidfdOpen(pid)));
      if (failure) throw failure;
    }
    // Ends with the execution or with the child.
    readvAt(executed.read, [new Uint8Array(1)], AT_POSITION);
    // A process that is to do more has not ended its part.
    if (options.later) conversation.check();
    else conversation.end();
    executed.read.close();
    const program = forked.pop()!;
    const child = new SpawnedChild(program.pid, program.pidfd.release(), conversation, forked[0]);
    if (!options.later) child.settle();
    return child;
  } catch (error) {
    for (const end of pipes) end.close();
    for (const each of forked) each.kill();
    throw error;
  }
}
