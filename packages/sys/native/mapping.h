// Mapped memory and the ArrayBuffers over it.
#ifndef VFS_SYS_MAPPING_H_
#define VFS_SYS_MAPPING_H_

#include <napi.h>

#include <memory>
#include <optional>
#include <unordered_set>

#include "bus_guard.h"
#include "env.h"

namespace sys {

// An address range that is ours.
class Range {
 public:
  // `shared`: others can take the memory away, by truncating its file.
  Range(uint8_t* base, uint64_t size, bool shared);
  ~Range();
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;

  uint8_t* base() const { return base_; }
  // The file has been truncated, and there is zeroed memory instead.
  bool lost() const { return guard_.has_value() && guard_->lost(); }
  // Puts zeroed memory of no file in place of what is mapped. 0 or -errno.
  int32_t Blank();

 private:
  uint8_t* const base_;
  const uint64_t size_;
  std::optional<BusGuard> guard_;
};

// A mapping lives as long as its handle or a buffer over it can be reached from JavaScript, or until it is unmapped.
class Mapping : public std::enable_shared_from_this<Mapping> {
 public:
  // The largest window, so that offsets fit 31 bits and every supported V8 can index the buffer.
  static constexpr uint32_t kMaxWindow = 1u << 30;

  // Of the range the first `length` bytes may be seen.
  Mapping(std::shared_ptr<Env> env, std::shared_ptr<Range> range, uint64_t length)
      : env_(std::move(env)), range_(std::move(range)), length_(length) {}
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // [id, ArrayBuffer] over `length` bytes at `offset`, or -errno.
  Napi::Value Window(Napi::Env env, double offset, double length);
  bool lost() const { return range_ != nullptr && range_->lost(); }
  // Withdraws the ids, detaches the buffers, unmaps. 0 or -errno.
  int32_t Unmap(Napi::Env env);

 private:
  struct Buffer;
  static void FinalizeBuffer(napi_env env, void* data, void* hint);

  std::shared_ptr<Env> env_;
  std::shared_ptr<Range> range_;
  const uint64_t length_;
  bool open_ = true;  // windows may be made
  std::unordered_set<Buffer*> buffers_;
};

// Adds mmap, window and munmap to the exports.
void ExportMapping(Napi::Env env, Napi::Object exports);

}  // namespace sys

#endif
