/** The flags of single requests and replies, each group headed by the field it belongs to. */

/** setattr_in.valid: which fields are to be set. */
export const FATTR_MODE = 1 << 0;
export const FATTR_UID = 1 << 1;
export const FATTR_GID = 1 << 2;
export const FATTR_SIZE = 1 << 3;
export const FATTR_ATIME = 1 << 4;
export const FATTR_MTIME = 1 << 5;
export const FATTR_FH = 1 << 6;
export const FATTR_ATIME_NOW = 1 << 7;
export const FATTR_MTIME_NOW = 1 << 8;
export const FATTR_LOCKOWNER = 1 << 9;
export const FATTR_CTIME = 1 << 10;
export const FATTR_KILL_SUIDGID = 1 << 11;

/** open_out.open_flags. */
/** Bypass the page cache. */
export const FOPEN_DIRECT_IO = 1 << 0;
/** Keep cached pages from before. */
export const FOPEN_KEEP_CACHE = 1 << 1;
export const FOPEN_NONSEEKABLE = 1 << 2;
/** Cache this directory's listing. */
export const FOPEN_CACHE_DIR = 1 << 3;
/** No file position at all. */
export const FOPEN_STREAM = 1 << 4;
/** Send no FLUSH on close (unless writeback caching is on). */
export const FOPEN_NOFLUSH = 1 << 5;
/** Allow concurrent direct writes. */
export const FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;
/** Reads and writes go to the file `backing_id` names. Since 7.40. */
export const FOPEN_PASSTHROUGH = 1 << 7;

/** cuse_init_in.flags, cuse_init_out.flags. */
export const CUSE_UNRESTRICTED_IOCTL = 1 << 0;

/** release_in.release_flags. */
export const FUSE_RELEASE_FLUSH = 1 << 0;
export const FUSE_RELEASE_FLOCK_UNLOCK = 1 << 1;

/** getattr_in.getattr_flags: fh is valid. */
export const FUSE_GETATTR_FH = 1 << 0;

/** lk_in.lk_flags: a BSD lock. */
export const FUSE_LK_FLOCK = 1 << 0;

/** write_in.write_flags. */
/** A delayed write from the page cache; fh is a guess. */
export const FUSE_WRITE_CACHE = 1 << 0;
export const FUSE_WRITE_LOCKOWNER = 1 << 1;
export const FUSE_WRITE_KILL_SUIDGID = 1 << 2;
/** Obsolete alias. */
export const FUSE_WRITE_KILL_PRIV = FUSE_WRITE_KILL_SUIDGID;

/** read_in.read_flags: lock_owner is valid. */
export const FUSE_READ_LOCKOWNER = 1 << 1;

/** ioctl_in.flags, ioctl_out.flags. */
export const FUSE_IOCTL_COMPAT = 1 << 0;
export const FUSE_IOCTL_UNRESTRICTED = 1 << 1;
export const FUSE_IOCTL_RETRY = 1 << 2;
export const FUSE_IOCTL_32BIT = 1 << 3;
export const FUSE_IOCTL_DIR = 1 << 4;
export const FUSE_IOCTL_COMPAT_X32 = 1 << 5;

/** poll_in.flags: send FUSE_NOTIFY_POLL when the events change. */
export const FUSE_POLL_SCHEDULE_NOTIFY = 1 << 0;

/** fsync_in.fsync_flags: data only. */
export const FUSE_FSYNC_FDATASYNC = 1 << 0;

/** attr.flags. */
/** The root of a submount. */
export const FUSE_ATTR_SUBMOUNT = 1 << 0;
/** Use DAX for this file. */
export const FUSE_ATTR_DAX = 1 << 1;

/** open_in.open_flags, create_in.open_flags. */
export const FUSE_OPEN_KILL_SUIDGID = 1 << 0;

/** setxattr_in.setxattr_flags. */
export const FUSE_SETXATTR_ACL_KILL_SGID = 1 << 0;

/** notify_inval_entry_out.flags: let the entry expire instead of dropping it. */
export const FUSE_EXPIRE_ONLY = 1 << 0;

/** setupmapping_in.flags. */
export const FUSE_SETUPMAPPING_FLAG_WRITE = 1 << 0;
export const FUSE_SETUPMAPPING_FLAG_READ = 1 << 1;
