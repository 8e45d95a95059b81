// Other processes, and what this one hands to them.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstring>

#include "call.h"

// The same numbers on every architecture; older headers do not have them.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace sys {
namespace {

// The kernel's CLOSE_RANGE_CLOEXEC.
constexpr unsigned kCloseRangeCloexec = 4;

int32_t Getpid(Env&, Args) { return Result(syscall(SYS_getpid)); }

int32_t PidfdOpen(Env&, Args a) { return Result(syscall(SYS_pidfd_open, a[0], a[1])); }

// pidfd_send_signal(pidfd, signal)
int32_t PidfdSendSignal(Env&, Args a) { return Result(syscall(SYS_pidfd_send_signal, a[0], a[1], nullptr, 0)); }

// waitid(idtype, id, options, out: three i32: pid, code, status)
int32_t Waitid(Env& env, Args a) {
  uint8_t* const out = At(env, a + 3, 3 * sizeof(int32_t));
  if (out == nullptr) return -EFAULT;
  siginfo_t info{};
  const int32_t result = Retry([&] { return syscall(SYS_waitid, a[0], a[1], &info, a[2], nullptr); });
  if (result < 0) return result;
  const int32_t values[] = {info.si_pid, info.si_code, info.si_status};
  memcpy(out, values, sizeof values);
  return 0;
}

int32_t Setsid(Env&, Args) { return Result(syscall(SYS_setsid)); }

// close_range(first, last, flags)
int32_t CloseRange(Env&, Args a) {
  return Result(syscall(SYS_close_range, static_cast<unsigned>(a[0]), static_cast<unsigned>(a[1]), a[2]));
}

// Marks every descriptor from `first` on close-on-exec: close_range(2) with CLOSE_RANGE_CLOEXEC, where the kernel has that
// (Linux 5.11), else one by one.
int32_t CloexecFrom(Env&, Args a) {
  if (a[0] < 0) return -EINVAL;
  if (syscall(SYS_close_range, a[0], ~0u, kCloseRangeCloexec) == 0) return 0;
  if (errno != ENOSYS && errno != EINVAL) return -errno;
  rlimit64 limit;
  if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit) != 0) return -errno;
  const int32_t end = limit.rlim_cur < (1u << 20) ? static_cast<int32_t>(limit.rlim_cur) : 1 << 20;
  for (int32_t fd = a[0]; fd < end; fd++) {
    if (syscall(SYS_fcntl, fd, F_SETFD, static_cast<long>(FD_CLOEXEC)) != 0 && errno != EBADF) return -errno;
  }
  return 0;
}

// flock(fd, operation): what keeps a second process of a kind away. Blocks without LOCK_NB.
int32_t Flock(Env&, Args a) {
  return Retry([&] { return syscall(SYS_flock, a[0], a[1]); });
}

const Call kCalls[] = {
    {"getpid", 0, Getpid},
    {"pidfdOpen", 2, PidfdOpen},
    {"pidfdSendSignal", 2, PidfdSendSignal},
    {"waitid", 5, Waitid, Where::kThisThread},
    {"setsid", 0, Setsid, Where::kThisThread},
    {"closeRange", 3, CloseRange, Where::kThisThread},
    {"cloexecFrom", 1, CloexecFrom, Where::kThisThread},
    {"flock", 2, Flock},
};

}  // namespace

CallTable ProcessCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
