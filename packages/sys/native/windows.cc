#include "windows.h"

#include <cerrno>

namespace sys {

WindowTable::~WindowTable() {
  for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
}

int32_t WindowTable::Add(uint8_t* base, uint32_t length) {
  uint32_t index;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else if (used_ < kSlots) {
    index = used_++;
    auto& chunk = chunks_[index / kChunkSlots];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      chunk.store(new Slot[kChunkSlots], std::memory_order_release);
    }
  } else {
    return -ENOMEM;
  }
  Slot* const slot = SlotOf(index);
  const int32_t id = static_cast<int32_t>(++slot->generation << kSlotBits | index);
  slot->base.store(base, std::memory_order_relaxed);
  slot->length.store(length, std::memory_order_relaxed);
  slot->id.store(id, std::memory_order_release);
  return id;
}

void WindowTable::Remove(int32_t id) {
  const uint32_t index = static_cast<uint32_t>(id) & (kSlots - 1);
  Slot* const slot = SlotOf(index);
  if (id <= 0 || slot == nullptr || slot->id.load(std::memory_order_relaxed) != id) return;
  slot->id.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  slot->base.store(nullptr, std::memory_order_relaxed);
  slot->length.store(0, std::memory_order_relaxed);
  if (slot->generation < kMaxGeneration) free_.push_back(index);
}

}  // namespace sys
