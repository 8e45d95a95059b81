/** Rights and scopes of landlock(7), with the version of its interface that each came with when that is not the first. */

export const LANDLOCK_ACCESS_FS_EXECUTE = 0x1;
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 0x2;
export const LANDLOCK_ACCESS_FS_READ_FILE = 0x4;
export const LANDLOCK_ACCESS_FS_READ_DIR = 0x8;
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 0x10;
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 0x20;
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 0x40;
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 0x80;
export const LANDLOCK_ACCESS_FS_MAKE_REG = 0x100;
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 0x200;
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 0x400;
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 0x800;
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 0x1000;
/** Version 2: names given from another directory. Without it they are never allowed. */
export const LANDLOCK_ACCESS_FS_REFER = 0x2000;
/** Version 3. */
export const LANDLOCK_ACCESS_FS_TRUNCATE = 0x4000;
/** Version 5: of devices. */
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 0x8000;

/** Version 6: connections to abstract sockets of processes outside. */
export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 0x1;
/** Version 6: signals to processes outside. */
export const LANDLOCK_SCOPE_SIGNAL = 0x2;
