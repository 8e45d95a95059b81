/** Extended attributes, record locks, handles and inode flags. */

export const XATTR_CREATE = 0x1;
export const XATTR_REPLACE = 0x2;
/** The longest value of an extended attribute in bytes. */
export const XATTR_SIZE_MAX = 65536;
/** The longest list of names in bytes. */
export const XATTR_LIST_MAX = 65536;

export const MAX_HANDLE_SZ = 128;

export const F_GETLK = 5;
export const F_SETLK = 6;
export const F_SETLKW = 7;
export const F_OFD_GETLK = 36;
export const F_OFD_SETLK = 37;
export const F_OFD_SETLKW = 38;
export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

export const FS_SYNC_FL = 0x0000_0008;
export const FS_IMMUTABLE_FL = 0x0000_0010;
export const FS_APPEND_FL = 0x0000_0020;
export const FS_NODUMP_FL = 0x0000_0040;
export const FS_NOATIME_FL = 0x0000_0080;
export const FS_NOCOW_FL = 0x0080_0000;
export const FS_DAX_FL = 0x0200_0000;
export const FS_PROJINHERIT_FL = 0x2000_0000;
