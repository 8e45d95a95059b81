#include "mapping.h"

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>

namespace sys {

// One ArrayBuffer. The engine owns it, through the finalizer; the mapping knows it to withdraw it early.
struct Mapping::Buffer {
  std::shared_ptr<Mapping> mapping;
  int32_t id = 0;
  napi_ref weak = nullptr;
};

Range::Range(uint8_t* base, uint64_t size, bool shared) : base_(base), size_(size) {
  if (shared) guard_.emplace(base, size);
}

Range::~Range() {
  // First, for the addresses may be somebody else's at once.
  guard_.reset();
  munmap(base_, size_);
}

int32_t Range::Blank() {
  void* const blank = mmap(base_, size_, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  return blank == MAP_FAILED ? -errno : 0;
}

// Nobody in JavaScript can reach the memory any more, but calls on other threads may be using it.
Mapping::~Mapping() {
  if (range_ != nullptr) env_->HoldWhileBusy(range_);
}

void Mapping::FinalizeBuffer(napi_env env, void*, void* hint) {
  const std::unique_ptr<Buffer> buffer(static_cast<Buffer*>(hint));
  Mapping& mapping = *buffer->mapping;
  mapping.buffers_.erase(buffer.get());
  mapping.env_->windows.Remove(buffer->id);
  if (buffer->weak != nullptr) napi_delete_reference(env, buffer->weak);
}

Napi::Value Mapping::Window(Napi::Env env, double offset, double length) {
  const auto failure = [&](int error) { return Napi::Number::New(env, -error); };
  if (!open_) return failure(EFAULT);
  // Written so that NaN fails too.
  if (!(offset >= 0 && length >= 1 && length <= kMaxWindow && offset + length <= static_cast<double>(length_)) ||
      std::floor(offset) != offset || std::floor(length) != length || std::fmod(offset, 8) != 0) {
    return failure(EINVAL);
  }
  uint8_t* const begin = range_->base() + static_cast<uint64_t>(offset);
  const uint32_t size = static_cast<uint32_t>(length);
  auto buffer = std::make_unique<Buffer>();
  buffer->mapping = shared_from_this();
  buffer->id = env_->windows.Add(begin, size);
  if (buffer->id < 0) return failure(-buffer->id);
  napi_value value;
  if (napi_create_external_arraybuffer(env, begin, size, FinalizeBuffer, buffer.get(), &value) != napi_ok) {
    env_->windows.Remove(buffer->id);
    return failure(ENOMEM);
  }
  Buffer* const owned = buffer.release();
  buffers_.insert(owned);
  napi_create_reference(env, value, 0, &owned->weak);
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, owned->id));
  result.Set(1u, Napi::Value(env, value));
  return result;
}

int32_t Mapping::Unmap(Napi::Env env) {
  if (!open_) return 0;
  open_ = false;
  bool unreachable = true;
  for (Buffer* buffer : buffers_) {
    env_->windows.Remove(buffer->id);
    napi_value value = nullptr;
    bool detached = true;
    if (buffer->weak != nullptr && napi_get_reference_value(env, buffer->weak, &value) == napi_ok && value != nullptr &&
        napi_is_detached_arraybuffer(env, value, &detached) == napi_ok && !detached &&
        napi_detach_arraybuffer(env, value) == napi_ok) {
      continue;
    }
    // Collected but not finalized, or transferred: some other ArrayBuffer may look at the same memory.
    unreachable = false;
  }
  const bool held = env_->HoldWhileBusy(range_);
  // The file goes now in any case. The addresses, filled with zeros, stay until the calls on other threads are over, and until the
  // engine has finalized the last buffer if one may still be reached.
  const int32_t result = unreachable && !held ? 0 : range_->Blank();
  if (unreachable) range_.reset();
  return result;
}

