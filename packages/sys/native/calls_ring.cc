// Descriptor chains of a split virtqueue (virtio 2.7), laid out for who serves them. No system call: what could be done in
// JavaScript, one field at a time, is done here for a batch.
#include <cstring>
#include <ctime>

#include "call.h"
#include "cpu_pause.h"

namespace sys {
namespace {

// struct vring_desc. The driver may change it at any time: it is read once, field by field.
struct Descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};
static_assert(sizeof(Descriptor) == 16, "struct vring_desc");

constexpr uint16_t kNext = 1;
constexpr uint16_t kWrite = 2;
constexpr uint16_t kIndirect = 4;

// Longest chain, as the Linux driver makes none longer; what is longer is left to the caller.
constexpr uint32_t kMaxDescriptors = 1024;
// Descriptors name each other in 16 bits.
constexpr uint32_t kMaxIndirect = 65536;
constexpr uint32_t kMaxChains = 32;
constexpr uint32_t kMaxRows = 64;
constexpr uint32_t kPrefix = 128;

// What the caller puts at the place that it names. Private memory of the process, like everything but the ring and what it
// describes; it is checked all the same.
struct Order {
  int32_t descriptors[2];  // place of the descriptor table
  int32_t available[2];    // place of the available ring
  uint32_t size;           // of the ring: a power of two
  uint32_t indirect;       // whether indirect tables were negotiated
  uint32_t next;           // free-running index of the first chain
  uint32_t count;          // how many chains to lay out
  int32_t rows[2];         // place of the memory table
  uint32_t row_count;
  uint32_t lanes[kMaxChains][2];  // places of the lanes that take the chains
};

// A piece of guest memory that lies in one window.
struct Row {
  uint64_t start;  // guest-physical address
  uint32_t size;
  int32_t window;
  uint32_t offset;
  uint32_t reserved;
};
static_assert(sizeof(Row) == 24, "the TypeScript side writes rows of six words");

// A table of segments as preadv2 takes it, and how much of it is used.
struct Table {
  int32_t place[2];   // set by the caller
  uint32_t capacity;  // set by the caller, in segments
  uint32_t count;
  uint32_t bytes;
};

// Where one chain is laid out.
struct Lane {
  uint32_t head;
  Table readable;
  Table writable;
  uint32_t prefix;  // how many of the readable bytes are below
  uint8_t bytes[kPrefix];
};
static_assert(sizeof(Lane) == 48 + kPrefix, "the TypeScript side knows the words of a lane");

struct Segment {
  int32_t window;
  uint32_t offset;
  uint32_t length;
};

template <typename T>
T ReadOnce(const T& from) {
  return __atomic_load_n(&from, __ATOMIC_RELAXED);
}

class Walker {
 public:
  Walker(const Env& env, const Order& order, const Row* rows) : env_(env), order_(order), rows_(rows) {}

  // Lays out the chain that begins at `head`. False: it is not an ordinary chain, or there is no room for it.
  bool LayOut(const uint8_t* table, uint16_t head, Lane* lane) {
    readable_ = {At<Segment>(lane->readable.place, lane->readable.capacity), lane->readable.capacity, 0, 0};
    writable_ = {At<Segment>(lane->writable.place, lane->writable.capacity), lane->writable.capacity, 0, 0};
    if (readable_.segments == nullptr || writable_.segments == nullptr) return false;
    left_ = kMaxDescriptors;
    if (!Walk(table, order_.size, head, false)) return false;
    lane->head = head;
    lane->readable.count = readable_.count;
    lane->readable.bytes = static_cast<uint32_t>(readable_.bytes);
    lane->writable.count = writable_.count;
    lane->writable.bytes = static_cast<uint32_t>(writable_.bytes);
    return true;
  }

  // Copies the first bytes of a chain that has been laid out.
  void CopyPrefix(Lane* lane) const {
    const Segment* const segments = At<Segment>(lane->readable.place, lane->readable.capacity);
    lane->prefix = 0;
    for (uint32_t i = 0; i < lane->readable.count && lane->prefix < kPrefix; i++) {
      const int32_t place[2] = {segments[i].window, static_cast<int32_t>(segments[i].offset)};
      const uint32_t take = segments[i].length < kPrefix - lane->prefix ? segments[i].length : kPrefix - lane->prefix;
      const uint8_t* const from = sys::At(env_, place, take);
      if (from == nullptr) return;
      memcpy(lane->bytes + lane->prefix, from, take);
      lane->prefix += take;
    }
  }

