// Opening files, and what concerns a descriptor itself.
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "call.h"

namespace sys {
namespace {

// openat(dirfd, path, flags, mode)
int32_t Openat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_openat, a[0], path.c_str(), a[3], a[4]); });
}

// openat2(dirfd, path, flags, mode, resolve)
int32_t Openat2(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  open_how how{};
  how.flags = static_cast<uint32_t>(a[3]);
  how.mode = static_cast<uint32_t>(a[4]);
  how.resolve = static_cast<uint32_t>(a[5]);
  return Retry([&] { return syscall(SYS_openat2, a[0], path.c_str(), &how, sizeof how); });
}

// Never tried again: Linux has freed the descriptor even when close(2) was interrupted.
int32_t Close(Env&, Args a) { return Result(syscall(SYS_close, a[0])); }

int32_t Dup(Env&, Args a) { return Result(syscall(SYS_fcntl, a[0], F_DUPFD_CLOEXEC, 0L)); }

// dup3(oldfd, newfd, flags)
int32_t Dup3(Env&, Args a) {
  return Retry([&] { return syscall(SYS_dup3, a[0], a[1], a[2]); });
}

// fcntl(fd, cmd, arg): only commands whose argument is an integer, as others take it for an address.
int32_t Fcntl(Env&, Args a) {
  switch (a[1]) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_GETFD:
    case F_SETFD:
    case F_GETFL:
    case F_SETFL:
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
    case F_ADD_SEALS:
    case F_GET_SEALS:
      return Retry([&] { return syscall(SYS_fcntl, a[0], a[1], static_cast<long>(a[2])); });
    default:
      return -EINVAL;
  }
}

// memfd_create(name, flags)
int32_t MemfdCreate(Env& env, Args a) {
  const Path name(env, a);
  if (name.error() != 0) return name.error();
  return Result(syscall(SYS_memfd_create, name.c_str(), a[2]));
}

// pipe2(out: two i32, flags)
int32_t Pipe2(Env& env, Args a) {
  uint8_t* const out = At(env, a, 2 * sizeof(int));
  if (out == nullptr) return -EFAULT;
  return Result(syscall(SYS_pipe2, out, a[2]));
}

const Call kCalls[] = {
    {"openat", 5, Openat}, {"openat2", 6, Openat2},         {"close", 1, Close}, {"dup", 1, Dup}, {"dup3", 3, Dup3},
    {"fcntl", 3, Fcntl},   {"memfdCreate", 3, MemfdCreate}, {"pipe2", 3, Pipe2},
};

}  // namespace

CallTable OpenCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
