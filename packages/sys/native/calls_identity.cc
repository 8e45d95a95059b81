// Who the calling thread is, and its limits. By system call number: libc's wrappers change every thread of the process.
#include <sys/resource.h>
#include <sys/syscall.h>

#include "call.h"

namespace sys {
namespace {

int32_t Setresuid(Env&, Args a) { return Result(syscall(SYS_setresuid, a[0], a[1], a[2])); }

int32_t Setresgid(Env&, Args a) { return Result(syscall(SYS_setresgid, a[0], a[1], a[2])); }

// Three u32 at a place: real, effective, saved.
template <long kNumber>
int32_t Getres(Env& env, Args a) {
  uint8_t* const out = At(env, a, 3 * sizeof(uint32_t));
  if (out == nullptr) return -EFAULT;
  return Result(syscall(kNumber, out, out + sizeof(uint32_t), out + 2 * sizeof(uint32_t)));
}

// setgroups(groups, count)
int32_t Setgroups(Env& env, Args a) {
  if (a[2] < 0 || a[2] > NGROUPS_MAX) return -EINVAL;
  const uint8_t* const groups = At(env, a, static_cast<uint32_t>(a[2]) * sizeof(uint32_t));
  if (groups == nullptr) return -EFAULT;
  return Result(syscall(SYS_setgroups, a[2], groups));
}

// getgroups(out, capacity): their number; a capacity of 0 only counts.
int32_t Getgroups(Env& env, Args a) {
  if (a[2] < 0 || a[2] > NGROUPS_MAX) return -EINVAL;
  uint8_t* const out = At(env, a, static_cast<uint32_t>(a[2]) * sizeof(uint32_t));
  if (out == nullptr) return -EFAULT;
  return Result(syscall(SYS_getgroups, a[2], out));
}

int32_t Umask(Env&, Args a) { return Result(syscall(SYS_umask, a[0])); }

int32_t Gettid(Env&, Args) { return Result(syscall(SYS_gettid)); }

// prlimit(pid, resource, new, old): window 0 stands for none.
int32_t Prlimit(Env& env, Args a) {
  const uint8_t* const set = At(env, a + 2, sizeof(rlimit64));
  uint8_t* const get = At(env, a + 4, sizeof(rlimit64));
  if ((set == nullptr && a[2] != 0) || (get == nullptr && a[4] != 0)) return -EFAULT;
  return Result(syscall(SYS_prlimit64, a[0], a[1], set, get));
}

const Call kCalls[] = {
    {"setresuid", 3, Setresuid, Where::kThisThread},
    {"setresgid", 3, Setresgid, Where::kThisThread},
    {"setgroups", 3, Setgroups, Where::kThisThread},
    {"getresuid", 2, Getres<SYS_getresuid>, Where::kThisThread},
    {"getresgid", 2, Getres<SYS_getresgid>, Where::kThisThread},
    {"getgroups", 3, Getgroups, Where::kThisThread},
    {"umask", 1, Umask, Where::kThisThread},
    {"gettid", 0, Gettid, Where::kThisThread},
    {"prlimit", 6, Prlimit},
};

}  // namespace

CallTable IdentityCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