  // What will be read of a chain soon is fetched: the driver has just written it, on another processor.
  void Expect(const uint8_t* table, uint16_t head) {
    const Descriptor* const at = reinterpret_cast<const Descriptor*>(table) + head;
    int32_t place[2];
    if ((ReadOnce(at->flags) & kIndirect) == 0) return;
    const uint8_t* const indirect = Find(ReadOnce(at->address), sizeof(Descriptor), place);
    if (indirect != nullptr) __builtin_prefetch(indirect);
  }

  template <typename T>
  T* At(const int32_t* place, uint32_t count) const {
    if (count > INT32_MAX / sizeof(T)) return nullptr;
    uint8_t* const at = sys::At(env_, place, static_cast<uint32_t>(count * sizeof(T)));
    return reinterpret_cast<uintptr_t>(at) % alignof(T) == 0 ? reinterpret_cast<T*>(at) : nullptr;
  }

 private:
  struct List {
    Segment* segments;
    uint32_t capacity;
    uint32_t count;
    uint64_t bytes;
  };

  bool Walk(const uint8_t* table, uint32_t count, uint32_t index, bool nested) {
    for (;;) {
      const Descriptor* const at = reinterpret_cast<const Descriptor*>(table) + index;
      const uint64_t address = ReadOnce(at->address);
      const uint32_t length = ReadOnce(at->length);
      const uint16_t flags = ReadOnce(at->flags);
      const uint16_t next = ReadOnce(at->next);
      if ((flags & kIndirect) != 0) {
        // The table is read in place: it has to lie in one window, aligned to its words.
        if (nested || order_.indirect == 0 || (flags & kNext) != 0 || length == 0 ||
            length % sizeof(Descriptor) != 0 || length / sizeof(Descriptor) > kMaxIndirect) {
          return false;
        }
        int32_t place[2];
        const uint8_t* const indirect = Find(address, length, place);
        if (indirect == nullptr || reinterpret_cast<uintptr_t>(indirect) % alignof(Descriptor) != 0) return false;
        return Walk(indirect, length / sizeof(Descriptor), 0, true);
      }
      if (left_-- == 0 || !Append(address, length, (flags & kWrite) != 0)) return false;
      if ((flags & kNext) == 0) return true;
      if (next >= count) return false;
      index = next;
    }
  }

  bool Append(uint64_t address, uint32_t length, bool writable) {
    if (!writable && writable_.bytes != 0) return false;
    if (length == 0) return true;
    if (readable_.bytes + writable_.bytes + length > UINT32_MAX) return false;
    int32_t place[2];
    uint8_t* const memory = Find(address, length, place);
    if (memory == nullptr) return false;
    List& list = writable ? writable_ : readable_;
    if (list.bytes < kPrefix) {
      if (writable) {
        __builtin_prefetch(memory, 1);
      } else {
        __builtin_prefetch(memory, 0);
      }
    }
    list.bytes += length;
    if (list.count > 0) {
      // Neighbors become one segment: the kernel has fewer to walk.
      Segment& last = list.segments[list.count - 1];
      if (last.window == place[0] && last.offset + last.length == static_cast<uint32_t>(place[1])) {
        last.length += length;
        return true;
      }
    }
    if (list.count == list.capacity) return false;
    list.segments[list.count++] = {place[0], static_cast<uint32_t>(place[1]), length};
    return true;
  }

  // The memory of a range, and its place; nullptr when it does not lie in one row.
  uint8_t* Find(uint64_t address, uint32_t length, int32_t* place) {
    for (uint32_t i = 0; i < order_.row_count; i++) {
      const Row& row = rows_[recent_];
      const uint64_t offset = address - row.start;
      if (address >= row.start && offset < row.size) {
        if (length > row.size - offset) return nullptr;
        place[0] = row.window;
        place[1] = static_cast<int32_t>(row.offset + static_cast<uint32_t>(offset));
        return sys::At(env_, place, length);
      }
      recent_ = recent_ + 1 < order_.row_count ? recent_ + 1 : 0;
    }
    return nullptr;
  }

