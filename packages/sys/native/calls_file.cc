// What a file server needs beyond reading, writing and attributes: extended attributes, handles, record locks, copies, inode flags.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cstring>

#include "call.h"

namespace sys {
namespace {

// A name and a value, as the calls for extended attributes take them after the file: (name, value, size).
struct Attribute {
  Attribute(const Env& env, Args a) : name(env, a), value(At(env, a + 2, static_cast<uint32_t>(a[4]))) {}
  int32_t error() const { return name.error() != 0 ? name.error() : value == nullptr ? -EFAULT : 0; }

  const Path name;
  uint8_t* const value;
};

// fgetxattr(fd, name, out, size): the length of the value; a size of 0 only asks for it.
int32_t Fgetxattr(Env& env, Args a) {
  const Attribute attribute(env, a + 1);
  if (attribute.error() != 0) return attribute.error();
  const size_t size = static_cast<uint32_t>(a[5]);
  return Retry([&] { return syscall(SYS_fgetxattr, a[0], attribute.name.c_str(), attribute.value, size); });
}

// fsetxattr(fd, name, value, size, flags)
int32_t Fsetxattr(Env& env, Args a) {
  const Attribute attribute(env, a + 1);
  if (attribute.error() != 0) return attribute.error();
  const size_t size = static_cast<uint32_t>(a[5]);
  return Retry([&] { return syscall(SYS_fsetxattr, a[0], attribute.name.c_str(), attribute.value, size, a[6]); });
}

// flistxattr(fd, out, size)
int32_t Flistxattr(Env& env, Args a) {
  const size_t size = static_cast<uint32_t>(a[3]);
  uint8_t* const out = At(env, a + 1, static_cast<uint32_t>(a[3]));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_flistxattr, a[0], out, size); });
}

// fremovexattr(fd, name)
int32_t Fremovexattr(Env& env, Args a) {
  const Path name(env, a + 1);
  if (name.error() != 0) return name.error();
  return Retry([&] { return syscall(SYS_fremovexattr, a[0], name.c_str()); });
}

// getxattr or lgetxattr(path, name, out, size)
template <long kNumber>
int32_t Getxattr(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  const Attribute attribute(env, a + 2);
  if (attribute.error() != 0) return attribute.error();
  const size_t size = static_cast<uint32_t>(a[6]);
  return Retry([&] { return syscall(kNumber, path.c_str(), attribute.name.c_str(), attribute.value, size); });
}

// setxattr or lsetxattr(path, name, value, size, flags)
template <long kNumber>
int32_t Setxattr(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  const Attribute attribute(env, a + 2);
  if (attribute.error() != 0) return attribute.error();
  const size_t size = static_cast<uint32_t>(a[6]);
  return Retry([&] { return syscall(kNumber, path.c_str(), attribute.name.c_str(), attribute.value, size, a[7]); });
}

// listxattr or llistxattr(path, out, size)
template <long kNumber>
int32_t Listxattr(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  const size_t size = static_cast<uint32_t>(a[4]);
  uint8_t* const out = At(env, a + 2, static_cast<uint32_t>(a[4]));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(kNumber, path.c_str(), out, size); });
}

// removexattr or lremovexattr(path, name)
template <long kNumber>
int32_t Removexattr(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  const Path name(env, a + 2);
  if (name.error() != 0) return name.error();
  return Retry([&] { return syscall(kNumber, path.c_str(), name.c_str()); });
}

// The calls of Linux 6.13 that name a file relative to a directory. Headers may be older: numbers (the same on every architecture) and
// struct xattr_args are written out.
enum : long { kSetxattrat = 463, kGetxattrat = 464, kListxattrat = 465, kRemovexattrat = 466 };

struct XattrArgs {
  uint64_t value;
  uint32_t size;
  uint32_t flags;
};
static_assert(sizeof(XattrArgs) == 16, "XATTR_ARGS_SIZE_VER0");

