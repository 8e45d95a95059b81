// The monotonic clock, for who reads it with every request: nothing is allocated, and no argument is looked at.
#include "clock.h"

#include <time.h>

namespace sys {
namespace {

napi_value ReadClock(napi_env env, napi_callback_info info) {
  void* data;
  timespec now;
  // It cannot fail: the clock exists, and the address is good.
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) == napi_ok &&
      clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
    *static_cast<double*>(data) = static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }
  return nullptr;
}

}  // namespace

void ExportClock(Napi::Env env, Napi::Object exports, const std::shared_ptr<Env>& state) {
  // The buffer can outlive what is exported here, as the place that the function writes to must outlive the buffer.
  auto* const owner = new std::shared_ptr<Env>(state);
  exports.Set("clockTime",
              Napi::ArrayBuffer::New(
                  env, &state->clock, sizeof state->clock,
                  [](Napi::Env, void*, std::shared_ptr<Env>* held) { delete held; }, owner));
  napi_value function;
  if (napi_create_function(env, "readClock", NAPI_AUTO_LENGTH, ReadClock, &state->clock, &function) == napi_ok) {
    exports.Set("readClock", Napi::Value(env, function));
  }
}

}  // namespace sys
