import { raw } from './binding.js';
import { OPEN_TREE_CLOEXEC } from './constants/mount.js';
import { check } from './errors.js';
import type { FdLike } from './fd.js';
import { dirOf } from './open.js';
import { DATA, PATH_A, PATH_B, PATH_MAX, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkU32, checkU64, high32, low32, type U64 } from './u64.js';

/**
 * Mounts belong to the mount namespace of the calling thread. A thread that has called unshare(CLONE_NEWNS) sees
 * others than the rest of the process.
 */

/** Where the type and the options of a file system go: behind the two paths. */
const FSTYPE = DATA;
const OPTIONS = DATA + PATH_MAX;

/** Text that is not a path, placed as one at `at`, within the data of the scratch window. */
function placeText(at: number, text: string, name: string): void {
  if (typeof text !== 'string' || text.includes('\0'))
    throw new TypeError(`mount: ${name} must be text without NUL`);
  placePath(PATH_B, text, 'mount');
  scratch.u8.copyWithin(at, PATH_B, PATH_B + PATH_MAX);
}

/** What is mounted. */
export interface MountOptions {
  /** A device, a directory (MS_BIND, MS_MOVE) or any word that the file system shows. @default none */
  readonly source?: PathLike;
  /**
   * The type of the file system: `'tmpfs'`. Without meaning for MS_BIND, MS_MOVE, MS_REMOUNT and changes of propagation.
   */
  readonly fstype?: string;
  /** MS_ flags. @default 0 */
  readonly flags?: number;
  /** Options of the file system: `'size=1m,mode=755'`, at most 4095 bytes. @default none */
  readonly data?: string;
}

/**
 * Mounts a file system, binds or moves a mount, or changes one, by its flags: mount(2).
 *
 * ```ts
 * mount('/mnt', { source: 'none', fstype: 'tmpfs', flags: MS_NOSUID | MS_NODEV, data: 'size=1m' });
 * mount('/', { flags: MS_REC | MS_PRIVATE });
 * ```
 *
 * @throws {@link SysError} EPERM without CAP_SYS_ADMIN in the user namespace of the mounts; ENODEV for an unknown
 *   type; ENOENT, ENOTDIR; ENOTBLK; EBUSY; EINVAL for a target that is no mount (changes) or flags that contradict
 *   each other
 */
export function mount(target: PathLike, { source, fstype, flags = 0, data }: MountOptions = {}): void {
  checkU32(flags, 'flags');
  if (fstype !== undefined) placeText(FSTYPE, fstype, 'fstype');
  if (data !== undefined) placeText(OPTIONS, data, 'data');
  if (source !== undefined) placePath(PATH_A, source, 'mount');
  placePath(PATH_B, target, 'mount');
  const place = (given: unknown): number => (given === undefined ? 0 : scratch.id);
  const result = raw.mount(
    place(source),
    PATH_A,
    scratch.id,
    PATH_B,
    place(fstype),
    FSTYPE,
    flags,
    place(data),
    OPTIONS,
  );
  check(result, 'mount', pathText(target));
}

/**
 * Unmounts: umount2(2).
 *
 * @param flags - MNT_DETACH (lazily), MNT_FORCE, MNT_EXPIRE, UMOUNT_NOFOLLOW. @default 0
 * @throws {@link SysError} EINVAL when `target` is not a mount of this namespace or is locked, EBUSY, EPERM, ENOENT;
 *   EAGAIN with MNT_EXPIRE
 */
export function umount2(target: PathLike, flags = 0): void {
  checkFlags(flags, 'flags');
  placePath(PATH_A, target, 'umount2');
  check(raw.umount2(scratch.id, PATH_A, flags), 'umount2', pathText(target));
}

/**
 * A mount as a descriptor, like one of openat(2) with O_PATH; with OPEN_TREE_CLONE a copy of it that is not attached
 * anywhere and goes with the descriptor unless {@link moveMount} attaches it: open_tree(2), Linux 5.2.
 *
 * @param flags - OPEN_TREE_CLONE, AT_RECURSIVE (with it), AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT;
 *   OPEN_TREE_CLOEXEC is always added
 * @throws {@link SysError} EPERM for a copy without CAP_SYS_ADMIN; EINVAL for a copy of what is not a mount of this
 *   namespace
 */
export function openTree(dir: FdLike, path: PathLike, flags = 0): number {
  const dirfd = dirOf(dir);
  checkFlags(flags, 'flags');
  placePath(PATH_A, path, 'open_tree');
  const result = raw.openTree(dirfd, scratch.id, PATH_A, flags | OPEN_TREE_CLOEXEC);
  return check(result, 'open_tree', pathText(path));
}

/**
 * Attaches a mount, or moves it: move_mount(2), Linux 5.2.
 *
 * @param flags - MOVE_MOUNT_ flags: MOVE_MOUNT_F_EMPTY_PATH when `from` itself is the mount, MOVE_MOUNT_T_EMPTY_PATH
 *   when `to` itself is the target
 * @throws {@link SysError} EPERM, EINVAL, ENOENT, ELOOP (into itself)
 */
export function moveMount(
  from: FdLike,
  fromPath: PathLike,
  to: FdLike,
  toPath: PathLike,
  flags: number,
): void {
  const fromDirfd = dirOf(from);
  const toDirfd = dirOf(to);
  checkFlags(flags, 'flags');
  placePath(PATH_A, fromPath, 'move_mount');
  placePath(PATH_B, toPath, 'move_mount');
  const result = raw.moveMount(fromDirfd, scratch.id, PATH_A, toDirfd, scratch.id, PATH_B, flags);
  check(result, 'move_mount', pathText(toPath));
}

/** How {@link mountSetattr} changes a mount. */
export interface MountAttr {
  /** MOUNT_ATTR_ flags to set. @default 0 */
  readonly set?: U64;
  /**
   * MOUNT_ATTR_ flags to clear, before setting. An access time setting is set only with MOUNT_ATTR__ATIME cleared.
   * @default 0
   */
  readonly clear?: U64;
  /** MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE. @default 0, unchanged */
  readonly propagation?: number;
  /** A user namespace whose id map the mount gets, with MOUNT_ATTR_IDMAP. */
  readonly userns?: FdLike;
}

/**
 * Changes the attributes of a mount, or with AT_RECURSIVE of all mounts below it, at once or not at all:
 * mount_setattr(2), Linux 5.12.
 *
 * @param flags - AT_RECURSIVE, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT
 * @throws {@link SysError} EINVAL for flags that exclude each other or what is not a mount, EPERM, EBUSY (writers,
 *   for MOUNT_ATTR_RDONLY), ENOSYS
 */
export function mountSetattr(dir: FdLike, path: PathLike, attr: MountAttr, flags = 0): void {
  const dirfd = dirOf(dir);
  checkFlags(flags, 'flags');
  const { set = 0, clear = 0, propagation = 0, userns } = attr;
  const values = [
    checkU64(set, 'attr.set'),
    checkU64(clear, 'attr.clear'),
    checkFlags(propagation, 'attr.propagation'),
    userns === undefined ? 0 : dirOf(userns),
  ];
  placePath(PATH_A, path, 'mount_setattr');
  for (const [i, value] of values.entries()) {
    scratch.view.setUint32(DATA + 8 * i, low32(value), true);
    scratch.view.setInt32(DATA + 8 * i + 4, high32(value), true);
  }
  const result = raw.mountSetattr(dirfd, scratch.id, PATH_A, flags, scratch.id, DATA);
  check(result, 'mount_setattr', pathText(path));
}
