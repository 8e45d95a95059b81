import type { RawFile } from './raw-file.js';
import type { RawIsolation } from './raw-isolation.js';

/**
 * The raw tier: one function, one system call, nothing allocated, nothing thrown.
 *
 * - Every argument is a 32-bit integer, every result an int32: the system call's value, or −errno.
 * - Memory is named by a place: the `id` of a {@link MemoryWindow} and a byte offset in it. The addon checks that the
 *   place and the length lie inside the window; anything else is −EFAULT, and no system call is made.
 * - A path is a NUL-terminated string at a place (at most PATH_MAX bytes with its NUL, else −ENAMETOOLONG). It must lie in
 *   memory that nobody else can write.
 * - The window id 0 stands for no place at all, where a call says that it may be left out.
 * - A 64-bit value travels as two halves, `lo` and `hi`, never rounded.
 * - An argument that is not a number is −EINVAL; a u32 may be passed as either sign.
 * - EINTR is retried where the call has had no effect (not by close(2)).
 */
export interface Raw extends RawFile, RawIsolation {
  // open and resolve
  openat(dirfd: number, path: number, pathOffset: number, flags: number, mode: number): number;
  /** openat2(2); `resolve` is a set of RESOLVE_ flags. */
  openat2(
    dirfd: number,
    path: number,
    pathOffset: number,
    flags: number,
    mode: number,
    resolve: number,
  ): number;
  close(fd: number): number;
  /** fcntl(2) F_DUPFD_CLOEXEC. */
  dup(fd: number): number;
  dup3(oldfd: number, newfd: number, flags: number): number;
  /** fcntl(2) for the commands whose argument is an integer (F_GETFD, F_SETFL, F_ADD_SEALS …); −EINVAL for any other. */
  fcntl(fd: number, cmd: number, arg: number): number;
  memfdCreate(name: number, nameOffset: number, flags: number): number;
  /** pipe2(2): two i32 at the place `out`, the end to read first. */
  pipe2(out: number, outOffset: number, flags: number): number;

  // metadata: statx(2) into the 256 bytes of struct statx at the place `out`
  statx(
    dirfd: number,
    path: number,
    pathOffset: number,
    atFlags: number,
    mask: number,
    out: number,
    outOffset: number,
  ): number;
  /** statx(2) of the descriptor itself (AT_EMPTY_PATH). */
  statxFd(fd: number, mask: number, out: number, outOffset: number): number;
  /**
   * fstat(2) into struct statx: STATX_BASIC_STATS, and the rest 0. Takes less time than statx(2) of a descriptor, much less before
   * Linux 6.11.
   */
  fstat(fd: number, out: number, outOffset: number): number;
  /** fstatfs(2) into struct statfs64 (120 bytes). */
  fstatfs(fd: number, out: number, outOffset: number): number;
  fchmod(fd: number, mode: number): number;
  /** fchmodat(2) without flags: follows symbolic links. */
  fchmodat(dirfd: number, path: number, pathOffset: number, mode: number): number;
  fchownat(
    dirfd: number,
    path: number,
    pathOffset: number,
    uid: number,
    gid: number,
    atFlags: number,
  ): number;
  /** `times`: two struct timespec (i64 seconds, i64 nanoseconds each): access, modification. */
  utimensat(
    dirfd: number,
    path: number,
    pathOffset: number,
    times: number,
    timesOffset: number,
    atFlags: number,
  ): number;
  futimens(fd: number, times: number, timesOffset: number): number;
  ftruncate(fd: number, lengthLo: number, lengthHi: number): number;
  faccessat2(dirfd: number, path: number, pathOffset: number, mode: number, atFlags: number): number;

  // directory entries
  mkdirat(dirfd: number, path: number, pathOffset: number, mode: number): number;
  mknodat(
    dirfd: number,
    path: number,
    pathOffset: number,
    mode: number,
    devLo: number,
    devHi: number,
  ): number;
  symlinkat(target: number, targetOffset: number, dirfd: number, path: number, pathOffset: number): number;
  linkat(
    oldDirfd: number,
    oldPath: number,
    oldPathOffset: number,
    newDirfd: number,
    newPath: number,
    newPathOffset: number,
    atFlags: number,
  ): number;
  unlinkat(dirfd: number, path: number, pathOffset: number, atFlags: number): number;
  renameat2(
    oldDirfd: number,
    oldPath: number,
    oldPathOffset: number,
    newDirfd: number,
    newPath: number,
    newPathOffset: number,
    flags: number,
  ): number;
  readlinkat(
    dirfd: number,
    path: number,
    pathOffset: number,
    out: number,
    outOffset: number,
    size: number,
  ): number;
  getdents64(fd: number, out: number, outOffset: number, size: number): number;

