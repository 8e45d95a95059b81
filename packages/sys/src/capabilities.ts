import { raw } from './binding.js';
import { type Capability, CapabilitySet, capabilityNumber } from './capability-set.js';
import { EINVAL } from './constants/errno.js';
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_IS_SET,
  PR_CAP_AMBIENT_LOWER,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_CAPBSET_READ,
} from './constants/prctl.js';
import { check } from './errors.js';
import { DATA, scratch } from './scratch.js';
import { checkInt } from './u64.js';

/**
 * Capabilities belong to threads. What is set here holds for the calling thread and for those it creates later, and
 * not for the others that Node had before the first line of JavaScript ran: to take capabilities from a whole
 * process, take them before it is executed (`spawn`), and look at the result with `readThreads`.
 */

/** The capability sets of a thread that capget(2) knows. */
export interface Capabilities {
  /** What counts in the kernel's checks. */
  readonly effective: CapabilitySet;
  /** What the thread may make effective. */
  readonly permitted: CapabilitySet;
  /** What it passes through execve(2), to be gained with a file's inheritable capabilities or by user id 0. */
  readonly inheritable: CapabilitySet;
}

/** The words of struct __user_cap_data_struct[2]. */
const EFFECTIVE = DATA / 4;
const PERMITTED = EFFECTIVE + 1;
const INHERITABLE = EFFECTIVE + 2;
const HIGH = 3;

function readSet(at: number): CapabilitySet {
  return CapabilitySet.fromHalves(scratch.u32[at]!, scratch.u32[at + HIGH]!);
}

/**
 * The capabilities of a thread: capget(2).
 *
 * @param tid - a thread id. @default 0, the calling thread
 * @throws {@link SysError} ESRCH
 */
export function getCapabilities(tid = 0): Capabilities {
  checkInt(tid, 'tid', 0, 0x7fff_ffff);
  check(raw.capget(tid, scratch.id, DATA), 'capget');
  return {
    effective: readSet(EFFECTIVE),
    permitted: readSet(PERMITTED),
    inheritable: readSet(INHERITABLE),
  };
}

/**
 * Sets capabilities of the calling thread: capset(2). A set that is not given stays as it is.
 *
 * @throws {@link SysError} EPERM: permitted cannot grow; effective must be part of permitted; inheritable can grow
 *   only by what is permitted (or by anything, with CAP_SETPCAP) and in the bounding set
 */
export function setCapabilities(capabilities: Partial<Capabilities>): void {
  const { effective, permitted, inheritable } = { ...getCapabilities(), ...defined(capabilities) };
  placeCapabilities(scratch.u32, EFFECTIVE, { effective, permitted, inheritable });
  check(raw.capset(scratch.id, DATA), 'capset');
}

/** Writes what capset(2) reads, from the word `at` on. @throws TypeError for what is no set */
export function placeCapabilities(words: Uint32Array, at: number, capabilities: Capabilities): void {
  const { effective, permitted, inheritable } = capabilities;
  const sets = [effective, permitted, inheritable];
  // Not instanceof: a set of another copy of this package is as good.
  if (sets.some((set) => typeof set?.low !== 'number' || typeof set.high !== 'number')) {
    throw new TypeError('not a CapabilitySet');
  }
  for (const [i, set] of sets.entries()) {
    words[at + i] = set.low;
    words[at + i + HIGH] = set.high;
  }
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}

let last: number | undefined;

/** The highest capability that the kernel knows; there is none between that it does not: prctl(2) PR_CAPBSET_READ. */
export function lastCapability(): number {
  if (last === undefined) {
    let number = 0;
    while (number < 63 && raw.prctl(PR_CAPBSET_READ, number + 1, 0) !== -EINVAL) number++;
    last = number;
  }
  return last;
}

/** All capabilities that the kernel knows. */
export function allCapabilities(): CapabilitySet {
  return CapabilitySet.of(...Array.from({ length: lastCapability() + 1 }, (_, number) => number));
}

/** The bounding set of the calling thread, which limits what execve(2) gives: prctl(2) PR_CAPBSET_READ. */
export function getBoundingSet(): CapabilitySet {
  const members = [...allCapabilities()].filter(
    (number) => check(raw.prctl(PR_CAPBSET_READ, number, 0), 'prctl') === 1,
  );
  return CapabilitySet.of(...members);
}

/**
 * Reduces the bounding set of the calling thread to what is in `keep`, for good: prctl(2) PR_CAPBSET_DROP. When a
 * call fails those before it have had their effect.
 *
 * @throws {@link SysError} EPERM without CAP_SETPCAP
 */
export function limitBoundingSet(keep: CapabilitySet): void {
  for (const number of getBoundingSet().minus(keep)) check(raw.prctl(PR_CAPBSET_DROP, number, 0), 'prctl');
}

/** The ambient set of the calling thread, which it keeps through execve(2): prctl(2) PR_CAP_AMBIENT. */
export function getAmbientSet(): CapabilitySet {
  const members = [...allCapabilities()].filter(
    (number) => check(raw.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number), 'prctl') === 1,
  );
  return CapabilitySet.of(...members);
}

/**
 * Makes `set` the ambient set of the calling thread: prctl(2) PR_CAP_AMBIENT.
 *
 * @throws {@link SysError} EPERM for a capability that is not both permitted and inheritable; the set is then part
 *   of the wanted one
 */
export function setAmbientSet(set: CapabilitySet): void {
  check(raw.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0), 'prctl');
  for (const number of set) check(raw.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number), 'prctl');
}

/** Takes one capability out of the ambient set of the calling thread: prctl(2) PR_CAP_AMBIENT_LOWER. */
export function lowerAmbient(capability: Capability): void {
  check(raw.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capabilityNumber(capability)), 'prctl');
}

/**
 * Makes capabilities ineffective for the calling thread until disposed: a write that is to clear set-user-id bits
 * like that of somebody without CAP_FSETID, say.
 *
 * Only synchronous work belongs in the scope.
 */
export class ScopedCapabilities implements Disposable {
  readonly #previous: CapabilitySet;
  #restored = false;

  /** @param without - what is not effective in the scope. @throws {@link SysError} EPERM */
  constructor(...without: readonly Capability[]) {
    this.#previous = getCapabilities().effective;
    setCapabilities({ effective: this.#previous.without(...without) });
  }

  /**
   * Restores the effective capabilities. Idempotent.
   * @throws {@link SysError} EPERM when they are not permitted any more
   */
  [Symbol.dispose](): void {
    if (this.#restored) return;
    this.#restored = true;
    setCapabilities({ effective: this.#previous });
  }
}
