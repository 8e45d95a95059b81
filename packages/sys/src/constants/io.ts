/** Flags of preadv2(2), pwritev2(2), lseek(2), fallocate(2) and eventfd(2). */

export const RWF_HIPRI = 0x01;
export const RWF_DSYNC = 0x02;
export const RWF_SYNC = 0x04;
export const RWF_NOWAIT = 0x08;
export const RWF_APPEND = 0x10;
export const RWF_NOAPPEND = 0x20;
export const RWF_ATOMIC = 0x40;
export const RWF_DONTCACHE = 0x80;

/** The flags of preadv2(2) and pwritev2(2) by name. The addon checks them against the kernel's header when it is compiled. */
export const WritevFlags = {
  RWF_HIPRI,
  RWF_DSYNC,
  RWF_SYNC,
  RWF_NOWAIT,
  RWF_APPEND,
  RWF_NOAPPEND,
  RWF_ATOMIC,
  RWF_DONTCACHE,
} as const;

/** `IOV_MAX`: the most segments that one system call takes. */
export const IOV_MAX = 1024;

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

export const FALLOC_FL_KEEP_SIZE = 0x01;
export const FALLOC_FL_PUNCH_HOLE = 0x02;
export const FALLOC_FL_COLLAPSE_RANGE = 0x08;
export const FALLOC_FL_ZERO_RANGE = 0x10;
export const FALLOC_FL_INSERT_RANGE = 0x20;
export const FALLOC_FL_UNSHARE_RANGE = 0x40;

export const EFD_SEMAPHORE = 0x1;
export const EFD_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;

export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
