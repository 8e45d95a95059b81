// Eventfds, and waiting for a descriptor without the event loop.
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstring>

#include "call.h"
#include "cpu_pause.h"

namespace sys {
namespace {

int32_t Eventfd(Env&, Args a) { return Result(syscall(SYS_eventfd2, a[0], a[1])); }

int32_t EventfdRead(Env& env, Args a) {
  uint8_t* const out = At(env, a + 1, sizeof(uint64_t));
  if (out == nullptr) return -EFAULT;
  const int32_t result = Retry([&] { return syscall(SYS_read, a[0], out, sizeof(uint64_t)); });
  return result < 0 ? result : 0;
}

int32_t EventfdWrite(Env&, Args a) {
  const uint64_t value = static_cast<uint32_t>(a[1]);
  const int32_t result = Retry([&] { return syscall(SYS_write, a[0], &value, sizeof value); });
  return result < 0 ? result : 0;
}

int64_t NowMilliseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

// poll(fd, events, timeout in milliseconds, negative: none): the events that hold, 0 after the timeout. An interruption does
// not make the wait longer.
int32_t Poll(Env&, Args a) {
  pollfd entry{a[0], static_cast<short>(a[1]), 0};
  int timeout = a[2];
  const int64_t end = timeout > 0 ? NowMilliseconds() + timeout : 0;
  while (poll(&entry, 1, timeout) < 0) {
    if (errno != EINTR) return -errno;
    if (timeout > 0) {
      const int64_t left = end - NowMilliseconds();
      timeout = left > 0 ? static_cast<int>(left) : 0;
    }
  }
  return entry.revents;
}

int32_t SchedYield(Env&, Args) { return Result(syscall(SYS_sched_yield)); }

// cpuPause(count)
int32_t CpuPauses(Env&, Args a) {
  for (int32_t i = 0; i < a[0]; i++) CpuPause();
  return 0;
}

const Call kCalls[] = {
    {"eventfd", 2, Eventfd}, {"eventfdRead", 3, EventfdRead}, {"eventfdWrite", 2, EventfdWrite},
    {"poll", 3, Poll},       {"schedYield", 0, SchedYield}, {"cpuPause", 1, CpuPauses},
};

}  // namespace

CallTable EventCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
