#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sys {

namespace {

constexpr int32_t kMaxThreads = 256;
// A call takes a path or two and a table of segments on its stack.
constexpr size_t kStackSize = 256 * 1024;
// So many threads at least share the calls that can be attempted.
constexpr size_t kFewest = 2;
// One more for each of these that such a call takes after its attempt: then it has to be waited for.
constexpr std::chrono::microseconds kQuick(20);
// When for so long nobody has taken a job, those who could are not free to.
constexpr std::chrono::milliseconds kStuck(1);

}  // namespace

Pool::Pool(std::shared_ptr<Env> env, size_t threads)
    : env_(std::move(env)), threads_(threads), active_(threads), few_(std::min(kFewest, threads)) {}

Pool::~Pool() {
  if (descriptor_ >= 0) close(descriptor_);
}

int32_t Pool::Open(std::shared_ptr<Env> env, int32_t threads, std::shared_ptr<Pool>* pool) {
  if (threads < 1 || threads > kMaxThreads) return -EINVAL;
  auto self = std::make_shared<Pool>(std::move(env), static_cast<size_t>(threads));
  self->descriptor_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->descriptor_ < 0) return -errno;
  // Signals are the main thread's business.
  sigset_t all;
  sigset_t previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackSize);
  int error = 0;
  for (int32_t i = 0; i < threads && error == 0; i++) {
    auto* held = new std::shared_ptr<Pool>(self);
    pthread_t thread;
    error = pthread_create(&thread, &attributes, Run, held);
    if (error != 0) delete held;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  if (error != 0) {
    self->Close();
    return -error;
  }
  *pool = std::move(self);
  return 0;
}

void* Pool::Run(void* held) {
  const std::unique_ptr<std::shared_ptr<Pool>> self(static_cast<std::shared_ptr<Pool>*>(held));
  pthread_setname_np(pthread_self(), "vfs-sys");
  (*self)->Work();
  return nullptr;
}

void Pool::Work() {
  Worker self;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (!Wanted(Sharing() - 1)) Rest(&self, &lock);
    if (closed_) return;
    if (Idle()) continue;
    const bool attempted = jobs_.empty();
    Job job = Take();
    const bool lasting = !attempted && job.attempt == 0;
    if (lasting) {
      // Somebody else has to see to what this thread would have come to.
      away_++;
      CallWorkers(0);
    }
    lock.unlock();
    const Clock::time_point start = attempted ? Clock::now() : Clock::time_point();
    const int32_t value = Make(job);
    const Clock::duration took = attempted ? Clock::now() - start : Clock::duration();
    if (job.attempt != 0 && value == -EAGAIN) {
      lock.lock();
      job.attempt = 0;
      if (!closed_) {
        waiting_.push_back(job);
        continue;
      }
      lock.unlock();
    }
    env_->EndCall(job.epoch);
    lock.lock();
    if (closed_) return;
    if (lasting) away_--;
    if (attempted) Learn(took);
    // One notice for everything that is ready when the event loop comes to look.
    const bool first = results_.empty();
    results_.push_back({job.token, value});
    if (!first) continue;
    // Whoever is woken wants the mutex.
    lock.unlock();
    eventfd_write(descriptor_, 1);
    lock.lock();
  }
}

int32_t Pool::Make(const Job& job) const {
  if (job.call == nullptr) return -EINVAL;
  if (job.attempt == 0) return job.call->run(*env_, job.args);
  int32_t args[kMaxArgs];
  memcpy(args, job.args, sizeof args);
  args[job.call->nargs - 1] = job.attempt;
  return job.call->run(*env_, args);
}

// What has not been attempted goes first: so what the others wait for gets under way.
Pool::Job Pool::Take() {
  std::deque<Job>& from = jobs_.empty() ? waiting_ : jobs_;
  const Job job = from.front();
  from.pop_front();
  if (&from == &jobs_ && job.attempt == 0) lasting_--;
  taken_++;
  return job;
}

