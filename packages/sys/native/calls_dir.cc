// Directory entries: making, linking, renaming, removing, listing.
#include <sys/syscall.h>

#include "call.h"

namespace sys {
namespace {

// mkdirat(dirfd, path, mode)
int32_t Mkdirat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_mkdirat, a[0], path.c_str(), a[3]); });
}

// mknodat(dirfd, path, mode, dev): the kernel's device numbers have 32 bits.
int32_t Mknodat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  if (a[5] != 0) return -EINVAL;
  return Retry([&] { return syscall(SYS_mknodat, a[0], path.c_str(), a[3], a[4]); });
}

// symlinkat(target, dirfd, path)
int32_t Symlinkat(Env& env, Args a) {
  const Path target(env, a);
  if (target.error() != 0) return target.error();
  const Path path(env, a + 3);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_symlinkat, target.c_str(), a[2], path.c_str()); });
}

// linkat(olddirfd, oldpath, newdirfd, newpath, flags)
int32_t Linkat(Env& env, Args a) {
  const Path from(env, a + 1);
  if (from.error() != 0) return from.error();
  const Path to(env, a + 4);
  if (to.error() != 0) return to.error();
  return Retry([&] { return syscall(SYS_linkat, a[0], from.c_str(), a[3], to.c_str(), a[6]); });
}

// unlinkat(dirfd, path, flags)
int32_t Unlinkat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_unlinkat, a[0], path.c_str(), a[3]); });
}

// renameat2(olddirfd, oldpath, newdirfd, newpath, flags)
int32_t Renameat2(Env& env, Args a) {
  const Path from(env, a + 1);
  if (from.error() != 0) return from.error();
  const Path to(env, a + 4);
  if (to.error() != 0) return to.error();
  return Retry([&] { return syscall(SYS_renameat2, a[0], from.c_str(), a[3], to.c_str(), a[6]); });
}

// readlinkat(dirfd, path, out, size)
int32_t Readlinkat(Env& env, Args a) {
  uint8_t* const out = At(env, a + 3, static_cast<uint32_t>(a[5]));
  if (out == nullptr) return -EFAULT;
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_readlinkat, a[0], path.c_str(), out, a[5]); });
}

// getdents64(fd, out, size)
int32_t Getdents64(Env& env, Args a) {
  uint8_t* const out = At(env, a + 1, static_cast<uint32_t>(a[3]));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_getdents64, a[0], out, a[3]); });
}

const Call kCalls[] = {
    {"mkdirat", 4, Mkdirat},   {"mknodat", 6, Mknodat},     {"symlinkat", 5, Symlinkat},   {"linkat", 7, Linkat},
    {"unlinkat", 4, Unlinkat}, {"renameat2", 7, Renameat2}, {"readlinkat", 6, Readlinkat}, {"getdents64", 4, Getdents64},
};

}  // namespace

CallTable DirCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
