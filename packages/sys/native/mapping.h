// Mapped memory and the ArrayBuffers over it.
#ifndef VFS_SYS_MAPPING_H_
#define VFS_SYS_MAPPING_H_

#include <napi.h>

#include <memory>
#include <unordered_set>

#include "env.h"

namespace sys {

// A mapping lives as long as its handle or a buffer over it can be reached from JavaScript, or until it is unmapped.
class Mapping : public std::enable_shared_from_this<Mapping> {
 public:
  // The largest window, so that offsets fit 31 bits and every supported V8 can index the buffer.
  static constexpr uint32_t kMaxWindow = 1u << 30;

  // Takes over `size` mapped bytes at `base`, of which the first `length` may be seen.
  Mapping(std::shared_ptr<Env> env, uint8_t* base, uint64_t length, uint64_t size)
      : env_(std::move(env)), base_(base), length_(length), size_(size) {}
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // [id, ArrayBuffer] over `length` bytes at `offset`, or -errno.
  Napi::Value Window(Napi::Env env, double offset, double length);
  // Withdraws the ids, detaches the buffers, unmaps. 0 or -errno.
  int32_t Unmap(Napi::Env env);

 private:
  struct Buffer;
  static void FinalizeBuffer(napi_env env, void* data, void* hint);

  std::shared_ptr<Env> env_;
  uint8_t* const base_;
  const uint64_t length_;
  const uint64_t size_;
  bool open_ = true;    // windows may be made
  bool mapped_ = true;  // the address range is ours
  std::unordered_set<Buffer*> buffers_;
};

// Adds mmap, window and munmap to the exports.
void ExportMapping(Napi::Env env, Napi::Object exports);

}  // namespace sys

#endif
