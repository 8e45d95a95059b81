/**
 * The part of the raw tier that concerns mounts, namespaces, privilege and other processes. The rules are those of `Raw`.
 *
 * The effect of nearly all of these calls belongs to the calling thread, or to what it shares with others (its root and
 * working directory, its descriptors): they are never run on the thread pool.
 */
export interface RawIsolation {
  // mounts, root and working directory
  /** mount(2). Source, fstype and data may be left out. Data is text of at most 4095 bytes. */
  mount(
    source: number,
    sourceOffset: number,
    target: number,
    targetOffset: number,
    fstype: number,
    fstypeOffset: number,
    flags: number,
    data: number,
    dataOffset: number,
  ): number;
  umount2(target: number, targetOffset: number, flags: number): number;
  /** open_tree(2), Linux 5.2. */
  openTree(dirfd: number, path: number, pathOffset: number, flags: number): number;
  /** move_mount(2), Linux 5.2. */
  moveMount(
    fromDirfd: number,
    fromPath: number,
    fromPathOffset: number,
    toDirfd: number,
    toPath: number,
    toPathOffset: number,
    flags: number,
  ): number;
  /**
   * mount_setattr(2), Linux 5.12, with struct mount_attr (four u64: set, clear, propagation, userns_fd) at the place
   * `attr`.
   */
  mountSetattr(
    dirfd: number,
    path: number,
    pathOffset: number,
    flags: number,
    attr: number,
    attrOffset: number,
  ): number;
  fchdir(fd: number): number;
  chdir(path: number, pathOffset: number): number;
  chroot(path: number, pathOffset: number): number;
  pivotRoot(newRoot: number, newRootOffset: number, putOld: number, putOldOffset: number): number;
  unshare(flags: number): number;
  setns(fd: number, nstype: number): number;

  // privilege of the calling thread
  /** capget(2), version 3: two of u32 effective, permitted, inheritable at the place `out`; low 32 capabilities first. */
  capget(tid: number, out: number, outOffset: number): number;
  /** capset(2) of the calling thread; the layout is that of {@link capget}. */
  capset(data: number, dataOffset: number): number;
  /**
   * prctl(2) for the options about privilege and process attributes whose arguments are integers; −EINVAL for any
   * other. What an option stores at an address is the result.
   */
  prctl(option: number, arg2: number, arg3: number): number;
  /**
   * seccomp(2) SECCOMP_SET_MODE_FILTER with `count` instructions (struct sock_filter, 8 bytes) at the place
   * `program`. With SECCOMP_FILTER_FLAG_TSYNC a positive result is the id of a thread that cannot take the filter;
   * none has it then.
   */
  seccompFilter(flags: number, program: number, programOffset: number, count: number): number;
  /** seccomp(2) SECCOMP_GET_ACTION_AVAIL: 0, or −EOPNOTSUPP. */
  seccompActionAvail(action: number): number;
  /** ioctl(2) SECCOMP_IOCTL_NOTIF_RECV: struct seccomp_notif, 80 bytes, at the place `out`. Linux 5.0. */
  seccompNotification(listener: number, out: number, outOffset: number): number;
  /** Installs a handler of SIGSYS that writes the number of the system call, an i32, to `fd`, and ends the process at it. */
  seccompReportTraps(fd: number): number;
  /**
   * landlock_create_ruleset(2), Linux 5.13, with struct landlock_ruleset_attr of `size` bytes at the place `attr`, which may be
   * left out.
   */
  landlockCreateRuleset(attr: number, attrOffset: number, size: number, flags: number): number;
  /** landlock_add_rule(2), with 16 bytes for the struct of any type of rule at the place `attr`. */
  landlockAddRule(ruleset: number, type: number, attr: number, attrOffset: number, flags: number): number;
  landlockRestrictSelf(ruleset: number, flags: number): number;

  // processes
  getpid(): number;
  /** pidfd_open(2), Linux 5.3; the descriptor is close-on-exec. */
  pidfdOpen(pid: number, flags: number): number;
  pidfdSendSignal(pidfd: number, signal: number): number;
  /** waitid(2): three i32 at the place `out`: pid (0: with WNOHANG none has changed), CLD_ code, status. */
  waitid(idtype: number, id: number, options: number, out: number, outOffset: number): number;
  setsid(): number;
  /** close_range(2), Linux 5.9. */
  closeRange(first: number, last: number, flags: number): number;
  /** Marks every descriptor from `first` on close-on-exec, by close_range(2) where it can. */
  cloexecFrom(first: number): number;
  flock(fd: number, operation: number): number;
  /**
   * Forks a child that carries out `count` steps (13 i32 each) at the place `plan`, and reports to the descriptor
   * `report`. The result is a pidfd; an i32 at the place `out` is the pid. See `Steps`, which writes such plans.
   */
  spawn(
    plan: number,
    planOffset: number,
    count: number,
    report: number,
    out: number,
    outOffset: number,
  ): number;

  // datagrams
  /**
   * sendto(2) with MSG_NOSIGNAL to an AF_UNIX address of `pathLength` bytes (no NUL needed; a leading NUL makes it
   * abstract).
   */
  sendtoUnix(
    fd: number,
    data: number,
    dataOffset: number,
    length: number,
    path: number,
    pathOffset: number,
    pathLength: number,
    flags: number,
  ): number;
}
