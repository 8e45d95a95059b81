/** Raw calls on files beyond reading, writing and attributes; the rules are those of `Raw`. */
export interface RawFile {
  // extended attributes: the length of the value or list; a `size` of 0 only asks for it (xattr(7))
  fgetxattr(
    fd: number,
    name: number,
    nameOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  /** `flags`: XATTR_CREATE or XATTR_REPLACE. */
  fsetxattr(
    fd: number,
    name: number,
    nameOffset: number,
    value: number,
    valueOffset: number,
    size: number,
    flags: number,
  ): number;
  flistxattr(fd: number, out: number, outOffset: number, size: number): number;
  fremovexattr(fd: number, name: number, nameOffset: number): number;
  /** Follows symbolic links, as do the next three: an O_PATH descriptor is reached through /proc/self/fd. */
  getxattr(
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  setxattr(
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    value: number,
    valueOffset: number,
    size: number,
    flags: number,
  ): number;
  listxattr(path: number, pathOffset: number, out: number, outOffset: number, size: number): number;
  removexattr(path: number, pathOffset: number, name: number, nameOffset: number): number;
  /** Of a symbolic link itself, as the next three. */
  lgetxattr(
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  lsetxattr(
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    value: number,
    valueOffset: number,
    size: number,
    flags: number,
  ): number;
  llistxattr(path: number, pathOffset: number, out: number, outOffset: number, size: number): number;
  lremovexattr(path: number, pathOffset: number, name: number, nameOffset: number): number;
  /**
   * Relative to a directory, and following symbolic links, as the next three; −ENOSYS before Linux 6.13. An O_PATH descriptor is
   * reached by its number in /proc/self/fd, whether or not that is mounted anywhere any more.
   */
  getxattrat(
    dirfd: number,
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  setxattrat(
    dirfd: number,
    path: number,
    pathOffset: number,
    name: number,
    nameOffset: number,
    value: number,
    valueOffset: number,
    size: number,
    flags: number,
  ): number;
  listxattrat(
    dirfd: number,
    path: number,
    pathOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  removexattrat(dirfd: number, path: number, pathOffset: number, name: number, nameOffset: number): number;

  // handles
  /**
   * name_to_handle_at(2) into struct file_handle (u32 handle_bytes, i32 handle_type, the bytes) and an i32 mount id. `handle_bytes` at
   * the place says how much room follows, at most 128; −EOVERFLOW stores how much is needed.
   */
  nameToHandleAt(
    dirfd: number,
    path: number,
    pathOffset: number,
    handle: number,
    handleOffset: number,
    mountId: number,
    mountIdOffset: number,
    atFlags: number,
  ): number;
  /** open_by_handle_at(2); needs CAP_DAC_READ_SEARCH in the initial user namespace. */
  openByHandleAt(mountFd: number, handle: number, handleOffset: number, flags: number): number;

  /**
   * fcntl(2) F_GETLK, F_SETLK, F_SETLKW and F_OFD_ of them, with struct flock (i16 type, i16 whence, 4 bytes, i64 start, i64 length, i32
   * pid, 4 bytes) at the place `lock`; −EINVAL for any other command.
   */
  fcntlLock(fd: number, cmd: number, lock: number, lockOffset: number): number;
  /** copy_file_range(2) of at most 2^31−1 bytes; an offset of −1 (both halves) means the file position, which moves. */
  copyFileRange(
    fdIn: number,
    offsetInLo: number,
    offsetInHi: number,
    fdOut: number,
    offsetOutLo: number,
    offsetOutHi: number,
    length: number,
  ): number;
  syncfs(fd: number): number;

  // ioctls of files
  /** FICLONE: `fd` becomes a copy of `source` that shares its blocks. */
  ficlone(fd: number, source: number): number;
  /** FS_IOC_GETFLAGS: an i32 of FS_…_FL flags. */
  fsGetFlags(fd: number, out: number, outOffset: number): number;
  fsSetFlags(fd: number, flags: number, flagsOffset: number): number;
  /** FS_IOC_FSGETXATTR: struct fsxattr (28 bytes: u32 xflags, extsize, nextents, projid, cowextsize, 8 bytes). */
  fsGetXattr(fd: number, out: number, outOffset: number): number;
  fsSetXattr(fd: number, value: number, valueOffset: number): number;
}
