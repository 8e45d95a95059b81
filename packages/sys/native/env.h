// The state of the addon in one environment (the main thread or one worker).
#ifndef VFS_SYS_ENV_H_
#define VFS_SYS_ENV_H_

#include <napi.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "windows.h"

namespace sys {

class Env;
class Watcher;
struct Call;

// What a JavaScript function of the raw tier carries.
struct Bound {
  Env* env;
  const Call* call;
};

// Everything that hangs on it holds a shared_ptr: at the end of an environment finalizers run in no particular order.
class Env : public std::enable_shared_from_this<Env> {
 public:
  // Makes the state and stores it as the environment's instance data.
  static std::shared_ptr<Env> Create(Napi::Env env);
  // The state of the environment that a callback runs in.
  static std::shared_ptr<Env> Of(Napi::Env env);

  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;

  WindowTable windows;

  // What the clock showed when it was last read, in nanoseconds.
  double clock = 0;

  // Binds a call to this environment, for as long as the environment lasts.
  const Bound* Bind(const Call* call) { return &bound_.emplace_back(Bound{this, call}); }

  // The call that was bound as number `index`, which is also its place among the exports; nullptr when there is none.
  const Call* CallAt(int32_t index) const {
    return index < 0 || static_cast<size_t>(index) >= bound_.size() ? nullptr : bound_[static_cast<size_t>(index)].call;
  }

  // Calls on other threads. They may use memory that has been withdrawn since they began, so its addresses stay taken until
  // all that began before are over: an epoch ends with every withdrawal.
  uint64_t BeginCalls(size_t count);
  void EndCall(uint64_t epoch);
  // Keeps memory until every call that has begun is over. False, and nothing is kept, when there is none.
  bool HoldWhileBusy(const std::shared_ptr<void>& memory);

  // Open watchers, to be closed when the environment ends; a watcher is gone only when its uv handle is closed.
  void WatcherOpened(Watcher* watcher) { watchers_.insert(watcher); }
  void WatcherClosed(Watcher* watcher);

 private:
  Env() = default;
  static void CleanUp(napi_async_cleanup_hook_handle hook, void* data);
  void FinishCleanUp();

  std::deque<Bound> bound_;
  std::mutex calls_;  // guards the three below
  uint64_t epoch_ = 0;
  std::map<uint64_t, size_t> running_;             // calls by the epoch they began in
  std::map<uint64_t, std::shared_ptr<void>> held_;  // memory by the last epoch whose calls may know it
  std::unordered_set<Watcher*> watchers_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  bool cleaning_ = false;
};

}  // namespace sys

#endif
