// Filters of system calls. The program is the caller's: the kernel verifies it.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <cstring>

#include "call.h"

namespace sys {
namespace {

// seccompFilter(flags, program, count)
int32_t SeccompFilter(Env& env, Args a) {
  if (a[3] < 1 || a[3] > BPF_MAXINSNS) return -EINVAL;
  uint8_t* const program = At(env, a + 1, static_cast<uint32_t>(a[3]) * sizeof(sock_filter));
  if (program == nullptr) return -EFAULT;
  sock_fprog header{static_cast<unsigned short>(a[3]), reinterpret_cast<sock_filter*>(program)};
  return Result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a[0], &header));
}

// seccompActionAvail(action)
int32_t SeccompActionAvail(Env&, Args a) {
  const uint32_t action = static_cast<uint32_t>(a[0]);
  return Result(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

// seccompNotification(listener, out)
int32_t SeccompNotification(Env& env, Args a) {
  static_assert(sizeof(seccomp_notif) == 80, "what the TypeScript side reads");
  uint8_t* const out = At(env, a + 1, sizeof(seccomp_notif));
  if (out == nullptr) return -EFAULT;
  memset(out, 0, sizeof(seccomp_notif));
  return Retry([&] { return ioctl(a[0], SECCOMP_IOCTL_NOTIF_RECV, out); });
}

volatile sig_atomic_t trap_report = -1;

// Makes the call again: the default action, which SA_RESETHAND has restored, then ends the process at it.
void OnTrap(int, siginfo_t* info, void* context) {
  const int32_t number = info->si_syscall;
  Retry([&] { return write(trap_report, &number, sizeof number); });
  mcontext_t& registers = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  registers.gregs[REG_RIP] -= 2;
  registers.gregs[REG_RAX] = number;
#elif defined(__aarch64__)
  registers.pc -= 4;
#else
  (void)registers;
  _exit(128 + SIGSYS);
#endif
}

// seccompReportTraps(fd)
int32_t SeccompReportTraps(Env&, Args a) {
  trap_report = a[0];
  struct sigaction action {};
  action.sa_sigaction = OnTrap;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND | SA_ONSTACK);
  return Result(sigaction(SIGSYS, &action, nullptr));
}

const Call kCalls[] = {
    {"seccompFilter", 4, SeccompFilter, Where::kThisThread},
    {"seccompActionAvail", 1, SeccompActionAvail},
    {"seccompNotification", 3, SeccompNotification},
    {"seccompReportTraps", 1, SeccompReportTraps},
};

}  // namespace

CallTable SeccompCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