// getxattrat(dirfd, path, name, out, size), following links
int32_t Getxattrat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  const Attribute attribute(env, a + 3);
  if (attribute.error() != 0) return attribute.error();
  XattrArgs args{reinterpret_cast<uintptr_t>(attribute.value), static_cast<uint32_t>(a[7]), 0};
  return Retry(
      [&] { return syscall(kGetxattrat, a[0], path.c_str(), 0, attribute.name.c_str(), &args, sizeof args); });
}

// setxattrat(dirfd, path, name, value, size, flags), following links
int32_t Setxattrat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  const Attribute attribute(env, a + 3);
  if (attribute.error() != 0) return attribute.error();
  XattrArgs args{reinterpret_cast<uintptr_t>(attribute.value), static_cast<uint32_t>(a[7]),
                 static_cast<uint32_t>(a[8])};
  return Retry(
      [&] { return syscall(kSetxattrat, a[0], path.c_str(), 0, attribute.name.c_str(), &args, sizeof args); });
}

// listxattrat(dirfd, path, out, size), following links
int32_t Listxattrat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  const size_t size = static_cast<uint32_t>(a[5]);
  uint8_t* const out = At(env, a + 3, static_cast<uint32_t>(a[5]));
  if (out == nullptr) return -EFAULT;
  return Retry([&] { return syscall(kListxattrat, a[0], path.c_str(), 0, out, size); });
}

// removexattrat(dirfd, path, name), following links
int32_t Removexattrat(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  const Path name(env, a + 3);
  if (name.error() != 0) return name.error();
  return Retry([&] { return syscall(kRemovexattrat, a[0], path.c_str(), 0, name.c_str()); });
}

// struct file_handle with room for the longest one. It is copied, so that its length is read once.
struct Handle {
  uint32_t handle_bytes;
  int32_t handle_type;
  uint8_t bytes[MAX_HANDLE_SZ];
};
constexpr uint32_t kHandleHeader = offsetof(Handle, bytes);

// name_to_handle_at(dirfd, path, handle, mount id, flags). `handle_bytes` at the place says how much room there is; with EOVERFLOW
// it says how much is needed.
int32_t NameToHandleAt(Env& env, Args a) {
  uint8_t* const out = At(env, a + 3, kHandleHeader);
  uint8_t* const mount = At(env, a + 5, sizeof(int32_t));
  if (out == nullptr || mount == nullptr) return -EFAULT;
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  Handle handle{};
  memcpy(&handle.handle_bytes, out, sizeof handle.handle_bytes);
  if (handle.handle_bytes > MAX_HANDLE_SZ) return -EINVAL;
  if (At(env, a + 3, kHandleHeader + handle.handle_bytes) == nullptr) return -EFAULT;
  int32_t mount_id;
  const int32_t result =
      Retry([&] { return syscall(SYS_name_to_handle_at, a[0], path.c_str(), &handle, &mount_id, a[7]); });
  if (result == 0) {
    memcpy(out, &handle, kHandleHeader + handle.handle_bytes);
    memcpy(mount, &mount_id, sizeof mount_id);
  } else if (result == -EOVERFLOW) {
    memcpy(out, &handle.handle_bytes, sizeof handle.handle_bytes);
  }
  return result;
}

// open_by_handle_at(mount fd, handle, flags)
int32_t OpenByHandleAt(Env& env, Args a) {
  const uint8_t* const from = At(env, a + 1, kHandleHeader);
  if (from == nullptr) return -EFAULT;
  Handle handle;
  memcpy(&handle, from, kHandleHeader);
  if (handle.handle_bytes > MAX_HANDLE_SZ) return -EINVAL;
  if (At(env, a + 1, kHandleHeader + handle.handle_bytes) == nullptr) return -EFAULT;
  memcpy(handle.bytes, from + kHandleHeader, handle.handle_bytes);
  return Retry([&] { return syscall(SYS_open_by_handle_at, a[0], &handle, a[3]); });
}