namespace {

using Handle = std::shared_ptr<Mapping>;

constexpr napi_type_tag kHandleTag = {0x6d11a3b0c2f94e57, 0x9e02f7c41b5d8a36};

// Flags that neither replace other mappings nor change how the range behaves in ways the checks here do not know.
constexpr int kAllowedFlags = MAP_SHARED | MAP_PRIVATE | MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_LOCKED |
                              MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_SYNC;

// How many bytes mmap will really map, or -errno: whole pages, and of a file in hugetlbfs whole huge pages, which munmap
// insists on. A regular file must contain the range, because touching a page behind its end raises SIGBUS.
int64_t SizeOfMapping(int fd, int64_t offset, uint64_t length) {
  uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (length > UINT64_MAX / 2 - (1u << 30)) return -ENOMEM;
  if (fd >= 0) {
    struct stat attributes;
    if (fstat(fd, &attributes) != 0) return -errno;
    struct statfs volume;
    if (fstatfs(fd, &volume) == 0 && volume.f_type == HUGETLBFS_MAGIC) page = static_cast<uint64_t>(volume.f_bsize);
    if (S_ISREG(attributes.st_mode)) {
      const uint64_t end = (static_cast<uint64_t>(attributes.st_size) + page - 1) / page * page;
      if (static_cast<uint64_t>(offset) > end || length > end - static_cast<uint64_t>(offset)) return -ENXIO;
    }
  }
  return static_cast<int64_t>((length + page - 1) / page * page);
}

// mmap(fd, length, offset low, offset high, prot, flags): a handle, or -errno.
Napi::Value Mmap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto failure = [&](int error) -> Napi::Value { return Napi::Number::New(env, -error); };
  for (size_t i = 0; i < 6; i++) {
    if (!info[i].IsNumber()) return failure(EINVAL);
  }
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const double wanted = info[1].As<Napi::Number>().DoubleValue();
  const int64_t offset = static_cast<int64_t>(
      static_cast<uint64_t>(info[3].As<Napi::Number>().Uint32Value()) << 32 | info[2].As<Napi::Number>().Uint32Value());
  const int prot = info[4].As<Napi::Number>().Int32Value();
  const int flags = info[5].As<Napi::Number>().Int32Value();
  if (!(wanted >= 1 && wanted <= 9007199254740991.0) || std::floor(wanted) != wanted || offset < 0) {
    return failure(EINVAL);
  }
  // Windows can be read and written: memory that cannot would end the process at the first attempt.
  if ((prot & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE) ||
      (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0 || (flags & ~kAllowedFlags) != 0) {
    return failure(EINVAL);
  }
  const uint64_t length = static_cast<uint64_t>(wanted);
  const int64_t size = SizeOfMapping((flags & MAP_ANONYMOUS) != 0 ? -1 : fd, offset, length);
  if (size < 0) return failure(static_cast<int>(-size));
  void* const base = mmap(nullptr, static_cast<size_t>(size), prot, flags, fd, offset);
  if (base == MAP_FAILED) return failure(errno);
  auto range = std::make_shared<Range>(static_cast<uint8_t*>(base), static_cast<uint64_t>(size),
                                       (flags & MAP_ANONYMOUS) == 0);
  auto mapping = std::make_shared<Mapping>(Env::Of(env), std::move(range), length);
  auto handle = Napi::External<Handle>::New(env, new Handle(std::move(mapping)),
                                            [](Napi::Env, Handle* held) { delete held; });
  handle.TypeTag(&kHandleTag);
  return handle;
}

// The mapping of a handle; nullptr with a TypeError pending when it is none.
Mapping* MappingOf(const Napi::CallbackInfo& info) {
  if (info[0].IsExternal()) {
    const auto handle = info[0].As<Napi::External<Handle>>();
    if (handle.CheckTypeTag(&kHandleTag)) return handle.Data()->get();
  }
  Napi::TypeError::New(info.Env(), "not a mapping").ThrowAsJavaScriptException();
  return nullptr;
}

// window(mapping, offset, length): [id, ArrayBuffer], or -errno.
Napi::Value WindowOf(const Napi::CallbackInfo& info) {
  Mapping* const mapping = MappingOf(info);
  if (mapping == nullptr) return info.Env().Undefined();
  if (!info[1].IsNumber() || !info[2].IsNumber()) return Napi::Number::New(info.Env(), -EINVAL);
  return mapping->Window(info.Env(), info[1].As<Napi::Number>().DoubleValue(),
                         info[2].As<Napi::Number>().DoubleValue());
}

// munmap(mapping): 0 or -errno.
Napi::Value Munmap(const Napi::CallbackInfo& info) {
  Mapping* const mapping = MappingOf(info);
  if (mapping == nullptr) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), mapping->Unmap(info.Env()));
}

// isLost(mapping): whether its file has been truncated under it.
Napi::Value IsLost(const Napi::CallbackInfo& info) {
  Mapping* const mapping = MappingOf(info);
  if (mapping == nullptr) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), mapping->lost());
}

// notifyOfLoss(eventfd, on): 0 or -errno.
Napi::Value NotifyOfLoss(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber() || !info[1].IsBoolean()) return Napi::Number::New(info.Env(), -EINVAL);
  const int fd = info[0].As<Napi::Number>().Int32Value();
  if (info[1].As<Napi::Boolean>().Value()) return Napi::Number::New(info.Env(), BusGuard::Notify(fd));
  BusGuard::StopNotifying(fd);
  return Napi::Number::New(info.Env(), 0);
}

}  // namespace

void ExportMapping(Napi::Env env, Napi::Object exports) {
  exports.Set("mmap", Napi::Function::New(env, Mmap, "mmap"));
  exports.Set("window", Napi::Function::New(env, WindowOf, "window"));
  exports.Set("isLost", Napi::Function::New(env, IsLost, "isLost"));
  exports.Set("notifyOfLoss", Napi::Function::New(env, NotifyOfLoss, "notifyOfLoss"));
  exports.Set("munmap", Napi::Function::New(env, Munmap, "munmap"));
}

}  // namespace sys
