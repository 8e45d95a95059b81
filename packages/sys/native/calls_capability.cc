// What the calling thread may do: capabilities, and the settings of prctl(2) that concern privilege.
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sys/syscall.h>

#include "call.h"

namespace sys {
namespace {

// Version 3: two of effective, permitted, inheritable; the low 32 capabilities first.
constexpr uint32_t kDataSize = _LINUX_CAPABILITY_U32S_3 * sizeof(__user_cap_data_struct);
static_assert(kDataSize == 24, "the layout that the TypeScript side reads and writes");

// capget(tid, out)
int32_t Capget(Env& env, Args a) {
  uint8_t* const out = At(env, a + 1, kDataSize);
  if (out == nullptr) return -EFAULT;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, a[0]};
  return Result(syscall(SYS_capget, &header, out));
}

// capset(data)
int32_t Capset(Env& env, Args a) {
  const uint8_t* const data = At(env, a, kDataSize);
  if (data == nullptr) return -EFAULT;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return Result(syscall(SYS_capset, &header, data));
}

// prctl(option, arg2, arg3): only options whose arguments are integers, as others take them for addresses. What an option
// stores at an address is the result here.
int32_t Prctl(Env&, Args a) {
  const auto call = [&](unsigned long arg2) {
    return Result(syscall(SYS_prctl, a[0], arg2, static_cast<unsigned long>(static_cast<uint32_t>(a[2])), 0UL, 0UL));
  };
  switch (a[0]) {
    case PR_GET_PDEATHSIG:
    case PR_GET_CHILD_SUBREAPER: {
      int value = 0;
      const int32_t result = call(reinterpret_cast<unsigned long>(&value));
      return result < 0 ? result : value;
    }
    case PR_SET_PDEATHSIG:
    case PR_GET_DUMPABLE:
    case PR_SET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_SET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
    case PR_GET_SECUREBITS:
    case PR_SET_SECUREBITS:
    case PR_SET_TIMERSLACK:
    case PR_GET_TIMERSLACK:
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS:
    case PR_SET_THP_DISABLE:
    case PR_GET_THP_DISABLE:
    case PR_CAP_AMBIENT:
    case PR_SET_IO_FLUSHER:
    case PR_GET_IO_FLUSHER:
      return call(static_cast<unsigned long>(static_cast<uint32_t>(a[1])));
    default:
      return -EINVAL;
  }
}

const Call kCalls[] = {
    {"capget", 3, Capget, Where::kThisThread},
    {"capset", 2, Capset, Where::kThisThread},
    {"prctl", 3, Prctl, Where::kThisThread},
};

}  // namespace

CallTable CapabilityCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
