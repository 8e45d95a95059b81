// What a file is, and changing that: attributes, owner, times, size.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "call.h"

namespace sys {
namespace {

// statx(dirfd, path, flags, mask, out)
int32_t Statx(Env& env, Args a) {
  uint8_t* const out = At(env, a + 5, sizeof(struct statx));
  if (out == nullptr) return -EFAULT;
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_statx, a[0], path.c_str(), a[3], a[4], out); });
}

// statx(fd, "", AT_EMPTY_PATH, mask, out)
int32_t StatxFd(Env& env, Args a) {
  uint8_t* const out = At(env, a + 2, sizeof(struct statx));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_statx, a[0], "", AT_EMPTY_PATH, a[1], out); });
}

int32_t Fstatfs(Env& env, Args a) {
  uint8_t* const out = At(env, a + 1, sizeof(struct statfs));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_fstatfs, a[0], out); });
}

int32_t Fchmod(Env&, Args a) {
  return Retry([&] { return syscall(SYS_fchmod, a[0], a[1]); });
}

// fchmodat(dirfd, path, mode)
int32_t Fchmodat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_fchmodat, a[0], path.c_str(), a[3]); });
}

// fchownat(dirfd, path, uid, gid, flags)
int32_t Fchownat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_fchownat, a[0], path.c_str(), a[3], a[4], a[5]); });
}

constexpr uint32_t kTimesSize = 2 * sizeof(timespec);

// utimensat(dirfd, path, times, flags)
int32_t Utimensat(Env& env, Args a) {
  const uint8_t* const times = At(env, a + 3, kTimesSize);
  if (times == nullptr) return -EFAULT;
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_utimensat, a[0], path.c_str(), times, a[5]); });
}

// futimens(3) is utimensat(2) with a null path.
int32_t Futimens(Env& env, Args a) {
  const uint8_t* const times = At(env, a + 1, kTimesSize);
  if (times == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_utimensat, a[0], nullptr, times, 0); });
}

int32_t Ftruncate(Env&, Args a) {
  return Retry([&] { return syscall(SYS_ftruncate, a[0], Join(a[1], a[2])); });
}

// faccessat2(dirfd, path, mode, flags)
int32_t Faccessat2(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_faccessat2, a[0], path.c_str(), a[3], a[4]); });
}

const Call kCalls[] = {
    {"statx", 7, Statx},         {"statxFd", 4, StatxFd},     {"fstatfs", 3, Fstatfs},
    {"fchmod", 2, Fchmod},       {"fchmodat", 4, Fchmodat},   {"fchownat", 6, Fchownat},
    {"utimensat", 6, Utimensat}, {"futimens", 3, Futimens},   {"ftruncate", 3, Ftruncate},
    {"faccessat2", 5, Faccessat2},
};

static_assert(sizeof(struct statx) == 256, "struct statx as the TypeScript side reads it");
static_assert(sizeof(struct statfs) == 120, "struct statfs as the TypeScript side reads it");

}  // namespace

CallTable StatCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
