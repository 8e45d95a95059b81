// Threads that run raw calls which may block.
#ifndef VFS_SYS_POOL_H_
#define VFS_SYS_POOL_H_

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "call.h"

namespace sys {

// A queue of calls, threads that run them, and a queue of results that an eventfd announces.
//
// A call wakes a thread, if one rests. Not so one that may be attempted: with another last argument it does not wait, and has what it needs
// begun, as RWF_NOWAIT does with a read. Such calls are all attempted first; those that have to wait then wait one after the other, in as few threads as
// keep up with them, for most are ready when their turn comes. A thread for each would sleep and be woken once for each. When
// nothing has been taken for a moment, though something is there, one more thread is woken.
//
// Nobody ever waits for a thread: one that hangs in a system call would hang its environment too. Each holds the pool and the
// environment's state for as long as it runs, and the pool is closed by telling them to end.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  struct Result {
    int32_t token;
    int32_t value;
  };

  // Bytes of a job: token, position of the call, last argument of the attempt or 0, number of arguments, room for all that there can be.
  static constexpr uint32_t kJobSize = (4 + kMaxArgs) * sizeof(int32_t);

  // A pool with running threads in *pool; 0 or -errno.
  static int32_t Open(std::shared_ptr<Env> env, int32_t threads, std::shared_ptr<Pool>* pool);
  Pool(std::shared_ptr<Env> env, size_t threads);
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
    int32_t attempt;  // the last argument in a first attempt that does not wait; 0: there is none
    uint64_t epoch;
    int32_t args[kMaxArgs];
  };

  // More calls than this waiting are more than anybody needs, and a bound on memory.
  static constexpr size_t kMaxJobs = 1u << 16;

  using Clock = std::chrono::steady_clock;

  // A thread, as the others see it.
  struct Worker {
    std::condition_variable wake;
    bool called = false;  // no longer among those that rest
  };

  static void* Run(void* held);
  void Work();
  // The following want the mutex to be held.
  bool Idle() const { return jobs_.empty() && waiting_.empty(); }
  // Threads that see to the calls that can be attempted, or could.
  size_t Sharing() const { return active_ - away_; }
  // Whether there is something to do for one more than `others` threads.
  bool Wanted(size_t others) const { return !Idle() && (lasting_ > 0 || others < few_); }
  Job Take();
  void CallWorkers(size_t lasting);
  void Appoint();
  void Rest(Worker* self, std::unique_lock<std::mutex>* lock);
  void Learn(Clock::duration took);
  // Not with the mutex held: runs the call, or its first attempt.
  int32_t Make(const Job& job) const;

  const std::shared_ptr<Env> env_;
  const size_t threads_;
  int descriptor_ = -1;
  std::mutex mutex_;  // guards all below
  std::deque<Job> jobs_;
  size_t lasting_ = 0;        // of them, those that cannot be attempted
  std::deque<Job> waiting_;   // attempted in vain
  std::deque<Result> results_;
  std::vector<Worker*> resting_;  // the one that rests for longest first
  Worker* lookout_ = nullptr;     // the one of them that looks after jobs that nobody takes
  size_t active_ = 0;             // threads that do not rest
  size_t away_ = 0;               // of them, those that make a call that cannot be attempted
  size_t few_;                    // as many are to share calls that can be attempted
  uint64_t taken_ = 0;            // counts jobs
  Clock::duration usual_{};       // how long a call takes that was attempted in vain
  bool closed_ = false;
};

// Adds poolOpen, poolDescriptor, poolSubmit, poolReap and poolClose to the exports.
void ExportPool(Napi::Env env, Napi::Object exports);

}  // namespace sys

#endif