  const Env& env_;
  const Order& order_;
  const Row* const rows_;
  uint32_t recent_ = 0;
  List readable_{};
  List writable_{};
  uint32_t left_ = 0;
};

// splitChains(order): how many chains were laid out, from the first on. Fewer than asked for: the next one is not an
// ordinary chain, and the caller is to look at it itself.
int32_t SplitChains(Env& env, Args a) {
  const uint8_t* const at = At(env, a, sizeof(Order));
  if (at == nullptr) return -EFAULT;
  Order order;
  memcpy(&order, at, sizeof order);
  const uint32_t size = order.size;
  if (size == 0 || size > 32768 || (size & (size - 1)) != 0 || order.count > kMaxChains || order.row_count > kMaxRows) {
    return -EINVAL;
  }
  const uint8_t* const table = At(env, order.descriptors, size * sizeof(Descriptor));
  const uint8_t* const available = At(env, order.available, 4 + 2 * size);
  const uint8_t* const rows = At(env, order.rows, order.row_count * sizeof(Row));
  if (table == nullptr || available == nullptr || rows == nullptr) return -EFAULT;
  if (reinterpret_cast<uintptr_t>(table) % alignof(Descriptor) != 0 ||
      reinterpret_cast<uintptr_t>(available) % alignof(uint16_t) != 0 || reinterpret_cast<uintptr_t>(rows) % alignof(Row) != 0) {
    return -EINVAL;
  }
  const uint16_t* const ring = reinterpret_cast<const uint16_t*>(available + 4);
  Walker walker(env, order, reinterpret_cast<const Row*>(rows));
  uint16_t heads[kMaxChains];
  Lane* lanes[kMaxChains];
  // In passes, so that the misses of the cache of one pass are met together.
  uint32_t count = 0;
  for (; count < order.count; count++) {
    const uint16_t head = ReadOnce(ring[(order.next + count) & (size - 1)]);
    if (head >= size) break;
    const int32_t place[2] = {static_cast<int32_t>(order.lanes[count][0]), static_cast<int32_t>(order.lanes[count][1])};
    lanes[count] = walker.At<Lane>(place, 1);
    if (lanes[count] == nullptr) return -EFAULT;
    heads[count] = head;
    __builtin_prefetch(table + head * sizeof(Descriptor));
  }
  for (uint32_t i = 0; i < count; i++) walker.Expect(table, heads[i]);
  uint32_t done = 0;
  while (done < count && walker.LayOut(table, heads[done], lanes[done])) done++;
  for (uint32_t i = 0; i < done; i++) walker.CopyPrefix(lanes[i]);
  return static_cast<int32_t>(done);
}

struct Watched {
  int32_t place[2];  // of a u16
  uint32_t value;
};

constexpr int32_t kMaxWatched = 64;
// Looks between two looks at the clock.
constexpr int kLooks = 16;

uint64_t Nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

// spinWhileEqual(list, count, nanoseconds): 1 + the index of the first whose value is another one, or 0 when the time is over.
int32_t SpinWhileEqual(Env& env, Args a) {
  const int32_t count = a[2];
  if (count < 0 || count > kMaxWatched || a[3] < 0) return -EINVAL;
  const uint8_t* const list = At(env, a, static_cast<uint32_t>(count) * sizeof(Watched));
  if (list == nullptr) return -EFAULT;
  const uint16_t* words[kMaxWatched];
  uint16_t values[kMaxWatched];
  for (int32_t i = 0; i < count; i++) {
    Watched watched;
    memcpy(&watched, list + static_cast<size_t>(i) * sizeof watched, sizeof watched);
    words[i] = reinterpret_cast<const uint16_t*>(At(env, watched.place, sizeof(uint16_t)));
    if (words[i] == nullptr) return -EFAULT;
    if (reinterpret_cast<uintptr_t>(words[i]) % alignof(uint16_t) != 0) return -EINVAL;
    values[i] = static_cast<uint16_t>(watched.value);
  }
  const uint64_t end = Nanoseconds() + static_cast<uint64_t>(a[3]);
  do {
    for (int look = 0; look < kLooks; look++) {
      for (int32_t i = 0; i < count; i++) {
        if (__atomic_load_n(words[i], __ATOMIC_ACQUIRE) != values[i]) return i + 1;
      }
      CpuPause();
    }
  } while (Nanoseconds() < end);
  return 0;
}

const Call kCalls[] = {
    {"splitChains", 2, SplitChains, Where::kThisThread},
    {"spinWhileEqual", 4, SpinWhileEqual, Where::kThisThread},
};

}  // namespace

CallTable RingCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
