#include "call.h"

#include <cstring>
#include <utility>

namespace sys {

Path::Path(const Env& env, Args place) {
  uint32_t rest;
  const uint8_t* const from = env.windows.ResolveRest(place[0], static_cast<uint32_t>(place[1]), &rest);
  if (from == nullptr) {
    error_ = -EFAULT;
    return;
  }
  const size_t limit = rest < sizeof bytes_ ? rest : sizeof bytes_;
  char* const end = static_cast<char*>(memccpy(bytes_, from, '\0', limit));
  if (end == nullptr) {
    error_ = limit == sizeof bytes_ ? -ENAMETOOLONG : -EFAULT;
    return;
  }
  end[-1] = '\0';  // even if somebody wrote to the window meanwhile
  error_ = 0;
}

namespace {

// Parses N int32 arguments and runs the call. A missing argument or one that is not a number is -EINVAL; a fraction is
// truncated and a larger integer taken modulo 2^32, so that a u32 may be passed as either sign.
template <size_t N>
napi_value Trampoline(napi_env env, napi_callback_info info) {
  napi_value values[N + 1];  // no array has the size 0
  int32_t args[N + 1];
  size_t argc = N;
  void* data;
  napi_value result;
  int32_t value = -EINVAL;
  if (napi_get_cb_info(env, info, &argc, values, nullptr, &data) == napi_ok) {
    size_t parsed = 0;
    while (parsed < N && napi_get_value_int32(env, values[parsed], &args[parsed]) == napi_ok) parsed++;
    if (parsed == N) {
      const Bound* const bound = static_cast<Bound*>(data);
      value = bound->call->run(*bound->env, args);
    }
  }
  return napi_create_int32(env, value, &result) == napi_ok ? result : nullptr;
}

template <size_t... I>
napi_callback TrampolineFor(size_t nargs, std::index_sequence<I...>) {
  static constexpr napi_callback kTrampolines[] = {Trampoline<I>...};
  return kTrampolines[nargs];
}

}  // namespace

const std::vector<const Call*>& AllCalls() {
  static const std::vector<const Call*> all = [] {
    std::vector<const Call*> calls;
    for (const CallTable& family :
         {OpenCalls(), StatCalls(), DirCalls(), IoCalls(), FileCalls(), IdentityCalls(), EventCalls(), SocketCalls(),
          DatagramCalls(), MountCalls(), CapabilityCalls(), SeccompCalls(), LandlockCalls(), ProcessCalls(), SpawnCalls(),
          RingCalls()}) {
      for (size_t i = 0; i < family.count; i++) calls.push_back(family.begin + i);
    }
    return calls;
  }();
  return all;
}

Napi::Object MakeRaw(Napi::Env env, const std::shared_ptr<Env>& state) {
  Napi::Object raw = Napi::Object::New(env);
  for (const Call* const call : AllCalls()) {
    napi_value function;
    const Bound* const bound = state->Bind(call);
    const napi_callback callback = TrampolineFor(call->nargs, std::make_index_sequence<kMaxArgs + 1>());
    if (napi_create_function(env, call->name, NAPI_AUTO_LENGTH, callback, const_cast<Bound*>(bound), &function) !=
        napi_ok) {
      return raw;
    }
    raw.Set(call->name, Napi::Value(env, function));
  }
  return raw;
}

}  // namespace sys
