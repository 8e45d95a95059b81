import { raw } from './binding.js';
import {
  BPF_MAXINSNS,
  encode,
  type Instruction,
  ifAtLeast,
  ifEqual,
  load,
  ret,
  SIZEOF_SOCK_FILTER,
} from './bpf.js';
import { ESRCH } from './constants/errno.js';
import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF,
} from './constants/seccomp.js';
import { check, SysError } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { setNoNewPrivs } from './privilege.js';
import { checkBytes, DATA, scratch } from './scratch.js';
import {
  type SyscallArch,
  type SyscallName,
  syscallArch,
  syscallName,
  syscallNumber,
} from './syscall-names.js';
import { checkInt } from './u64.js';

/**
 * Filters of system calls (seccomp(2)). The program is made here, from a table of numbers written from the kernel's
 * headers, rather than by libseccomp: an allow list without arguments is a search in a sorted list, and an addon
 * that links that library statically would take on the duties of the LGPL for it.
 */

/**
 * What happens to a system call: allowed; allowed and logged (`log`); put before whoever has the listener of the filter
 * (`notify`, see {@link loadSeccompWithListener}); refused with an errno; SIGSYS for the thread (`trap`); the end of the
 * thread or the process.
 */
export type SeccompAction =
  | 'allow'
  | 'log'
  | 'notify'
  | 'trap'
  | 'kill_thread'
  | 'kill_process'
  | {
      /** 1 to 4095. */
      readonly errno: number;
    };

/**
 * What one argument of a system call may be. Only its low 32 bits are looked at: for arguments that the kernel takes as
 * an int, or whose high half it ignores, and not for addresses.
 */
export type ArgumentCondition = {
  /** 0 to 5. */
  readonly argument: number;
} & ({ readonly oneOf: readonly number[] } | { readonly noneOf: readonly number[] });

/** Which system calls a filter lets through. */
export interface SeccompRules {
  /** What is allowed, by the kernel's names. One that the architecture does not have is left out. */
  readonly allow: Iterable<SyscallName>;
  /** What happens to everything else, and to calls of another architecture. */
  readonly otherwise: SeccompAction;
  /** Actions of single system calls, before both: `{ clone3: { errno: ENOSYS } }`. @default none */
  readonly actions?: Readonly<Partial<Record<SyscallName, SeccompAction>>>;
  /** What an argument of an allowed call must be: with another one it is not allowed. @default anything */
  readonly where?: Readonly<Partial<Record<SyscallName, ArgumentCondition>>>;
}

/** AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64. */
const AUDIT_ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

/** Where struct seccomp_data has its fields. */
const DATA_NR = 0;
const DATA_ARCH = 4;
/** The low half of the first argument; both architectures are little-endian. */
const DATA_ARGS = 16;

/** The SECCOMP_RET_ value of an action. @throws RangeError */
export function seccompReturn(action: SeccompAction): number {
  if (typeof action === 'object') return SECCOMP_RET_ERRNO | checkInt(action.errno, 'errno', 1, 4095);
  switch (action) {
    case 'allow':
      return SECCOMP_RET_ALLOW;
    case 'log':
      return SECCOMP_RET_LOG;
    case 'notify':
      return SECCOMP_RET_USER_NOTIF;
    case 'trap':
      return SECCOMP_RET_TRAP;
    case 'kill_thread':
      return SECCOMP_RET_KILL_THREAD;
    case 'kill_process':
      return SECCOMP_RET_KILL_PROCESS;
    default:
      throw new RangeError(`there is no action '${String(action)}'`);
  }
}

/**
 * Whether the kernel knows an action: seccomp(2) SECCOMP_GET_ACTION_AVAIL. False also where seccomp itself is missing.
 */
export function isSeccompActionAvailable(action: SeccompAction): boolean {
  return raw.seccompActionAvail(seccompReturn(action) & 0xffff_0000) === 0;
}

/** What is decided about a system call: a value to return, or what an argument must be for it to be allowed. */
type Verdict = number | ArgumentCondition;

/** From this number on (up to the next) the filter decides this. */
interface Span {
  readonly from: number;
  readonly value: Verdict;
}

/** The numbers of all system calls, as spans with the same value. */
function spansOf(rules: SeccompRules, arch: SyscallArch): Span[] {
  const otherwise = seccompReturn(rules.otherwise);
  const values = new Map<number, Verdict>();
  const put = (name: SyscallName, value: Verdict): void => {
    const number = syscallNumber(name, arch);
    if (number !== undefined) values.set(number, value);
  };
  for (const name of rules.allow) put(name, rules.where?.[name] ?? SECCOMP_RET_ALLOW);
  for (const [name, action] of Object.entries(rules.actions ?? {}))
    put(name as SyscallName, seccompReturn(action));
  const spans: Span[] = [{ from: 0, value: otherwise }];
  const add = (from: number, value: Verdict): void => {
    const previous = spans.at(-1)!;
    if (previous.value === value) return;
    // Nothing lies between: the span is replaced.
    if (previous.from === from) spans.pop();
    if (spans.at(-1)?.value !== value) spans.push({ from, value });
  };
  for (const number of [...values.keys()].sort((a, b) => a - b)) {
    add(number, values.get(number)!);
    add(number + 1, otherwise);
  }
  return spans;
}

