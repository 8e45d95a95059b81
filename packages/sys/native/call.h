// What a raw call is, and what its implementation needs: places, paths, results.
#ifndef VFS_SYS_CALL_H_
#define VFS_SYS_CALL_H_

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "env.h"

namespace sys {

// The arguments of a raw call: as many as its entry in the table says.
using Args = const int32_t*;

// Where a call may run.
enum class Where : uint8_t {
  kAnyThread,   // also on the thread pool
  kThisThread,  // its effect belongs to the calling thread
};

// One raw call. `run` returns the value or -errno, throws nothing, and touches nothing of JavaScript's.
struct Call {
  const char* name;
  uint8_t nargs;
  int32_t (*run)(Env& env, Args args);
  Where where = Where::kAnyThread;
};

constexpr size_t kMaxArgs = 9;

struct CallTable {
  const Call* begin;
  size_t count;
};

// One table per family of calls.
CallTable OpenCalls();
CallTable StatCalls();
CallTable DirCalls();
CallTable IoCalls();
CallTable FileCalls();
CallTable IdentityCalls();
CallTable EventCalls();
CallTable SocketCalls();
CallTable DatagramCalls();
CallTable MountCalls();
CallTable CapabilityCalls();
CallTable SeccompCalls();
CallTable LandlockCalls();
CallTable ProcessCalls();
CallTable SpawnCalls();
CallTable RingCalls();

// Every call of every family, in the order in which they are exported.
const std::vector<const Call*>& AllCalls();

// The exports: every call of every family as a JavaScript function.
Napi::Object MakeRaw(Napi::Env env, const std::shared_ptr<Env>& state);

// What a system call returned: the value, or -errno.
inline int32_t Result(long value) { return value < 0 ? -errno : static_cast<int32_t>(value); }

// Runs a system call again while a signal interrupts it.
template <typename F>
inline int32_t Retry(F&& call) {
  long value;
  do {
    value = call();
  } while (value < 0 && errno == EINTR);
  return Result(value);
}

// A 64-bit value that came as two halves.
inline int64_t Join(int32_t low, int32_t high) {
  return static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint32_t>(high)) << 32 |
                              static_cast<uint32_t>(low));
}

// `length` bytes at a place (two arguments: window, offset), or nullptr.
inline uint8_t* At(const Env& env, Args place, uint32_t length) {
  return env.windows.Resolve(place[0], static_cast<uint32_t>(place[1]), length);
}

// The path at a place, copied: nobody can change it after it was checked.
class Path {
 public:
  Path(const Env& env, Args place);
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  // 0, -EFAULT or -ENAMETOOLONG; the path is good only when it is 0.
  int32_t error() const { return error_; }
  const char* c_str() const { return bytes_; }

 private:
  int32_t error_;
  char bytes_[PATH_MAX];
};

}  // namespace sys

#endif
