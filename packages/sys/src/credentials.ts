import { raw } from './binding.js';
import { check } from './errors.js';
import { DATA, DATA_SIZE, scratch } from './scratch.js';
import { checkInt } from './u64.js';

/** Leaves an id as it is. */
export const UNCHANGED = -1;

/** Real, effective and saved id of the calling thread. */
export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

function readIds(): Ids {
  const [real, effective, saved] = scratch.u32.subarray(DATA / 4, DATA / 4 + 3) as unknown as [
    number,
    number,
    number,
  ];
  return { real, effective, saved };
}

/** The user ids of the calling thread: getresuid(2). */
export function getresuid(): Ids {
  check(raw.getresuid(scratch.id, DATA), 'getresuid');
  return readIds();
}

/** The group ids of the calling thread: getresgid(2). */
export function getresgid(): Ids {
  check(raw.getresgid(scratch.id, DATA), 'getresgid');
  return readIds();
}

/**
 * Sets the user ids of the calling thread alone, by system call: setresuid(2). libc's function, and so `process.setuid`,
 * changes every thread.
 *
 * Changing the effective id from 0 to another clears the effective capabilities of the thread; the way back restores them
 * from the permitted ones.
 *
 * @throws {@link SysError} EPERM; EINVAL for an id that the user namespace does not map
 */
export function setresuid(real: number, effective: number, saved: number): void {
  check(raw.setresuid(checkId(real), checkId(effective), checkId(saved)), 'setresuid');
}

/** Sets the group ids of the calling thread alone: setresgid(2), as {@link setresuid}. */
export function setresgid(real: number, effective: number, saved: number): void {
  check(raw.setresgid(checkId(real), checkId(effective), checkId(saved)), 'setresgid');
}

/** The supplementary groups of the calling thread: getgroups(2). */
export function getgroups(): number[] {
  const count = check(raw.getgroups(scratch.id, DATA, DATA_SIZE / 4), 'getgroups');
  return Array.from(scratch.u32.subarray(DATA / 4, DATA / 4 + count));
}

/** Sets the supplementary groups of the calling thread alone: setgroups(2). @throws {@link SysError} EPERM, EINVAL */
export function setgroups(groups: readonly number[]): void {
  checkInt(groups.length, 'groups.length', 0, DATA_SIZE / 4);
  for (const group of groups) checkInt(group, 'group', 0, 0xffff_fffe);
  scratch.u32.set(groups, DATA / 4);
  check(raw.setgroups(scratch.id, DATA, groups.length), 'setgroups');
}

function checkId(id: number): number {
  return checkInt(id, 'id', UNCHANGED, 0xffff_fffe);
}

/** Whose identity to take on. */
export interface Credentials {
  /** Effective user id. @default unchanged */
  readonly uid?: number;
  /** Effective group id. @default unchanged */
  readonly gid?: number;
  /** Supplementary groups. @default unchanged */
  readonly groups?: readonly number[];
}

/**
 * Takes on the effective identity of somebody else, for the calling thread alone, until disposed:
 *
 * ```ts
 * using _ = new ScopedCredentials({ uid: 1000, gid: 1000, groups: [] });
 * mkdirat(dir, name);
 * ```
 *
 * Only synchronous work belongs in the scope. A thread that is created meanwhile inherits the identity, and Node makes those
 * of its pool on first use: have one asynchronous file operation complete before.
 */
export class ScopedCredentials implements Disposable {
  readonly #uid: number;
  readonly #gid: number;
  readonly #groups: readonly number[] | undefined;
  #restored = false;

  /** @throws {@link SysError} EPERM, EINVAL; the identity is then unchanged */
  constructor({ uid = UNCHANGED, gid = UNCHANGED, groups }: Credentials) {
    checkId(uid);
    checkId(gid);
    this.#uid = uid === UNCHANGED ? UNCHANGED : getresuid().effective;
    this.#gid = gid === UNCHANGED ? UNCHANGED : getresgid().effective;
    this.#groups = groups && getgroups();
    // The user id last: without it the other two are not allowed.
    if (groups) setgroups(groups);
    try {
      setresgid(UNCHANGED, gid, UNCHANGED);
      setresuid(UNCHANGED, uid, UNCHANGED);
    } catch (error) {
      this.#restored = true;
      setresgid(UNCHANGED, this.#gid, UNCHANGED);
      if (this.#groups) setgroups(this.#groups);
      throw error;
    }
  }

  /**
   * Restores the previous identity. Idempotent.
   *
   * @throws {@link SysError} when that fails, which a process should not survive: its identity is then unknown
   */
  [Symbol.dispose](): void {
    if (this.#restored) return;
    this.#restored = true;
    setresuid(UNCHANGED, this.#uid, UNCHANGED);
    setresgid(UNCHANGED, this.#gid, UNCHANGED);
    if (this.#groups) setgroups(this.#groups);
  }
}
