#include "env.h"

#include <vector>

#include "watcher.h"

namespace sys {

std::shared_ptr<Env> Env::Create(Napi::Env env) {
  auto state = std::shared_ptr<Env>(new Env());
  env.SetInstanceData(new std::shared_ptr<Env>(state));
  // The hook may come after the instance data is gone: it holds a reference of its own.
  auto* held = new std::shared_ptr<Env>(state);
  if (napi_add_async_cleanup_hook(env, CleanUp, held, &state->hook_) != napi_ok) delete held;
  return state;
}

std::shared_ptr<Env> Env::Of(Napi::Env env) { return *env.GetInstanceData<std::shared_ptr<Env>>(); }

uint64_t Env::BeginCalls(size_t count) {
  const std::lock_guard<std::mutex> lock(calls_);
  running_[epoch_] += count;
  return epoch_;
}

void Env::EndCall(uint64_t epoch) {
  std::vector<std::shared_ptr<void>> released;  // and freed after the lock
  const std::lock_guard<std::mutex> lock(calls_);
  const auto calls = running_.find(epoch);
  if (--calls->second > 0) return;
  running_.erase(calls);
  const auto end = running_.empty() ? held_.end() : held_.lower_bound(running_.begin()->first);
  for (auto entry = held_.begin(); entry != end; ++entry) released.push_back(std::move(entry->second));
  held_.erase(held_.begin(), end);
}

bool Env::HoldWhileBusy(const std::shared_ptr<void>& memory) {
  const std::lock_guard<std::mutex> lock(calls_);
  if (running_.empty()) return false;
  held_.emplace(epoch_++, memory);
  return true;
}

void Env::WatcherClosed(Watcher* watcher) {
  watchers_.erase(watcher);
  if (cleaning_) FinishCleanUp();
}

void Env::CleanUp(napi_async_cleanup_hook_handle, void* data) {
  const std::unique_ptr<std::shared_ptr<Env>> held(static_cast<std::shared_ptr<Env>*>(data));
  const std::shared_ptr<Env> self = *held;
  self->cleaning_ = true;
  // Closing one may not change the set before its uv handle is closed, which takes a turn of the loop.
  const std::vector<Watcher*> open(self->watchers_.begin(), self->watchers_.end());
  for (Watcher* watcher : open) watcher->Close();
  self->FinishCleanUp();
}

// The loop of a worker may be torn down only when no handle of ours is left on it.
void Env::FinishCleanUp() {
  if (!watchers_.empty() || hook_ == nullptr) return;
  napi_remove_async_cleanup_hook(hook_);
  hook_ = nullptr;
}

}  // namespace sys
