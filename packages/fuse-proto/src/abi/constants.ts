/** The single numbers of linux/fuse.h: versions, limits, sizes of old structures, extension and notify codes. */

/** Version of the protocol that this package speaks. */
export const FUSE_KERNEL_VERSION = 7;
/** Minor version that Session answers INIT with; structures and flags up to 7.45 are declared. */
export const FUSE_KERNEL_MINOR_VERSION = 38;

/** The node id of the root. */
export const FUSE_ROOT_ID = 1;

/** A request id with this bit set is sent a second time (FUSE_HAS_RESEND, since 7.40). */
export const FUSE_UNIQUE_RESEND = 1n << 63n;
/** uid and gid of a request whose caller cannot be expressed in an id-mapped mount (since 7.41). */
export const FUSE_INVALID_UIDGID = 0xffff_ffff;

/** in_iovs + out_iovs of an ioctl retry. */
export const FUSE_IOCTL_MAX_IOV = 256;

/** ext_header.type up to this is a number of security contexts. */
export const FUSE_MAX_NR_SECCTX = 31;
/** ext_header.type of the supplementary groups. Since 7.39. */
export const FUSE_EXT_GROUPS = 32;

/** enum fuse_notify_code: what a message to the kernel with `unique` 0 carries in `error`. */
export const FUSE_NOTIFY_POLL = 1;
export const FUSE_NOTIFY_INVAL_INODE = 2;
export const FUSE_NOTIFY_INVAL_ENTRY = 3;
export const FUSE_NOTIFY_STORE = 4;
export const FUSE_NOTIFY_RETRIEVE = 5;
export const FUSE_NOTIFY_DELETE = 6;
/** Since 7.40. */
export const FUSE_NOTIFY_RESEND = 7;
/** Since 7.44. */
export const FUSE_NOTIFY_INC_EPOCH = 8;
/** Since 7.45. */
export const FUSE_NOTIFY_PRUNE = 9;

/** A buffer that reads requests from the device has at least this size, in bytes. */
export const FUSE_MIN_READ_BUFFER = 8192;

/** Sizes of structures before they grew, in bytes. */
/** entry_out below 7.9. */
export const FUSE_COMPAT_ENTRY_OUT_SIZE = 120;
/** attr_out below 7.9. */
export const FUSE_COMPAT_ATTR_OUT_SIZE = 96;
/** mknod_in below 7.12. */
export const FUSE_COMPAT_MKNOD_IN_SIZE = 8;
/** write_in below 7.9. */
export const FUSE_COMPAT_WRITE_IN_SIZE = 24;
/** statfs_out below 7.4. */
export const FUSE_COMPAT_STATFS_SIZE = 48;
/** setxattr_in unless FUSE_SETXATTR_EXT was agreed on. */
export const FUSE_COMPAT_SETXATTR_IN_SIZE = 8;
/** init_out below 7.5. */
export const FUSE_COMPAT_INIT_OUT_SIZE = 8;
/** init_out below 7.23. */
export const FUSE_COMPAT_22_INIT_OUT_SIZE = 24;

/** Longest text that CUSE_INIT can be answered with, in bytes. */
export const CUSE_INIT_INFO_MAX = 4096;

/** Requests of the FUSE device, for ioctl(2). */
export const FUSE_DEV_IOC_MAGIC = 229;
export const FUSE_DEV_IOC_CLONE = 0x8004_e500;
/** Since 7.40. */
export const FUSE_DEV_IOC_BACKING_OPEN = 0x4010_e501;
/** Since 7.40. */
export const FUSE_DEV_IOC_BACKING_CLOSE = 0x4004_e502;
/** Since 7.45. */
export const FUSE_DEV_IOC_SYNC_INIT = 0xe503;

/** Headers of a request over io_uring, in bytes. Since 7.42. */
export const FUSE_URING_IN_OUT_HEADER_SZ = 128;
export const FUSE_URING_OP_IN_OUT_SZ = 128;
/** enum fuse_uring_cmd. Since 7.42. */
export const FUSE_IO_URING_CMD_INVALID = 0;
export const FUSE_IO_URING_CMD_REGISTER = 1;
export const FUSE_IO_URING_CMD_COMMIT_AND_FETCH = 2;
