import {
  CapabilitySet,
  EACCES,
  EINVAL,
  EPERM,
  getCapabilities,
  getgroups,
  MappedMemory,
  type MemoryWindow,
  raw,
  SysError,
  setCapabilities,
} from '@vfs/sys';
import { mustReturn } from './way-home.js';

/** setresuid and setresgid: leave this one as it is. As an id it is nobody's. */
const KEEP = -1;
const ACCESS = CapabilitySet.of('CAP_DAC_OVERRIDE');

/**
 * Lets the calling thread create files as the guest's user, so that owner, quota and set-group-id rules are the kernel's.
 *
 * Only the effective ids change, and only for the thread (raw system calls, not libc's): the saved ids are the way
 * back. Id 0 of the guest is the daemon itself, whoever that is.
 */
export class Credentials {
  readonly #uid = process.geteuid!();
  readonly #gid = process.getegid!();
  readonly #ownGroups = getgroups();
  #switchedUid = false;
  #switchedGid = false;
  #switchedGroups = false;
  /** What was effective before {@link overrideAccess}. */
  #capabilities: CapabilitySet | undefined;
  readonly #groups = new GroupMemory(this.#ownGroups);

  /**
   * Becomes the guest's user until {@link restore}: 0, or −errno with nothing changed.
   *
   * @param groups the supplementary groups to have instead of the daemon's own, where another user is assumed
   */
  assume(uid: number, gid: number, groups?: readonly number[]): number {
    const error = this.#assume(uid, gid, groups);
    // An id that is nobody's, or that the daemon's user namespace does not have.
    return error === -EINVAL ? -EPERM : error;
  }

  #assume(uid: number, gid: number, groups?: readonly number[]): number {
    if ((uid | 0) === KEEP || (gid | 0) === KEEP) return -EINVAL;
    const switchesUser = uid !== 0 && uid !== this.#uid;
    let error = groups && switchesUser ? this.#assumeGroups(groups) : 0;
    if (error === 0 && gid !== 0 && gid !== this.#gid) {
      error = raw.setresgid(KEEP, gid | 0, KEEP);
      this.#switchedGid = error === 0;
    }
    // Last, for it takes away the privilege to do the others.
    if (error === 0 && switchesUser) {
      error = raw.setresuid(KEEP, uid | 0, KEEP);
      this.#switchedUid = error === 0;
    }
    if (error < 0) this.restore();
    return error;
  }

  /**
   * Whether the kernel's answers hold for that user when assumed. From a daemon that is not root, only with capabilities,
   * other users would inherit those.
   */
  canJudge(uid: number): boolean {
    return this.#uid === 0 || uid === 0 || uid === this.#uid;
  }

  /**
   * Lets the assumed user past the permissions of files, until {@link restore}: 0, or −errno, EACCES when the daemon may not do that.
   * Where root has become another user, that has taken the privilege from the effective set, but not from the permitted one.
   */
  overrideAccess(): number {
    if (!this.#switchedUid) return -EACCES;
    try {
      const { effective } = getCapabilities();
      setCapabilities({ effective: ACCESS });
      this.#capabilities = effective;
      return 0;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return error.errno === EPERM ? -EACCES : -error.errno;
    }
  }

  /** Becomes the daemon's user again. */
  restore(): void {
    // Between two users that are not root the kernel leaves the capabilities alone; the steps below need them.
    const capabilities = this.#capabilities;
    if (capabilities) mustReturn('capset', () => makeEffective(capabilities));
    this.#capabilities = undefined;
    if (this.#switchedUid) mustReturn('setresuid', () => raw.setresuid(KEEP, this.#uid, KEEP));
    if (this.#switchedGid) mustReturn('setresgid', () => raw.setresgid(KEEP, this.#gid, KEEP));
    if (this.#switchedGroups) mustReturn('setgroups', () => this.#groups.restore());
    this.#switchedUid = this.#switchedGid = this.#switchedGroups = false;
  }

  #assumeGroups(groups: readonly number[]): number {
    const error = this.#groups.assume(groups);
    this.#switchedGroups = error === 0;
    // Where an unprivileged user made the user namespace, groups are not to be had; a user is, so that files have the right owner.
    return error === -EPERM ? 0 : error;
  }
}

/** What the kernel takes at most. */
const NGROUPS_MAX = 65536;

/** The daemon's own supplementary groups, and room for others, where setgroups can read them. */
class GroupMemory {
  readonly #own: readonly number[];
  /** Only the pages that are used take memory. */
  readonly #window: MemoryWindow = MappedMemory.anonymous(NGROUPS_MAX * 4).windows[0]!;

  constructor(own: readonly number[]) {
    this.#own = own;
  }

  assume(groups: readonly number[]): number {
    if (groups.length > NGROUPS_MAX) return -EINVAL;
    this.#window.u32.set(groups);
    return raw.setgroups(this.#window.id, 0, groups.length);
  }

  restore(): number {
    return this.assume(this.#own);
  }
}

/** 0 or −errno. */
function makeEffective(effective: CapabilitySet): number {
  try {
    setCapabilities({ effective });
    return 0;
  } catch (error) {
    if (error instanceof SysError) return -error.errno;
    throw error;
  }
}