/** A binary search. */
function search(spans: readonly Span[], otherwise: number): Instruction[] {
  if (spans.length === 1) return decide(spans[0]!.value, otherwise);
  const middle = spans.length >> 1;
  return ifAtLeast(
    spans[middle]!.from,
    search(spans.slice(middle), otherwise),
    search(spans.slice(0, middle), otherwise),
  );
}

function decide(verdict: Verdict, otherwise: number): Instruction[] {
  if (typeof verdict === 'number') return [ret(verdict)];
  const [values, found, missing] =
    'oneOf' in verdict
      ? [verdict.oneOf, SECCOMP_RET_ALLOW, otherwise]
      : [verdict.noneOf, otherwise, SECCOMP_RET_ALLOW];
  const compare = values.reduceRight<Instruction[]>(
    (rest, value) => ifEqual(checkInt(value, 'value', 0, 0xffff_ffff), [ret(found)], rest),
    [ret(missing)],
  );
  return [load(DATA_ARGS + 8 * checkInt(verdict.argument, 'argument', 0, 5)), ...compare];
}

/**
 * The filter program for rules: some ten instructions are run per system call. Numbers of the x32 table are none
 * that are allowed.
 *
 * @param arch - @default that of this process
 * @returns struct sock_filter, 8 bytes each
 * @throws RangeError for a system call or an action that does not exist
 */
export function seccompProgram(rules: SeccompRules, arch: SyscallArch = syscallArch()): Uint8Array {
  const program = [
    load(DATA_ARCH),
    ...ifEqual(
      AUDIT_ARCH[arch],
      [load(DATA_NR), ...search(spansOf(rules, arch), seccompReturn(rules.otherwise))],
      [ret(seccompReturn(rules.otherwise))],
    ),
  ];
  return encode(program);
}

/** How to load a filter. */
export interface SeccompOptions {
  /**
   * For all threads of the process, at once or not at all (SECCOMP_FILTER_FLAG_TSYNC), or for the calling one.
   * @default true
   */
  readonly allThreads?: boolean;
  /**
   * Whether the kernel logs what is refused, for actions that /proc/sys/kernel/seccomp/actions_logged lists.
   * @default false
   */
  readonly log?: boolean;
}

/**
 * Loads a filter, for good: seccomp(2) SECCOMP_SET_MODE_FILTER. Threads created later have it too. Sets no_new_privs
 * first, which a filter without CAP_SYS_ADMIN needs, and which all threads then have.
 *
 * Of several filters the strictest action counts.
 *
 * @param program - of {@link seccompProgram}, or any other
 * @throws {@link SysError} ESRCH when another thread has a filter that the calling one does not, so that none gets
 *   this; EINVAL for a program that the kernel refuses; ENOMEM; ENOSYS
 * @throws RangeError for a program that is empty, too long, or not of whole instructions
 */
export function loadSeccomp(program: Uint8Array, options: SeccompOptions = {}): void {
  const { allThreads = true, log = false } = options;
  const flags = (allThreads ? SECCOMP_FILTER_FLAG_TSYNC : 0) | (log ? SECCOMP_FILTER_FLAG_LOG : 0);
  // The id of a thread.
  if (install(program, flags) > 0) throw new SysError(ESRCH, 'seccomp');
}

/**
 * Loads a filter for all threads, like {@link loadSeccomp}, some of whose calls are put before another process
 * (`notify`): Linux 5.7. A thread that makes such a call stands still until that is answered or the listener is
 * closed, when the call fails with ENOSYS.
 *
 * @returns the listener, to be given to that process: readable when there is a call
 * @throws {@link SysError} as {@link loadSeccomp}; EINVAL from an older kernel; EBUSY when another filter of this process
 *   has a listener already, such as a container's
 */
export function loadSeccompWithListener(program: Uint8Array): number {
  return install(
    program,
    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH | SECCOMP_FILTER_FLAG_NEW_LISTENER,
  );
}

function install(program: Uint8Array, flags: number): number {
  checkBytes(program, 'program');
  const count = checkInt(program.length / SIZEOF_SOCK_FILTER, 'instructions', 1, BPF_MAXINSNS);
  setNoNewPrivs();
  scratch.u8.set(program, DATA);
  return check(raw.seccompFilter(flags, scratch.id, DATA, count), 'seccomp');
}

/** A system call that stands still. */
export interface SeccompNotification {
  /** The thread that made it, as the reader of the notice sees it; 0 when it does not. */
  readonly tid: number;
  readonly number: number;
  /** Undefined for a number without one. */
  readonly name: SyscallName | undefined;
}

/**
 * The next system call that stands still at a listener of {@link loadSeccompWithListener}; waits for one: seccomp_unotify(2).
 * There is no answering: the caller ends the process.
 *
 * @throws {@link SysError} ENOENT when the thread has been killed meanwhile
 */
export function receiveSeccompNotification(listener: FdLike): SeccompNotification {
  check(raw.seccompNotification(fdOf(listener), scratch.id, DATA), 'seccomp');
  const number = scratch.i32[DATA / 4 + 4]!;
  return { tid: scratch.i32[DATA / 4 + 2]!, number, name: syscallName(number) };
}

/**
 * Has every SIGSYS of a filter (`trap`) reported before it ends the process, by an i32 written to a descriptor: the number of the
 * system call. The process then ends at that call, so that its core dump shows where it was made.
 */
export function reportSeccompTraps(fd: FdLike): void {
  check(raw.seccompReportTraps(fdOf(fd)), 'rt_sigaction');
}
