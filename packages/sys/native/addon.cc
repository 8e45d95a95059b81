// The exports of the addon: one object per environment, no state outside of it.
#include <napi.h>

#include "call.h"
#include "clock.h"
#include "env.h"
#include "mapping.h"
#include "pool.h"
#include "watcher.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const auto state = sys::Env::Create(env);
  exports.Set("raw", sys::MakeRaw(env, state));
  sys::ExportClock(env, exports, state);
  sys::ExportMapping(env, exports);
  sys::ExportPool(env, exports);
  sys::ExportWatcher(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
