// Filters of system calls. The program is the caller's: the kernel verifies it.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

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

const Call kCalls[] = {
    {"seccompFilter", 4, SeccompFilter, Where::kThisThread},
    {"seccompActionAvail", 1, SeccompActionAvail},
};

}  // namespace

CallTable SeccompCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