// Wakes as many threads as there is something to do for; `lasting` jobs are new and cannot be attempted.
void Pool::CallWorkers(size_t lasting) {
  size_t useful = lasting + std::min(jobs_.size() - lasting_ + waiting_.size(), few_ - std::min(few_, Sharing()));
  for (; useful > 0 && !resting_.empty(); useful--) {
    Worker* const worker = resting_.back();
    resting_.pop_back();
    if (worker == lookout_) lookout_ = nullptr;
    active_++;
    worker->called = true;
    worker->wake.notify_one();
  }
}

// Has somebody look after what waits.
void Pool::Appoint() {
  if (lookout_ != nullptr || Idle() || resting_.empty()) return;
  lookout_ = resting_.front();
  lookout_->wake.notify_one();
}

// Returns when the thread is called, or has to help without being called.
void Pool::Rest(Worker* self, std::unique_lock<std::mutex>* lock) {
  self->called = false;
  active_--;
  resting_.push_back(self);
  Appoint();
  while (!self->called && !closed_) {
    if (lookout_ != self) {
      self->wake.wait(*lock);
      continue;
    }
    const uint64_t taken = taken_;
    if (self->wake.wait_for(*lock, kStuck) == std::cv_status::no_timeout || self->called || closed_) continue;
    if (!Idle() && taken != taken_) continue;
    lookout_ = nullptr;
    if (Idle()) continue;
    // As if a call had just taken so long: for those that do take longer, others step in.
    Learn(kStuck);
    resting_.erase(std::find(resting_.begin(), resting_.end(), self));
    active_++;
    Appoint();
    return;
  }
}

void Pool::Learn(Clock::duration took) {
  usual_ += (took - usual_) / 16;
  const size_t wanted = static_cast<size_t>(usual_ / kQuick) + 1;
  few_ = std::min(threads_, std::max(kFewest, wanted));
}

int32_t Pool::Submit(const uint8_t* jobs, uint32_t count) {
  std::vector<Job> batch(count);
  for (Job& job : batch) {
    int32_t words[4 + kMaxArgs];
    memcpy(words, jobs, sizeof words);
    jobs += sizeof words;
    job.token = words[0];
    job.call = env_->CallAt(words[1]);
    if (job.call != nullptr && (job.call->where != Where::kAnyThread || job.call->nargs != words[3])) job.call = nullptr;
    job.attempt = job.call == nullptr || job.call->nargs == 0 ? 0 : words[2];
    memcpy(job.args, words + 4, sizeof job.args);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return -ECANCELED;
  if (jobs_.size() + waiting_.size() + results_.size() + count > kMaxJobs) return -EAGAIN;
  const uint64_t epoch = env_->BeginCalls(count);
  size_t lasting = 0;
  for (Job& job : batch) {
    job.epoch = epoch;
    if (job.attempt == 0) lasting++;
    jobs_.push_back(job);
  }
  lasting_ += lasting;
  CallWorkers(lasting);
  Appoint();
  return 0;
}

int32_t Pool::Reap(uint8_t* results, uint32_t capacity) {
  const std::lock_guard<std::mutex> lock(mutex_);
  uint32_t count = 0;
  while (count < capacity && !results_.empty()) {
    memcpy(results + count * sizeof(Result), &results_.front(), sizeof(Result));
    results_.pop_front();
    count++;
  }
  // Lowered only when nothing is left, so that no result waits unannounced.
  if (results_.empty()) {
    eventfd_t value;
    eventfd_read(descriptor_, &value);
  }
  return static_cast<int32_t>(count);
}

void Pool::Close() {
  std::deque<Job> dropped;
  std::deque<Job> attempted;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    dropped.swap(jobs_);
    attempted.swap(waiting_);
    results_.clear();
    for (Worker* worker : resting_) worker->wake.notify_one();
  }
  for (const Job& job : dropped) env_->EndCall(job.epoch);
  for (const Job& job : attempted) env_->EndCall(job.epoch);
}

