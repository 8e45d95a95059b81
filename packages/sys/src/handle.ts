import { raw } from './binding.js';
import { MAX_HANDLE_SZ } from './constants/file.js';
import { O_CLOEXEC } from './constants/open.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { dirOf } from './open.js';
import { checkBytes, DATA, PATH_A, type PathLike, pathText, placePath, scratch } from './scratch.js';
import { checkFlags, checkInt } from './u64.js';

const HEADER = 8;
const MOUNT_ID = DATA + HEADER + MAX_HANDLE_SZ;

/** A name for a file that outlives its descriptor, its path and a restart: open_by_handle_at(2). */
export interface FileHandle {
  /** What the file system calls this kind of handle. */
  readonly type: number;
  /** Opaque, at most 128 bytes. */
  readonly bytes: Uint8Array;
  /** The mount that the path led to, as in /proc/self/mountinfo. */
  readonly mountId: number;
}

/**
 * The handle of a file: name_to_handle_at(2).
 *
 * @param atFlags - AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. @default 0
 * @throws {@link SysError} EOPNOTSUPP when the file system has none, and the errors of a path
 */
export function nameToHandleAt(dir: FdLike, path: PathLike, atFlags = 0): FileHandle {
  const { id, view } = scratch;
  const dirfd = dirOf(dir);
  checkFlags(atFlags, 'atFlags');
  placePath(PATH_A, path, 'name_to_handle_at');
  view.setUint32(DATA, MAX_HANDLE_SZ, true);
  const result = raw.nameToHandleAt(dirfd, id, PATH_A, id, DATA, id, MOUNT_ID, atFlags);
  check(result, 'name_to_handle_at', pathText(path));
  return {
    type: view.getInt32(DATA + 4, true),
    bytes: scratch.u8.slice(DATA + HEADER, DATA + HEADER + view.getUint32(DATA, true)),
    mountId: view.getInt32(MOUNT_ID, true),
  };
}

/**
 * Opens the file of a handle: open_by_handle_at(2).
 *
 * @param mount - any file on the same file system, not opened with O_PATH
 * @param flags - O_ flags; O_CLOEXEC is always added
 * @throws {@link SysError} EPERM without CAP_DAC_READ_SEARCH, ESTALE when the file is gone, EINVAL
 */
export function openByHandleAt(
  mount: FdLike,
  handle: Pick<FileHandle, 'type' | 'bytes'>,
  flags: number,
): number {
  const mountFd = fdOf(mount);
  checkFlags(flags, 'flags');
  checkBytes(handle.bytes, 'handle.bytes');
  checkInt(handle.bytes.length, 'handle.bytes.length', 0, MAX_HANDLE_SZ);
  checkInt(handle.type, 'handle.type', -0x8000_0000, 0x7fff_ffff);
  scratch.view.setUint32(DATA, handle.bytes.length, true);
  scratch.view.setInt32(DATA + 4, handle.type, true);
  scratch.u8.set(handle.bytes, DATA + HEADER);
  return check(raw.openByHandleAt(mountFd, scratch.id, DATA, flags | O_CLOEXEC), 'open_by_handle_at');
}
