import { raw } from './binding.js';
import { EINVAL, ENOSYS, EPERM } from './constants/errno.js';
import { AT_FDCWD, O_CLOEXEC, O_PATH, RESOLVE_CACHED } from './constants/open.js';
import { STATX_MNT_ID, STATX_MNT_ID_UNIQUE } from './constants/stat.js';
import { DATA, PATH_A, placePath, scratch } from './scratch.js';
import { STATX_OFFSETS } from './stat.js';

/**
 * What this kernel can do, found out once by {@link OsFacts.probe}. What depends on the file system and not on the kernel (RWF_NOWAIT,
 * FICLONE, O_TMPFILE) is not here: ask for it, and take EOPNOTSUPP for an answer.
 */
export class OsFacts {
  private static probed: OsFacts | undefined;

  private constructor(
    /** openat2(2) exists and is not forbidden by a seccomp filter (Linux 5.6). */
    readonly hasOpenat2: boolean,
    /** openat2(2) knows RESOLVE_CACHED (Linux 5.12). */
    readonly hasResolveCached: boolean,
    /** statx(2) gives mount ids, STATX_MNT_ID (Linux 5.8). */
    readonly hasMountId: boolean,
    /** statx(2) gives mount ids that are never used again, STATX_MNT_ID_UNIQUE (Linux 6.8). */
    readonly hasUniqueMountId: boolean,
  ) {}

  /** The facts; the first call asks the kernel. */
  static probe(): OsFacts {
    OsFacts.probed ??= new OsFacts(
      knowsOpenat2(0),
      knowsOpenat2(RESOLVE_CACHED),
      knowsStatx(STATX_MNT_ID),
      knowsStatx(STATX_MNT_ID_UNIQUE),
    );
    return OsFacts.probed;
  }
}

/** Any error but these comes from the path, and shows that the call was understood; a filter answers EPERM or ENOSYS. */
const NOT_UNDERSTOOD: readonly number[] = [-ENOSYS, -EPERM, -EINVAL];

function knowsOpenat2(resolve: number): boolean {
  placePath(PATH_A, '.', 'openat2');
  const result = raw.openat2(AT_FDCWD, scratch.id, PATH_A, O_PATH | O_CLOEXEC, 0, resolve);
  if (result >= 0) raw.close(result);
  return !NOT_UNDERSTOOD.includes(result);
}

function knowsStatx(field: number): boolean {
  placePath(PATH_A, '/', 'statx');
  const result = raw.statx(AT_FDCWD, scratch.id, PATH_A, 0, field, scratch.id, DATA);
  return result === 0 && (scratch.view.getUint32(DATA + STATX_OFFSETS.stx_mask, true) & field) !== 0;
}
