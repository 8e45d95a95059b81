// What a file is, and changing that: attributes, owner, times, size.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <cstring>

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

statx_timestamp TimeOf(const timespec& time) {
  statx_timestamp result{};
  result.tv_sec = time.tv_sec;
  result.tv_nsec = static_cast<uint32_t>(time.tv_nsec);
  return result;
}

// fstat(fd, out): what struct stat has, as struct statx has it
int32_t Fstat(Env& env, Args a) {
  uint8_t* const out = At(env, a + 1, sizeof(struct statx));
  if (out == nullptr) return -EFAULT;
  struct stat found;
  // Not fstat(3): that may be newfstatat(2), which is slower.
  const int32_t result = Retry([&] { return syscall(SYS_fstat, a[0], &found); });
  if (result < 0) return result;
  struct statx all{};
  all.stx_mask = STATX_BASIC_STATS;
  all.stx_blksize = static_cast<uint32_t>(found.st_blksize);
  all.stx_nlink = static_cast<uint32_t>(found.st_nlink);
  all.stx_uid = found.st_uid;
  all.stx_gid = found.st_gid;
  all.stx_mode = static_cast<uint16_t>(found.st_mode);
  all.stx_ino = found.st_ino;
  all.stx_size = static_cast<uint64_t>(found.st_size);
  all.stx_blocks = static_cast<uint64_t>(found.st_blocks);
  all.stx_atime = TimeOf(found.st_atim);
  all.stx_ctime = TimeOf(found.st_ctim);
  all.stx_mtime = TimeOf(found.st_mtim);
  all.stx_rdev_major = major(found.st_rdev);
  all.stx_rdev_minor = minor(found.st_rdev);
  all.stx_dev_major = major(found.st_dev);
  all.stx_dev_minor = minor(found.st_dev);
  memcpy(out, &all, sizeof all);
  return 0;
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
    {"statx", 7, Statx},         {"statxFd", 4, StatxFd},     {"fstat", 3, Fstat},
    {"fstatfs", 3, Fstatfs},
    {"fchmod", 2, Fchmod},       {"fchmodat", 4, Fchmodat},   {"fchownat", 6, Fchownat},
    {"utimensat", 6, Utimensat}, {"futimens", 3, Futimens},   {"ftruncate", 3, Ftruncate},
    {"faccessat2", 5, Faccessat2},
};

static_assert(sizeof(struct statx) == 256, "struct statx as the TypeScript side reads it");
static_assert(sizeof(struct statfs) == 120, "struct statfs as the TypeScript side reads it");

}  // namespace

CallTable StatCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
