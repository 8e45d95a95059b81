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
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRAP,
} from './constants/seccomp.js';
import { check, SysError } from './errors.js';
import { setNoNewPrivs } from './privilege.js';
import { checkBytes, DATA, scratch } from './scratch.js';
import { type SyscallArch, type SyscallName, syscallArch, syscallNumber } from './syscall-names.js';
import { checkInt } from './u64.js';

/**
 * Filters of system calls (seccomp(2)). The program is made here, from a table of numbers written from the kernel's
 * headers, rather than by libseccomp: an allow list without arguments is a search in a sorted list, and an addon
 * that links that library statically would take on the duties of the LGPL for it.
 */

/**
 * What happens to a system call: allowed; allowed and logged (`log`); refused with an errno; SIGSYS for the thread
 * (`trap`); the end of the thread or the process.
 */
export type SeccompAction =
  | 'allow'
  | 'log'
  | 'trap'
  | 'kill_thread'
  | 'kill_process'
  | {
      /** 1 to 4095. */
      readonly errno: number;
    };

/** Which system calls a filter lets through. */
export interface SeccompRules {
  /** What is allowed, by the kernel's names. One that the architecture does not have is left out. */
  readonly allow: Iterable<SyscallName>;
  /** What happens to everything else, and to calls of another architecture. */
  readonly otherwise: SeccompAction;
  /** Actions of single system calls, before both: `{ clone3: { errno: ENOSYS } }`. @default none */
  readonly actions?: Readonly<Partial<Record<SyscallName, SeccompAction>>>;
}

/** AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64. */
const AUDIT_ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

/** Where struct seccomp_data has its fields. */
const DATA_NR = 0;
const DATA_ARCH = 4;

/** The SECCOMP_RET_ value of an action. @throws RangeError */
export function seccompReturn(action: SeccompAction): number {
  if (typeof action === 'object') return SECCOMP_RET_ERRNO | checkInt(action.errno, 'errno', 1, 4095);
  switch (action) {
    case 'allow':
      return SECCOMP_RET_ALLOW;
    case 'log':
      return SECCOMP_RET_LOG;
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

/** From this number on (up to the next) the filter returns this value. */
interface Span {
  readonly from: number;
  readonly value: number;
}

/** The numbers of all system calls, as spans with the same value. */
function spansOf(rules: SeccompRules, arch: SyscallArch): Span[] {
  const otherwise = seccompReturn(rules.otherwise);
  const values = new Map<number, number>();
  const put = (name: SyscallName, value: number): void => {
    const number = syscallNumber(name, arch);
    if (number !== undefined) values.set(number, value);
  };
  for (const name of rules.allow) put(name, SECCOMP_RET_ALLOW);
  for (const [name, action] of Object.entries(rules.actions ?? {}))
    put(name as SyscallName, seccompReturn(action));
  const spans: Span[] = [{ from: 0, value: otherwise }];
  const add = (from: number, value: number): void => {
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
function search(spans: readonly Span[]): Instruction[] {
  if (spans.length === 1) return [ret(spans[0]!.value)];
  const middle = spans.length >> 1;
  return ifAtLeast(spans[middle]!.from, search(spans.slice(middle)), search(spans.slice(0, middle)));
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
      [load(DATA_NR), ...search(spansOf(rules, arch))],
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
  checkBytes(program, 'program');
  const count = checkInt(program.length / SIZEOF_SOCK_FILTER, 'instructions', 1, BPF_MAXINSNS);
  const flags = (allThreads ? SECCOMP_FILTER_FLAG_TSYNC : 0) | (log ? SECCOMP_FILTER_FLAG_LOG : 0);
  setNoNewPrivs();
  scratch.u8.set(program, DATA);
  const result = check(raw.seccompFilter(flags, scratch.id, DATA, count), 'seccomp');
  // The id of a thread.
  if (result > 0) throw new SysError(ESRCH, 'seccomp');
}