namespace {

using Handle = std::shared_ptr<Pool>;

constexpr napi_type_tag kHandleTag = {0xa7e41fd06c3b4d92, 0xb1f8205e7d946c3a};

// poolOpen(threads): a handle, or -errno.
Napi::Value PoolOpen(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) return Napi::Number::New(env, -EINVAL);
  Handle pool;
  const int32_t error = Pool::Open(Env::Of(env), info[0].As<Napi::Number>().Int32Value(), &pool);
  if (error != 0) return Napi::Number::New(env, error);
  auto handle = Napi::External<Handle>::New(env, new Handle(std::move(pool)), [](Napi::Env, Handle* held) {
    if (*held != nullptr) (*held)->Close();
    delete held;
  });
  handle.TypeTag(&kHandleTag);
  return handle;
}

// The handle in the first argument; nullptr with a TypeError pending when it is none, or closed.
Handle* HandleOf(const Napi::CallbackInfo& info) {
  if (info[0].IsExternal()) {
    const auto handle = info[0].As<Napi::External<Handle>>();
    if (handle.CheckTypeTag(&kHandleTag) && *handle.Data() != nullptr) return handle.Data();
  }
  Napi::TypeError::New(info.Env(), "not an open pool").ThrowAsJavaScriptException();
  return nullptr;
}

Napi::Value PoolDescriptor(const Napi::CallbackInfo& info) {
  const Handle* const pool = HandleOf(info);
  if (pool == nullptr) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), (*pool)->descriptor());
}

// Hands the array of `info[3]` elements of `size` bytes at the place info[1], info[2] to `action`.
template <typename F>
Napi::Value WithArray(const Napi::CallbackInfo& info, uint32_t size, F&& action) {
  const Handle* const pool = HandleOf(info);
  if (pool == nullptr) return info.Env().Undefined();
  int32_t args[3];
  for (size_t i = 0; i < 3; i++) {
    if (napi_get_value_int32(info.Env(), info[i + 1], &args[i]) != napi_ok) return Napi::Number::New(info.Env(), -EINVAL);
  }
  if (args[2] < 0 || static_cast<uint32_t>(args[2]) > INT32_MAX / size) return Napi::Number::New(info.Env(), -EINVAL);
  const uint32_t count = static_cast<uint32_t>(args[2]);
  uint8_t* const at = At(*Env::Of(info.Env()), args, count * size);
  return Napi::Number::New(info.Env(), at == nullptr ? -EFAULT : action(**pool, at, count));
}

Napi::Value PoolSubmit(const Napi::CallbackInfo& info) {
  return WithArray(info, Pool::kJobSize,
                   [](Pool& pool, const uint8_t* jobs, uint32_t count) { return pool.Submit(jobs, count); });
}

Napi::Value PoolReap(const Napi::CallbackInfo& info) {
  return WithArray(info, sizeof(Pool::Result),
                   [](Pool& pool, uint8_t* results, uint32_t capacity) { return pool.Reap(results, capacity); });
}

void PoolClose(const Napi::CallbackInfo& info) {
  Handle* const pool = HandleOf(info);
  if (pool == nullptr) return;
  (*pool)->Close();
  // The eventfd goes with the last thread, not with the next garbage collection.
  pool->reset();
}

}  // namespace

void ExportPool(Napi::Env env, Napi::Object exports) {
  exports.Set("poolOpen", Napi::Function::New(env, PoolOpen, "poolOpen"));
  exports.Set("poolDescriptor", Napi::Function::New(env, PoolDescriptor, "poolDescriptor"));
  exports.Set("poolSubmit", Napi::Function::New(env, PoolSubmit, "poolSubmit"));
  exports.Set("poolReap", Napi::Function::New(env, PoolReap, "poolReap"));
  exports.Set("poolClose", Napi::Function::New(env, PoolClose, "poolClose"));
}

}  // namespace sys
