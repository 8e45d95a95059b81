/**
 * INIT flags. They are 64 bits wide (the upper half travels in `flags2`), hence bigints; INIT happens once
 * per mount, and what a file system needs to know afterwards it keeps as a boolean.
 */

/** Asynchronous read requests. */
export const FUSE_ASYNC_READ = 1n << 0n;
/** Remote locking for POSIX file locks. */
export const FUSE_POSIX_LOCKS = 1n << 1n;
/** The kernel sends a file handle for fstat etc. (never implemented). */
export const FUSE_FILE_OPS = 1n << 2n;
/** The file system handles O_TRUNC in OPEN. */
export const FUSE_ATOMIC_O_TRUNC = 1n << 3n;
/** The file system answers lookups of "." and "..". */
export const FUSE_EXPORT_SUPPORT = 1n << 4n;
/** Writes larger than 4 KiB. */
export const FUSE_BIG_WRITES = 1n << 5n;
/** The kernel does not apply the umask on creation. */
export const FUSE_DONT_MASK = 1n << 6n;
export const FUSE_SPLICE_WRITE = 1n << 7n;
export const FUSE_SPLICE_MOVE = 1n << 8n;
export const FUSE_SPLICE_READ = 1n << 9n;
/** Remote locking for BSD file locks. */
export const FUSE_FLOCK_LOCKS = 1n << 10n;
/** The kernel supports ioctl on directories. */
export const FUSE_HAS_IOCTL_DIR = 1n << 11n;
/** Cached pages are dropped when the modification time or size changes. */
export const FUSE_AUTO_INVAL_DATA = 1n << 12n;
/** READDIRPLUS is served. */
export const FUSE_DO_READDIRPLUS = 1n << 13n;
/** The kernel chooses between READDIR and READDIRPLUS. */
export const FUSE_READDIRPLUS_AUTO = 1n << 14n;
/** Asynchronous direct I/O. */
export const FUSE_ASYNC_DIO = 1n << 15n;
/** Buffered writes are cached and written back later. */
export const FUSE_WRITEBACK_CACHE = 1n << 16n;
/** OPEN may be answered ENOSYS: files then need no open. */
export const FUSE_NO_OPEN_SUPPORT = 1n << 17n;
/** Lookups and readdirs of one directory may run in parallel. */
export const FUSE_PARALLEL_DIROPS = 1n << 18n;
/** The file system kills suid, sgid and capabilities on write, chown and truncate. */
export const FUSE_HANDLE_KILLPRIV = 1n << 19n;
/** The file system supports POSIX ACLs. */
export const FUSE_POSIX_ACL = 1n << 20n;
/** Reading the device after an abort gives ECONNABORTED. */
export const FUSE_ABORT_ERROR = 1n << 21n;
/** `max_pages` of init_out counts. */
export const FUSE_MAX_PAGES = 1n << 22n;
/** READLINK replies are cached. */
export const FUSE_CACHE_SYMLINKS = 1n << 23n;
/** OPENDIR may be answered ENOSYS. */
export const FUSE_NO_OPENDIR_SUPPORT = 1n << 24n;
/** Cached pages are dropped only on explicit request. */
export const FUSE_EXPLICIT_INVAL_DATA = 1n << 25n;
/** `map_alignment` of init_out is log2 of the alignment SETUPMAPPING wants. */
export const FUSE_MAP_ALIGNMENT = 1n << 26n;
/** Directories marked FUSE_ATTR_SUBMOUNT become mounts of their own. */
export const FUSE_SUBMOUNTS = 1n << 27n;
/** As v1, but only when the request's kill flag says so. */
export const FUSE_HANDLE_KILLPRIV_V2 = 1n << 28n;
/** SETXATTR has its long form. */
export const FUSE_SETXATTR_EXT = 1n << 29n;
/** `flags2` counts. */
export const FUSE_INIT_EXT = 1n << 30n;
/** Reserved, never used. */
export const FUSE_INIT_RESERVED = 1n << 31n;
/** A security context follows the names of CREATE, MKDIR, SYMLINK and MKNOD. */
export const FUSE_SECURITY_CTX = 1n << 32n;
/** DAX is chosen per file. */
export const FUSE_HAS_INODE_DAX = 1n << 33n;
/** A supplementary group follows the names of creations. Since 7.39. */
export const FUSE_CREATE_SUPP_GROUP = 1n << 34n;
/** The kernel supports expiry-only invalidation of entries. */
export const FUSE_HAS_EXPIRE_ONLY = 1n << 35n;
/** Files opened FOPEN_DIRECT_IO may be mapped shared. Since 7.39. */
export const FUSE_DIRECT_IO_ALLOW_MMAP = 1n << 36n;
/** Reads and writes may go to a backing file. Since 7.40. */
export const FUSE_PASSTHROUGH = 1n << 37n;
/** File handles from name_to_handle_at do not survive: no NFS export. Since 7.40. */
export const FUSE_NO_EXPORT_SUPPORT = 1n << 38n;
/** Pending requests can be sent again. Since 7.40. */
export const FUSE_HAS_RESEND = 1n << 39n;
/** Id-mapped mounts are allowed. Since 7.41. */
export const FUSE_ALLOW_IDMAP = 1n << 40n;
/** Requests may travel over io_uring. Since 7.42. */
export const FUSE_OVER_IO_URING = 1n << 41n;
/** `request_timeout` of init_out counts, in seconds. Since 7.43. */
export const FUSE_REQUEST_TIMEOUT = 1n << 42n;

/** Obsolete alias. */
export const FUSE_DIRECT_IO_RELAX = FUSE_DIRECT_IO_ALLOW_MMAP;
