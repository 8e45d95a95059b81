import { raw } from './binding.js';
import {
  PR_GET_DUMPABLE,
  PR_GET_KEEPCAPS,
  PR_GET_NO_NEW_PRIVS,
  PR_GET_PDEATHSIG,
  PR_GET_SECUREBITS,
  PR_SET_DUMPABLE,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  PR_SET_SECUREBITS,
} from './constants/prctl.js';
import { check } from './errors.js';
import { type Signal, signalNumber } from './signal.js';
import { checkFlags, checkU32 } from './u64.js';

/**
 * prctl(2) with an option whose arguments are integers.
 *
 * @param option - a PR_ constant; EINVAL for one whose argument is an address
 * @param arg2 - a u32. @default 0
 * @param arg3 - a u32. @default 0
 * @returns the result, or what the option stores
 * @throws {@link SysError} EINVAL, EPERM
 */
export function prctl(option: number, arg2 = 0, arg3 = 0): number {
  checkFlags(option, 'option');
  return check(raw.prctl(option, checkU32(arg2, 'arg2'), checkU32(arg3, 'arg3')), 'prctl');
}

/** Whether execve(2) can no longer give the calling thread privileges: PR_GET_NO_NEW_PRIVS. */
export function getNoNewPrivs(): boolean {
  return prctl(PR_GET_NO_NEW_PRIVS) === 1;
}

/**
 * Bars the calling thread, for good, and those it creates later, from gaining privileges through execve(2):
 * PR_SET_NO_NEW_PRIVS. A seccomp filter for all threads brings the others along.
 */
export function setNoNewPrivs(): void {
  prctl(PR_SET_NO_NEW_PRIVS, 1);
}

/** The signal that the process gets when its parent thread ends, 0 for none: PR_GET_PDEATHSIG. */
export function getParentDeathSignal(): number {
  return prctl(PR_GET_PDEATHSIG);
}

/**
 * Sets the signal that the process gets when the thread that created it ends: PR_SET_PDEATHSIG. It is forgotten by a
 * change of the credentials, and nothing happens when the parent has ended already; `spawn` has an option without
 * that gap.
 *
 * @param signal - 0 for none
 */
export function setParentDeathSignal(signal: Signal | 0): void {
  prctl(PR_SET_PDEATHSIG, signal === 0 ? 0 : signalNumber(signal));
}

/** Whether the thread keeps its permitted capabilities when its user ids all become other than 0: PR_GET_KEEPCAPS. */
export function getKeepCaps(): boolean {
  return prctl(PR_GET_KEEPCAPS) === 1;
}

/**
 * Sets what {@link getKeepCaps} says; execve(2) clears it: PR_SET_KEEPCAPS.
 * @throws {@link SysError} EPERM when it is locked
 */
export function setKeepCaps(keep: boolean): void {
  prctl(PR_SET_KEEPCAPS, keep ? 1 : 0);
}

/** SECBIT_ flags of the calling thread: PR_GET_SECUREBITS. */
export function getSecurebits(): number {
  return prctl(PR_GET_SECUREBITS);
}

/**
 * Sets SECBIT_ flags of the calling thread: PR_SET_SECUREBITS.
 * @throws {@link SysError} EPERM without CAP_SETPCAP, or locked
 */
export function setSecurebits(bits: number): void {
  prctl(PR_SET_SECUREBITS, bits);
}

/** Whether the process may be traced and dump core (1), or not (0; 2: only root reads the dump): PR_GET_DUMPABLE. */
export function getDumpable(): number {
  return prctl(PR_GET_DUMPABLE);
}

/**
 * Sets whether the process may be traced and dump core: PR_SET_DUMPABLE. Files of /proc/PID belong to root while it
 * may not.
 */
export function setDumpable(dumpable: boolean): void {
  prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0);
}
