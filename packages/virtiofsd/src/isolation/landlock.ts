import {
  AT_FDCWD,
  LANDLOCK_ACCESS_FS_IOCTL_DEV,
  LANDLOCK_ACCESS_FS_MAKE_BLOCK,
  LANDLOCK_ACCESS_FS_MAKE_CHAR,
  LANDLOCK_ACCESS_FS_MAKE_DIR,
  LANDLOCK_ACCESS_FS_MAKE_FIFO,
  LANDLOCK_ACCESS_FS_MAKE_REG,
  LANDLOCK_ACCESS_FS_MAKE_SOCK,
  LANDLOCK_ACCESS_FS_MAKE_SYM,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_REMOVE_DIR,
  LANDLOCK_ACCESS_FS_REMOVE_FILE,
  LANDLOCK_ACCESS_FS_TRUNCATE,
  LANDLOCK_ACCESS_FS_WRITE_FILE,
  LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
  LANDLOCK_SCOPE_SIGNAL,
  landlockRuleset,
  landlockVersion,
  O_DIRECTORY,
  O_PATH,
  OwnedFd,
  openat,
} from '@vfs/sys';
import type { Options } from '../options.js';
import { needsUserNamespace } from './identity.js';
import { workerCapabilities } from './plan.js';

/** All that changes something: Node still reads its own files when the rules hold already. */
const CHANGES =
  LANDLOCK_ACCESS_FS_WRITE_FILE |
  LANDLOCK_ACCESS_FS_REMOVE_DIR |
  LANDLOCK_ACCESS_FS_REMOVE_FILE |
  LANDLOCK_ACCESS_FS_MAKE_CHAR |
  LANDLOCK_ACCESS_FS_MAKE_DIR |
  LANDLOCK_ACCESS_FS_MAKE_REG |
  LANDLOCK_ACCESS_FS_MAKE_SOCK |
  LANDLOCK_ACCESS_FS_MAKE_FIFO |
  LANDLOCK_ACCESS_FS_MAKE_BLOCK |
  LANDLOCK_ACCESS_FS_MAKE_SYM |
  LANDLOCK_ACCESS_FS_REFER |
  LANDLOCK_ACCESS_FS_TRUNCATE |
  LANDLOCK_ACCESS_FS_IOCTL_DEV;

/** Before, nothing can be renamed or linked to another directory under any rules. */
const VERSION_NEEDED = 2;

/** Why Landlock is not used, or `used`. */
export type LandlockUse = 'used' | 'not in the kernel' | 'file handles' | 'module';

/**
 * Whether Landlock is used. It looks for the share above each file that is changed, and a file that was opened by its handle may
 * have nothing above it until somebody looks it up by name: so not with a worker that can open handles. In a user namespace of
 * its own nobody can. A module without a folder and a sandbox is one that needs more of the host than its files for reading.
 */
export function landlockUse(options: Options): LandlockUse {
  if (landlockVersion() < VERSION_NEEDED) return 'not in the kernel';
  if (options.sharedDir === undefined && options.sandbox === 'none') return 'module';
  const handles = workerCapabilities(options).keep.has('CAP_DAC_READ_SEARCH');
  return handles && !needsUserNamespace(options) ? 'file handles' : 'used';
}

/** The rules for a worker: changes are only made below the shared folder. Nothing where they cannot be. */
export function landlockRules(options: Options, directory: string): OwnedFd | undefined {
  if (landlockUse(options) !== 'used') return undefined;
  using beneath = new OwnedFd(openat(AT_FDCWD, directory, O_PATH | O_DIRECTORY));
  return landlockRuleset({
    handled: CHANGES,
    beneath,
    scoped: LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
  });
}
