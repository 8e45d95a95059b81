import { raw } from './binding.js';
import {
  LANDLOCK_ACCESS_FS_IOCTL_DEV,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_TRUNCATE,
} from './constants/landlock.js';
import { check } from './errors.js';
import { type FdLike, fdOf, OwnedFd } from './fd.js';
import { DATA, scratch } from './scratch.js';
import { checkInt } from './u64.js';

/** Landlock (landlock(7)): rights that a process gives up for itself and its children, without any privilege. */

const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_RULE_PATH_BENEATH = 1;

/** The version of Landlock that the kernel has; 0 when it has none, or it is disabled or forbidden. */
export function landlockVersion(): number {
  return Math.max(raw.landlockCreateRuleset(0, 0, 0, LANDLOCK_CREATE_RULESET_VERSION), 0);
}

/** What a process is kept from. */
export interface LandlockRules {
  /** LANDLOCK_ACCESS_FS_ rights that are only given by {@link beneath}. One that the kernel does not know is left out. */
  readonly handled: number;
  /** A directory, below which all of them are given. */
  readonly beneath: FdLike;
  /** LANDLOCK_SCOPE_ flags, likewise. @default none */
  readonly scoped?: number;
}

/** The version that brought a right. */
const SINCE: readonly (readonly [right: number, version: number])[] = [
  [LANDLOCK_ACCESS_FS_REFER, 2],
  [LANDLOCK_ACCESS_FS_TRUNCATE, 3],
  [LANDLOCK_ACCESS_FS_IOCTL_DEV, 5],
];
const SCOPES_SINCE = 6;

/**
 * The rules as a descriptor, for `spawn`.
 *
 * @throws {@link SysError} ENOSYS, EOPNOTSUPP (disabled), EBADFD for a directory of no file system
 */
export function landlockRuleset({ handled, beneath, scoped = 0 }: LandlockRules): OwnedFd {
  checkInt(handled, 'handled', 1, 0xffff);
  checkInt(scoped, 'scoped', 0, 3);
  const directory = fdOf(beneath);
  const version = landlockVersion();
  const known = SINCE.reduce(
    (rights, [right, since]) => (version < since ? rights & ~right : rights),
    handled,
  );
  const hasScopes = version >= SCOPES_SINCE;
  // handled_access_fs, handled_access_net, scoped.
  scratch.u8.fill(0, DATA, DATA + 24);
  scratch.view.setUint32(DATA, known, true);
  if (hasScopes) scratch.view.setUint32(DATA + 16, scoped, true);
  const made = raw.landlockCreateRuleset(scratch.id, DATA, hasScopes ? 24 : 8, 0);
  const ruleset = new OwnedFd(check(made, 'landlock_create_ruleset'));
  try {
    // allowed_access, parent_fd.
    scratch.u8.fill(0, DATA, DATA + 16);
    scratch.view.setUint32(DATA, known, true);
    scratch.view.setInt32(DATA + 8, directory, true);
    const added = raw.landlockAddRule(ruleset.fd, LANDLOCK_RULE_PATH_BENEATH, scratch.id, DATA, 0);
    check(added, 'landlock_add_rule');
    return ruleset;
  } catch (error) {
    ruleset.close();
    throw error;
  }
}
