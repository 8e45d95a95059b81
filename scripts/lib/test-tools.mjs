// @ts-check
import { which } from './run.mjs';
import { bring } from './system-packages.mjs';

/** What the tests call besides what builds the packages and boots the guest, and the Debian packages that bring it. */
const TEST_TOOLS = /** @type {const} */ ([
  ['fusermount3', 'fuse3'],
  ['python3', 'python3'],
  ['chattr', 'e2fsprogs'],
  ['getfattr', 'attr'],
  ['getfacl', 'acl'],
  ['newuidmap', 'uidmap'],
  ['pgrep', 'procps'],
  // What reads the files that the package brings for the system.
  ['mandoc', 'mandoc'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
  ['systemd-analyze', 'systemd'],
  // Real programs on a mounted share, and the file systems below it.
  ['mkfs.xfs', 'xfsprogs'],
  ['mkfs.btrfs', 'btrfs-progs'],
  ['sqlite3', 'sqlite3'],
  ['git', 'git'],
  ['stress-ng', 'stress-ng'],
  ['fio', 'fio'],
]);

/** Brings the programs that tests run. */
export async function ensureTestTools() {
  const packages = TEST_TOOLS.filter(([command]) => which(command) === null).map(([, name]) => name);
  await bring({ packages, reason: 'for the tests' });
}
