#include "watcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sys {

static_assert(UV_READABLE == 1 && UV_WRITABLE == 2, "WATCH_READABLE and WATCH_WRITABLE of the TypeScript side");

Watcher::~Watcher() { close(fd_); }

int32_t Watcher::Open(Napi::Env env, int fd, int events, Napi::Function callback, Watcher** watcher) {
  uv_loop_t* loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return -ENOTSUP;
  // libuv aborts the process when a descriptor is closed behind its back, so it gets one that nobody else knows.
  const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return -errno;
  Watcher* const self = new Watcher(env, own);
  const int error = uv_poll_init(loop, &self->poll_, own);
  if (error != 0) {
    delete self;
    return error;
  }
  self->poll_.data = self;
  self->state_->WatcherOpened(self);
  napi_value name;
  if (napi_create_string_utf8(env, "vfs.sys.Watcher", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env, nullptr, name, &self->context_) != napi_ok ||
      napi_create_reference(env, callback, 1, &self->callback_) != napi_ok) {
    self->Close();
    return -ENOMEM;
  }
  const int started = uv_poll_start(&self->poll_, events, OnPoll);
  if (started != 0) {
    self->Close();
    return started;
  }
  *watcher = self;
  return 0;
}

void Watcher::Close() {
  if (closing_) return;
  closing_ = true;
  if (callback_ != nullptr) napi_delete_reference(env_, callback_);
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* handle) {
    Watcher* const self = static_cast<Watcher*>(handle->data);
    const std::shared_ptr<Env> state = self->state_;
    state->WatcherClosed(self);
    delete self;
  });
}

void Watcher::Ref(bool ref) {
  if (closing_) return;
  uv_handle_t* const handle = reinterpret_cast<uv_handle_t*>(&poll_);
  if (ref) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

void Watcher::OnPoll(uv_poll_t* poll, int status, int events) {
  const Watcher& self = *static_cast<Watcher*>(poll->data);
  if (self.closing_) return;
  const napi_env env = self.env_;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value function;
  napi_value receiver;
  napi_value args[2];
  if (napi_get_reference_value(env, self.callback_, &function) == napi_ok &&
      napi_get_global(env, &receiver) == napi_ok && napi_create_int32(env, events, &args[0]) == napi_ok &&
      napi_create_int32(env, -status, &args[1]) == napi_ok) {
    // `self` may be closed by the callback, but not gone: libuv lets go of it in a later phase of the loop.
    if (napi_make_callback(env, self.context_, receiver, function, 2, args, nullptr) == napi_pending_exception) {
      napi_value error;
      if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
    }
  }
  napi_close_handle_scope(env, scope);
}

namespace {

// What JavaScript holds: forgotten when it closes the watcher, so that a second attempt finds nothing.
struct Handle {
  Watcher* watcher;
};

constexpr napi_type_tag kHandleTag = {0x31c7d9850e6b42fa, 0x84b5e61d90a3c7f2};

// watch(fd, events, callback): a handle, or -errno.
Napi::Value Watch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsFunction()) return Napi::Number::New(env, -EINVAL);
  const int events = info[1].As<Napi::Number>().Int32Value();
  if (events == 0 || (events & ~(UV_READABLE | UV_WRITABLE)) != 0) return Napi::Number::New(env, -EINVAL);
  Watcher* watcher = nullptr;
  const int32_t error =
      Watcher::Open(env, info[0].As<Napi::Number>().Int32Value(), events, info[2].As<Napi::Function>(), &watcher);
  if (error != 0) return Napi::Number::New(env, error);
  auto handle = Napi::External<Handle>::New(env, new Handle{watcher}, [](Napi::Env, Handle* held) { delete held; });
  handle.TypeTag(&kHandleTag);
  return handle;
}

// The handle's data; nullptr with a TypeError pending when it is none.
Handle* HandleOf(const Napi::CallbackInfo& info) {
  if (info[0].IsExternal()) {
    const auto handle = info[0].As<Napi::External<Handle>>();
    if (handle.CheckTypeTag(&kHandleTag)) return handle.Data();
  }
  Napi::TypeError::New(info.Env(), "not a watcher").ThrowAsJavaScriptException();
  return nullptr;
}

void Unwatch(const Napi::CallbackInfo& info) {
  Handle* const handle = HandleOf(info);
  if (handle == nullptr || handle->watcher == nullptr) return;
  handle->watcher->Close();
  handle->watcher = nullptr;
}

void WatchRef(const Napi::CallbackInfo& info) {
  Handle* const handle = HandleOf(info);
  if (handle == nullptr || handle->watcher == nullptr) return;
  handle->watcher->Ref(info[1].ToBoolean());
}

}  // namespace

void ExportWatcher(Napi::Env env, Napi::Object exports) {
  exports.Set("watch", Napi::Function::New(env, Watch, "watch"));
  exports.Set("unwatch", Napi::Function::New(env, Unwatch, "unwatch"));
  exports.Set("watchRef", Napi::Function::New(env, WatchRef, "watchRef"));
}

}  // namespace sys
