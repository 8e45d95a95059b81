// Survives the loss of mapped files: who truncates a file takes its pages out of every mapping, and touching one of those
// raises SIGBUS.
#ifndef VFS_SYS_BUS_GUARD_H_
#define VFS_SYS_BUS_GUARD_H_

#include <cstddef>
#include <cstdint>

namespace sys {

// One guarded address range. When a page of it is missing, the whole range becomes zeroed memory of no file, and is lost: nobody
// else sees any more what is written there.
class BusGuard {
 public:
  // Begins to guard; where there are more ranges than can be guarded, this one is not.
  BusGuard(void* base, size_t size);
  ~BusGuard();
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;

  bool lost() const;

  // Adds 1 to the eventfd whenever a range is lost. 0 or -errno.
  static int32_t Notify(int fd);
  static void StopNotifying(int fd);

 private:
  int index_;
};

}  // namespace sys

#endif
