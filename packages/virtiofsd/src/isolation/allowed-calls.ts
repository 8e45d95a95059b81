import type { ArgumentCondition, SyscallName } from '@vfs/sys';

/** System calls that the worker makes, and why. A name that an architecture does not have is left out there. */
export const ALLOWED_CALLS = {
  /** The heap of V8 and of libc, the compiler's code, memory of the guest. */
  memory: ['brk', 'madvise', 'mmap', 'mprotect', 'mremap', 'munmap', 'membarrier'],
  /** Threads of the pool, and how threads wait for each other. */
  threads: [
    'clone',
    'exit',
    'exit_group',
    'futex',
    'getpid',
    'gettid',
    'prctl',
    'rseq',
    'sched_getaffinity',
    'sched_getparam',
    'sched_getscheduler',
    'sched_yield',
    'set_robust_list',
    'tgkill',
  ],
  /** Handlers of Node, of the guard of the guest's memory, and of crashes. */
  signals: ['restart_syscall', 'rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'sigaltstack'],
  time: ['clock_gettime', 'clock_nanosleep', 'gettimeofday', 'nanosleep'],
  /** The event loop and what wakes it. */
  events: ['epoll_create1', 'epoll_ctl', 'epoll_pwait', 'epoll_wait', 'eventfd2', 'poll', 'ppoll'],
  /** The front-end: it connects, and sends messages with descriptors. */
  frontEnd: ['accept4', 'getsockopt', 'memfd_create', 'recvmsg', 'sendmsg', 'shutdown'],
  /** Descriptors, the log among them. */
  descriptors: ['close', 'dup', 'fcntl', 'ioctl', 'lseek', 'pread64', 'read', 'readv', 'write', 'writev'],
  /** The contents of files. */
  contents: [
    'copy_file_range',
    'fallocate',
    'fdatasync',
    'flock',
    'fsync',
    'ftruncate',
    'preadv',
    'preadv2',
    'pwrite64',
    'pwritev',
    'pwritev2',
    'syncfs',
  ],
  /** Names: relative to descriptors, never from where the process stands. */
  names: [
    'getdents64',
    'linkat',
    'mkdirat',
    'mknodat',
    'name_to_handle_at',
    'open_by_handle_at',
    'openat',
    'openat2',
    'readlinkat',
    'renameat2',
    'symlinkat',
    'unlinkat',
  ],
  attributes: [
    'faccessat',
    'faccessat2',
    'fchdir',
    'fchmod',
    'fchmodat',
    'fchownat',
    'fstat',
    'fstatfs',
    'newfstatat',
    'statx',
    'utimensat',
  ],
  extendedAttributes: [
    'fgetxattr',
    'flistxattr',
    'fremovexattr',
    'fsetxattr',
    'getxattr',
    'getxattrat',
    'lgetxattr',
    'listxattr',
    'listxattrat',
    'llistxattr',
    'lremovexattr',
    'lsetxattr',
    'removexattr',
    'removexattrat',
    'setxattr',
    'setxattrat',
  ],
  /** Files are made with the ids of the guest's processes. */
  identity: [
    'capget',
    'capset',
    'getegid',
    'geteuid',
    'getgid',
    'getgroups',
    'getresgid',
    'getresuid',
    'getuid',
    'setgroups',
    'setresgid',
    'setresuid',
    'umask',
  ],
  /** Hash tables and names of temporary files. */
  random: ['getrandom'],
} as const satisfies Readonly<Record<string, readonly SyscallName[]>>;

/** CLONE_VM to CLONE_CHILD_CLEARTID as glibc creates a thread, and with CLONE_DETACHED as musl does: no namespace, no process. */
const THREADS = [0x3d_0f00, 0x7d_0f00];

const SIGSYS = 31;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
/** Names of mappings: libc and V8 give them. */
const PR_SET_VMA = 0x5356_4d41;
/** The compiler's threads ask for it. */
const PR_GET_DUMPABLE = 3;

const IOCTLS = [
  0x5401, // TCGETS: whether the log is a terminal,
  0x5402, // TCSETS: whose state Node restores at the end
  0x5421, // FIONBIO
  0x5451, // FIOCLEX
  0x4004_9409, // FICLONE
  0x8008_6601, // FS_IOC_GETFLAGS
  0x4008_6602, // FS_IOC_SETFLAGS
  0x801c_581f, // FS_IOC_FSGETXATTR
  0x401c_5820, // FS_IOC_FSSETXATTR
];

/** Calls that do many things, of which the worker does a few. @param pid - its own, as it sees it */
export function allowedArguments(pid: number): Partial<Record<SyscallName, ArgumentCondition>> {
  return {
    clone: { argument: 0, oneOf: THREADS },
    ioctl: { argument: 1, oneOf: IOCTLS },
    prctl: { argument: 0, oneOf: [PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE] },
    // Its report cannot be taken out.
    rt_sigaction: { argument: 0, noneOf: [SIGSYS] },
    tgkill: { argument: 0, oneOf: [pid] },
  };
}
