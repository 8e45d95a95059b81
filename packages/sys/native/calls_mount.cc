// Mounts, namespaces, and the root and working directory. The effect of all of them but those that name a descriptor or a
// path of a mount belongs to the calling thread, or to the threads it shares its root and working directory with.
#include <sys/syscall.h>

#include <optional>

#include "call.h"

// The same numbers on every architecture; older headers do not have them.
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

namespace sys {
namespace {

// The kernel's MOUNT_ATTR_SIZE_VER0: struct mount_attr with four u64. libc's and the kernel's header exclude each other.
constexpr uint32_t kMountAttrSize = 32;

// A string that may be left out: the window 0 stands for none.
class OptionalPath {
 public:
  OptionalPath(const Env& env, Args place) {
    if (place[0] != 0) path_.emplace(env, place);
  }

  int32_t error() const { return path_ ? path_->error() : 0; }
  const char* c_str() const { return path_ ? path_->c_str() : nullptr; }

 private:
  std::optional<Path> path_;
};

// mount(source, target, fstype, flags, data)
int32_t Mount(Env& env, Args a) {
  const OptionalPath source(env, a);
  if (source.error() != 0) return source.error();
  const Path target(env, a + 2);
  if (target.error() != 0) return target.error();
  const OptionalPath fstype(env, a + 4);
  if (fstype.error() != 0) return fstype.error();
  const OptionalPath data(env, a + 7);
  if (data.error() != 0) return data.error();
  return Result(syscall(SYS_mount, source.c_str(), target.c_str(), fstype.c_str(),
                        static_cast<unsigned long>(static_cast<uint32_t>(a[6])), data.c_str()));
}

// umount2(target, flags)
int32_t Umount2(Env& env, Args a) {
  const Path target(env, a);
  if (target.error() != 0) return target.error();
  return Result(syscall(SYS_umount2, target.c_str(), a[2]));
}

// open_tree(dirfd, path, flags)
int32_t OpenTree(Env& env, Args a) {
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_open_tree, a[0], path.c_str(), a[3]); });
}

// move_mount(fromDirfd, fromPath, toDirfd, toPath, flags)
int32_t MoveMount(Env& env, Args a) {
  const Path from(env, a + 1);
  if (from.error() != 0) return from.error();
  const Path to(env, a + 4);
  if (to.error() != 0) return to.error();
  return Result(syscall(SYS_move_mount, a[0], from.c_str(), a[3], to.c_str(), a[6]));
}

// mount_setattr(dirfd, path, flags, attr: struct mount_attr)
int32_t MountSetattr(Env& env, Args a) {
  const uint8_t* const attr = At(env, a + 4, kMountAttrSize);
  if (attr == nullptr) return -EFAULT;
  const Path path(env, a + 1);
  if (path.error() != 0) return path.error();
  return Result(syscall(SYS_mount_setattr, a[0], path.c_str(), a[3], attr, static_cast<size_t>(kMountAttrSize)));
}

int32_t Fchdir(Env&, Args a) { return Result(syscall(SYS_fchdir, a[0])); }

int32_t Chdir(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  return Retry([&] { return syscall(SYS_chdir, path.c_str()); });
}

int32_t Chroot(Env& env, Args a) {
  const Path path(env, a);
  if (path.error() != 0) return path.error();
  return Result(syscall(SYS_chroot, path.c_str()));
}

// pivot_root(newRoot, putOld)
int32_t PivotRoot(Env& env, Args a) {
  const Path root(env, a);
  if (root.error() != 0) return root.error();
  const Path old(env, a + 2);
  if (old.error() != 0) return old.error();
  return Result(syscall(SYS_pivot_root, root.c_str(), old.c_str()));
}

int32_t Unshare(Env&, Args a) { return Result(syscall(SYS_unshare, static_cast<unsigned long>(static_cast<uint32_t>(a[0])))); }

// setns(fd, flags)
int32_t Setns(Env&, Args a) { return Result(syscall(SYS_setns, a[0], a[1])); }

const Call kCalls[] = {
    {"mount", 9, Mount, Where::kThisThread},
    {"umount2", 3, Umount2, Where::kThisThread},
    {"openTree", 4, OpenTree, Where::kThisThread},
    {"moveMount", 7, MoveMount, Where::kThisThread},
    {"mountSetattr", 6, MountSetattr, Where::kThisThread},
    {"fchdir", 1, Fchdir, Where::kThisThread},
    {"chdir", 2, Chdir, Where::kThisThread},
    {"chroot", 2, Chroot, Where::kThisThread},
    {"pivotRoot", 4, PivotRoot, Where::kThisThread},
    {"unshare", 1, Unshare, Where::kThisThread},
    {"setns", 2, Setns, Where::kThisThread},
};

}  // namespace

CallTable MountCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
