// The table of windows: what the raw tier may touch.
#ifndef VFS_SYS_WINDOWS_H_
#define VFS_SYS_WINDOWS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sys {

// Maps an id to a range of memory. An id is a slot and a generation in a positive int32; a slot never has the same id twice (one
// whose generations run out is not used again), so a stale id never names somebody else's memory.
//
// Add and Remove belong to the thread of the environment. Resolve may run on any thread beside them: what it returns was
// valid at some moment during the call, and the memory behind a removed window stays mapped until no call uses it.
class WindowTable {
 public:
  static constexpr uint32_t kSlotBits = 14;
  static constexpr uint32_t kSlots = 1u << kSlotBits;

  WindowTable() = default;
  WindowTable(const WindowTable&) = delete;
  WindowTable& operator=(const WindowTable&) = delete;
  ~WindowTable();

  // A new id, or -ENOMEM when all slots are taken.
  int32_t Add(uint8_t* base, uint32_t length);
  // Withdraws an id that Add returned.
  void Remove(int32_t id);

  // The address of `length` bytes at `offset` of a window; nullptr when they are not inside it, or there is no such window.
  uint8_t* Resolve(int32_t id, uint32_t offset, uint32_t length) const {
    uint32_t available;
    uint8_t* const base = Find(id, &available);
    if (base == nullptr || offset > available || length > available - offset) return nullptr;
    return base + offset;
  }

  // The address of `offset` of a window and how many bytes follow it there; nullptr as for Resolve.
  uint8_t* ResolveRest(int32_t id, uint32_t offset, uint32_t* rest) const {
    uint32_t available;
    uint8_t* const base = Find(id, &available);
    if (base == nullptr || offset > available) return nullptr;
    *rest = available - offset;
    return base + offset;
  }

 private:
  static constexpr uint32_t kChunkSlots = 256;
  static constexpr uint32_t kMaxGeneration = (1u << (31 - kSlotBits)) - 1;

  // A sequence lock: `id` changes before and after the rest does.
  struct Slot {
    std::atomic<int32_t> id{0};
    std::atomic<uint32_t> length{0};
    std::atomic<uint8_t*> base{nullptr};
    uint32_t generation = 0;
  };

  Slot* SlotOf(uint32_t index) const {
    Slot* const chunk = chunks_[index / kChunkSlots].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + index % kChunkSlots;
  }

  uint8_t* Find(int32_t id, uint32_t* length) const {
    if (id <= 0) return nullptr;
    const Slot* const slot = SlotOf(static_cast<uint32_t>(id) & (kSlots - 1));
    if (slot == nullptr || slot->id.load(std::memory_order_acquire) != id) return nullptr;
    *length = slot->length.load(std::memory_order_relaxed);
    uint8_t* const base = slot->base.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    return slot->id.load(std::memory_order_relaxed) == id ? base : nullptr;
  }

  std::array<std::atomic<Slot*>, kSlots / kChunkSlots> chunks_{};
  std::vector<uint32_t> free_;
  uint32_t used_ = 0;  // slots below were handed out at least once
};

}  // namespace sys

#endif
