#include "bus_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace sys {

namespace {

// What the handler reads, on whatever thread: no locks, no memory that could be freed.
struct Slot {
  std::atomic<uintptr_t> begin{0};  // 0: free
  std::atomic<uintptr_t> end{0};
  std::atomic<bool> lost{false};
};

// Of a table of 509 regions that is replaced by another one, both are mapped for a moment; and there may be several of them.
constexpr int kSlots = 4096;
constexpr int kListeners = 256;
std::array<Slot, kSlots> slots;
// Each holds a descriptor plus 1; 0: nobody.
std::array<std::atomic<int>, kListeners> listeners;
std::mutex writing;  // not for the handler
struct sigaction previous;

void Tell() {
  const uint64_t one = 1;
  for (const std::atomic<int>& listener : listeners) {
    const int held = listener.load();
    // A counter that is full has told already.
    if (held != 0 && write(held - 1, &one, sizeof one) < 0) continue;
  }
}

// Puts zeroed memory in place of the range that the address is in. False when it is in none.
bool Replace(uintptr_t address) {
  for (Slot& slot : slots) {
    const uintptr_t begin = slot.begin.load();
    const uintptr_t end = slot.end.load();
    if (begin == 0 || address < begin || address >= end) continue;
    void* const blank = mmap(reinterpret_cast<void*>(begin), end - begin, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if (blank == MAP_FAILED) return false;
    slot.lost.store(true);
    return true;
  }
  return false;
}

void OnBus(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  // A code above 0 comes from the kernel, with an address.
  const bool handled = info->si_code > 0 && Replace(reinterpret_cast<uintptr_t>(info->si_addr));
  if (handled) {
    Tell();
  } else if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // Not ours: as if there were no handler.
    sigaction(SIGBUS, &previous, nullptr);
    raise(signal);
  }
  errno = saved;
}

void Install() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = OnBus;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
  });
}

}  // namespace

BusGuard::BusGuard(void* base, size_t size) : index_(kSlots) {
  const std::lock_guard<std::mutex> lock(writing);
  Install();
  for (int i = 0; i < kSlots; i++) {
    Slot& slot = slots[static_cast<size_t>(i)];
    if (slot.begin.load() != 0) continue;
    slot.lost.store(false);
    slot.end.store(reinterpret_cast<uintptr_t>(base) + size);
    slot.begin.store(reinterpret_cast<uintptr_t>(base));
    index_ = i;
    return;
  }
}

BusGuard::~BusGuard() {
  if (index_ == kSlots) return;
  const std::lock_guard<std::mutex> lock(writing);
  slots[static_cast<size_t>(index_)].begin.store(0);
}

bool BusGuard::lost() const { return index_ != kSlots && slots[static_cast<size_t>(index_)].lost.load(); }

int32_t BusGuard::Notify(int fd) {
  const std::lock_guard<std::mutex> lock(writing);
  for (std::atomic<int>& listener : listeners) {
    if (listener.load() != 0) continue;
    listener.store(fd + 1);
    return 0;
  }
  return -EMFILE;
}

void BusGuard::StopNotifying(int fd) {
  const std::lock_guard<std::mutex> lock(writing);
  for (std::atomic<int>& listener : listeners) {
    if (listener.load() == fd + 1) listener.store(0);
  }
}

}  // namespace sys
