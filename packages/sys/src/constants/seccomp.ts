/** Flags and actions of seccomp(2). An action is a u32; SECCOMP_RET_ERRNO, TRAP and TRACE carry 16 bits of data. */

export const SECCOMP_FILTER_FLAG_TSYNC = 0x01;
export const SECCOMP_FILTER_FLAG_LOG = 0x02;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 0x04;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 0x08;
export const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 0x10;

export const SECCOMP_RET_KILL_PROCESS = 0x8000_0000;
export const SECCOMP_RET_KILL_THREAD = 0x0000_0000;
export const SECCOMP_RET_TRAP = 0x0003_0000;
export const SECCOMP_RET_ERRNO = 0x0005_0000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
export const SECCOMP_RET_TRACE = 0x7ff0_0000;
export const SECCOMP_RET_LOG = 0x7ffc_0000;
export const SECCOMP_RET_ALLOW = 0x7fff_0000;

/** What a thread's `seccomp` status is: /proc/PID/status. */
export const SECCOMP_MODE_DISABLED = 0;
export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_MODE_FILTER = 2;