  // data
  /**
   * preadv2(2) into a list of segments: `count` triples of u32 (window id, offset, length) at the place `table`. The first
   * `skip` bytes of the list are left alone, and at most `length` bytes are transferred. An offset of −1 (both halves) means
   * the file position, which moves. More than IOV_MAX segments: a short transfer.
   */
  preadv2(
    fd: number,
    table: number,
    tableOffset: number,
    count: number,
    skip: number,
    length: number,
    offsetLo: number,
    offsetHi: number,
    flags: number,
  ): number;
  /** pwritev2(2) from a list of segments; see {@link preadv2}. */
  pwritev2(
    fd: number,
    table: number,
    tableOffset: number,
    count: number,
    skip: number,
    length: number,
    offsetLo: number,
    offsetHi: number,
    flags: number,
  ): number;
  /** lseek(2): 0 or −errno; the new position is stored as an i64 at the place `out`. */
  lseek(
    fd: number,
    offsetLo: number,
    offsetHi: number,
    whence: number,
    out: number,
    outOffset: number,
  ): number;
  fallocate(
    fd: number,
    mode: number,
    offsetLo: number,
    offsetHi: number,
    lengthLo: number,
    lengthHi: number,
  ): number;
  fsync(fd: number): number;
  fdatasync(fd: number): number;

  // identity of the calling thread (raw system calls; libc's wrappers change every thread)
  setresuid(ruid: number, euid: number, suid: number): number;
  setresgid(rgid: number, egid: number, sgid: number): number;
  /** setgroups(2) with `count` u32 ids at the place `groups`. */
  setgroups(groups: number, groupsOffset: number, count: number): number;
  /** getresuid(2): three u32 at the place `out`: real, effective, saved. */
  getresuid(out: number, outOffset: number): number;
  getresgid(out: number, outOffset: number): number;
  /** getgroups(2) into at most `capacity` u32 at the place `out`: their number; a capacity of 0 only counts. */
  getgroups(out: number, outOffset: number, capacity: number): number;
  umask(mask: number): number;
  gettid(): number;
  /** prlimit(2) with struct rlimit64 (u64 soft, u64 hard) at both places; either may be left out with the id 0. */
  prlimit(
    pid: number,
    resource: number,
    set: number,
    setOffset: number,
    get: number,
    getOffset: number,
  ): number;

  // events
  eventfd(initial: number, flags: number): number;
  /** read(2) of an eventfd, its counter stored as u64 at the place `out`: 0 or −errno. */
  eventfdRead(fd: number, out: number, outOffset: number): number;
  eventfdWrite(fd: number, value: number): number;
  /** poll(2) of one descriptor: the events that hold, or 0 after `timeout` milliseconds (negative: none). Blocks the thread. */
  poll(fd: number, events: number, timeout: number): number;
  schedYield(): number;
  /** The processor's hint for a loop that waits for memory to change (PAUSE of x86), `count` times: no system call. */
  cpuPause(count: number): number;

  // sockets
  socket(domain: number, type: number, protocol: number): number;
  /** socketpair(2): two i32 at the place `out`. */
  socketpair(domain: number, type: number, protocol: number, out: number, outOffset: number): number;
  /** bind(2) to an AF_UNIX address of `length` bytes (no NUL needed; a leading NUL makes it abstract). */
  bindUnix(fd: number, path: number, pathOffset: number, length: number): number;
  connectUnix(fd: number, path: number, pathOffset: number, length: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, flags: number): number;
  shutdown(fd: number, how: number): number;
  /** getsockopt(2), only SOL_SOCKET: the length of the value at the place `out`, at most `size`. */
  getsockopt(fd: number, level: number, name: number, out: number, outOffset: number, size: number): number;
  /** setsockopt(2), only SOL_SOCKET, and no option whose value contains an address. */
  setsockopt(
    fd: number,
    level: number,
    name: number,
    value: number,
    valueOffset: number,
    size: number,
  ): number;
  /**
   * recvmsg(2) with MSG_CMSG_CLOEXEC: bytes received, 0 at end of stream, or −errno. At `fds`: i32 number of descriptors, then
   * the descriptors, at most `maxFds`. When more came, or the kernel could not install one, all are closed and the result is
   * −EMFILE (the bytes are consumed).
   */
  recvmsg(
    fd: number,
    data: number,
    dataOffset: number,
    length: number,
    fds: number,
    fdsOffset: number,
    maxFds: number,
    flags: number,
  ): number;
  /** sendmsg(2) with MSG_NOSIGNAL and `count` i32 descriptors (SCM_RIGHTS) at the place `fds`. */
  sendmsg(
    fd: number,
    data: number,
    dataOffset: number,
    length: number,
    fds: number,
    fdsOffset: number,
    count: number,
    flags: number,
  ): number;

  // descriptor chains
  /**
   * Lays out chains of descriptors of a split virtqueue (virtio 2.7), as `SplitChainsOrder` at the place `order` says: the number of
   * chains, from the first on. Fewer than were asked for: the next one is not an ordinary chain (its descriptors break a rule, lie
   * outside of the rows or across the edge of one, or are too many), and whoever called looks at it by other means. Every field of the
   * ring is read once; no system call.
   */
  splitChains(order: number, orderOffset: number): number;
  /**
   * Waits without sleeping while `count` u16 values in memory, at most 64, are what they are: 1 + the index of one that is another
   * now, or 0 when `nanoseconds` have passed. At the place `list`, three words for each: its place, and the value.
   */
  spinWhileEqual(list: number, listOffset: number, count: number, nanoseconds: number): number;
}
