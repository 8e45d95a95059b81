// Waiting for a descriptor on the event loop of the environment.
#ifndef VFS_SYS_WATCHER_H_
#define VFS_SYS_WATCHER_H_

#include <napi.h>
#include <uv.h>

#include <memory>

#include "env.h"

namespace sys {

// A uv_poll handle with a descriptor of its own. It deletes itself when libuv has let go of it.
class Watcher {
 public:
  // An open watcher of `fd` in *watcher; 0 or -errno. The JavaScript function is called with (events, errno).
  static int32_t Open(Napi::Env env, int fd, int events, Napi::Function callback, Watcher** watcher);

  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Stops watching; no callback begins afterwards.
  void Close();
  void Ref(bool ref);

 private:
  Watcher(Napi::Env env, int fd) : state_(Env::Of(env)), env_(env), fd_(fd) {}
  ~Watcher();
  static void OnPoll(uv_poll_t* poll, int status, int events);

  const std::shared_ptr<Env> state_;
  const napi_env env_;
  const int fd_;
  uv_poll_t poll_;
  napi_ref callback_ = nullptr;
  napi_async_context context_ = nullptr;
  bool closing_ = false;
};

// Adds watch, unwatch and watchRef to the exports.
void ExportWatcher(Napi::Env env, Napi::Object exports);

}  // namespace sys

#endif
