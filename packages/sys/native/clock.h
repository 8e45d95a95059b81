// The monotonic clock as JavaScript reads it.
#ifndef VFS_SYS_CLOCK_H_
#define VFS_SYS_CLOCK_H_

#include <napi.h>

#include <memory>

#include "env.h"

namespace sys {

// readClock(): stores the time in nanoseconds as the double that the buffer clockTime consists of.
void ExportClock(Napi::Env env, Napi::Object exports, const std::shared_ptr<Env>& state);

}  // namespace sys

#endif