// fcntl(fd, cmd, struct flock): the commands for record locks. Waiting for one is given up on a signal only by the kernel's rules:
// it has had no effect then and is tried again.
int32_t FcntlLock(Env& env, Args a) {
  switch (a[1]) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      break;
    default:
      return -EINVAL;
  }
  uint8_t* const lock = At(env, a + 2, sizeof(struct flock));
  if (lock == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_fcntl, a[0], a[1], lock); });
}

// copy_file_range(in, offset, out, offset, length): an offset of -1 is the file position, which moves.
int32_t CopyFileRange(Env&, Args a) {
  loff_t in_offset = Join(a[1], a[2]);
  loff_t out_offset = Join(a[4], a[5]);
  const size_t length = static_cast<uint32_t>(a[6]) & 0x7fffffff;
  return Retry([&] {
    return syscall(SYS_copy_file_range, a[0], in_offset == -1 ? nullptr : &in_offset, a[3],
                   out_offset == -1 ? nullptr : &out_offset, length, 0);
  });
}

int32_t Syncfs(Env&, Args a) {
  return Retry([&] { return syscall(SYS_syncfs, a[0]); });
}

// ioctl(fd, FICLONE, source)
int32_t Ficlone(Env&, Args a) {
  return Retry([&] { return syscall(SYS_ioctl, a[0], static_cast<long>(FICLONE), static_cast<long>(a[1])); });
}

// An ioctl whose argument is `kSize` bytes at a place. The request is part of the call, so its size is known.
template <unsigned long kRequest, uint32_t kSize>
int32_t Ioctl(Env& env, Args a) {
  uint8_t* const argument = At(env, a + 1, kSize);
  if (argument == nullptr) return -EFAULT;
  return Retry([&] { return syscall(SYS_ioctl, a[0], static_cast<long>(kRequest), argument); });
}

// The kernel reads and writes an int whatever the size in the number of these two requests says.
constexpr uint32_t kFlagsSize = sizeof(int32_t);
static_assert(sizeof(fsxattr) == 28 && sizeof(struct flock) == 32, "as the TypeScript side writes them");

const Call kCalls[] = {
    {"fgetxattr", 6, Fgetxattr},
    {"fsetxattr", 7, Fsetxattr},
    {"flistxattr", 4, Flistxattr},
    {"fremovexattr", 3, Fremovexattr},
    {"getxattr", 7, Getxattr<SYS_getxattr>},
    {"lgetxattr", 7, Getxattr<SYS_lgetxattr>},
    {"setxattr", 8, Setxattr<SYS_setxattr>},
    {"lsetxattr", 8, Setxattr<SYS_lsetxattr>},
    {"listxattr", 5, Listxattr<SYS_listxattr>},
    {"llistxattr", 5, Listxattr<SYS_llistxattr>},
    {"removexattr", 4, Removexattr<SYS_removexattr>},
    {"lremovexattr", 4, Removexattr<SYS_lremovexattr>},
    {"getxattrat", 8, Getxattrat},
    {"setxattrat", 9, Setxattrat},
    {"listxattrat", 6, Listxattrat},
    {"removexattrat", 5, Removexattrat},
    {"nameToHandleAt", 8, NameToHandleAt},
    {"openByHandleAt", 4, OpenByHandleAt},
    {"fcntlLock", 4, FcntlLock},
    {"copyFileRange", 7, CopyFileRange},
    {"syncfs", 1, Syncfs},
    {"ficlone", 2, Ficlone},
    {"fsGetFlags", 3, Ioctl<FS_IOC_GETFLAGS, kFlagsSize>},
    {"fsSetFlags", 3, Ioctl<FS_IOC_SETFLAGS, kFlagsSize>},
    {"fsGetXattr", 3, Ioctl<FS_IOC_FSGETXATTR, sizeof(fsxattr)>},
    {"fsSetXattr", 3, Ioctl<FS_IOC_FSSETXATTR, sizeof(fsxattr)>},
};

}  // namespace

CallTable FileCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
