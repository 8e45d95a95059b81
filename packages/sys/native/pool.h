// Threads that run raw calls which may block.
#ifndef VFS_SYS_POOL_H_
#define VFS_SYS_POOL_H_

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "call.h"

namespace sys {

// A queue of calls, threads that run them, and a queue of results that an eventfd announces.
//
// Nobody ever waits for a thread: one that hangs in a system call would hang its environment too. Each holds the pool and the
// environment's state for as long as it runs, and the pool is closed by telling them to end.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  struct Result {
    int32_t token;
    int32_t value;
  };

  // Bytes of a job: token, position of the call, number of arguments, room for all that there can be.
  static constexpr uint32_t kJobSize = (3 + kMaxArgs) * sizeof(int32_t);

  // A pool with running threads in *pool; 0 or -errno.
  static int32_t Open(std::shared_ptr<Env> env, int32_t threads, std::shared_ptr<Pool>* pool);
  explicit Pool(std::shared_ptr<Env> env) : env_(std::move(env)) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int descriptor() const { return descriptor_; }
  // Queues `count` jobs, or none of them: -EAGAIN when too many wait. One that is no call, has the wrong number of arguments, or
  // must not run on another thread, has the result -EINVAL.
  int32_t Submit(const uint8_t* jobs, uint32_t count);
  // Takes results, at most `capacity`, and returns how many.
  int32_t Reap(uint8_t* results, uint32_t capacity);
  void Close();

 private:
  struct Job {
    int32_t token;
    const Call* call;  // nullptr: not to be called
    uint64_t epoch;
    int32_t args[kMaxArgs];
  };

  // More calls than this waiting are more than anybody needs, and a bound on memory.
  static constexpr size_t kMaxJobs = 1u << 16;

  static void* Run(void* held);
  void Work();

  const std::shared_ptr<Env> env_;
  int descriptor_ = -1;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::deque<Result> results_;
  bool closed_ = false;
};

// Adds poolOpen, poolDescriptor, poolSubmit, poolReap and poolClose to the exports.
void ExportPool(Napi::Env env, Napi::Object exports);

}  // namespace sys

#endif
