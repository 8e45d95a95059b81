// Data of files: vectored reads and writes, positions, space, syncing.
#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <cstring>
#include <initializer_list>
#include <type_traits>

#include "call.h"

namespace sys {
namespace {

// `WritevFlags` of the TypeScript side. The last two are younger than some headers.
static_assert(RWF_HIPRI == 0x1 && RWF_DSYNC == 0x2 && RWF_SYNC == 0x4 && RWF_NOWAIT == 0x8 && RWF_APPEND == 0x10);
#ifdef RWF_NOAPPEND
static_assert(RWF_NOAPPEND == 0x20);
#endif
#ifdef RWF_ATOMIC
static_assert(RWF_ATOMIC == 0x40);
#endif
#ifdef RWF_DONTCACHE
static_assert(RWF_DONTCACHE == 0x80);
#endif

// What the kernel transfers at most in one call; more than that is a short transfer anyway.
constexpr uint32_t kMaxTransfer = 0x7ffff000;

// Memory for a vectored call, from a table of (window, offset, length) triples.
class Vector {
 public:
  // `a` is (table window, table offset, count, skip, length).
  Vector(const Env& env, Args a) {
    if (a[2] < 0) {
      error_ = -EINVAL;
      return;
    }
    const uint32_t entries = static_cast<uint32_t>(a[2]);
    constexpr uint32_t kEntrySize = 3 * sizeof(uint32_t);
    if (entries > UINT32_MAX / kEntrySize) {
      error_ = -EFAULT;
      return;
    }
    const uint8_t* entry = At(env, a, entries * kEntrySize);
    if (entry == nullptr) {
      error_ = -EFAULT;
      return;
    }
    uint32_t skip = static_cast<uint32_t>(a[3]);
    uint32_t left = static_cast<uint32_t>(a[4]);
    if (left > kMaxTransfer) left = kMaxTransfer;
    for (uint32_t i = 0; i < entries && left > 0 && count_ < IOV_MAX; i++, entry += kEntrySize) {
      uint32_t triple[3];
      memcpy(triple, entry, sizeof triple);
      uint8_t* const base = env.windows.Resolve(static_cast<int32_t>(triple[0]), triple[1], triple[2]);
      if (base == nullptr) {
        error_ = -EFAULT;
        return;
      }
      if (skip >= triple[2]) {
        skip -= triple[2];
        continue;
      }
      const uint32_t available = triple[2] - skip;
      const uint32_t size = available < left ? available : left;
      iov_[count_++] = {base + skip, size};
      skip = 0;
      left -= size;
    }
  }
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;

  int32_t error() const { return error_; }
  const iovec* data() const { return iov_; }
  unsigned long size() const { return count_; }

 private:
  int32_t error_ = 0;
  unsigned count_ = 0;
  iovec iov_[IOV_MAX];
};

// An offset as the kernel takes it from system calls with vectors: two machine words, low and high. On a 64-bit machine the low one holds
// all of it and the kernel shifts the high one out, so the low one is never clipped; on a 32-bit machine each holds a half.
template <typename Word>
struct OffsetWords {
  static_assert(std::is_unsigned_v<Word>);
  explicit constexpr OffsetWords(int64_t offset)
      : low(static_cast<Word>(offset)), high(static_cast<Word>(static_cast<uint64_t>(offset) >> 32)) {}
  Word low;
  Word high;
};

// What the kernel makes of them: pos_from_hilo of fs/read_write.c.
template <typename Word>
constexpr int64_t FromWords(OffsetWords<Word> words) {
  constexpr int kHalf = sizeof(Word) * 4;
  return static_cast<int64_t>(static_cast<uint64_t>(words.high) << kHalf << kHalf | words.low);
}

template <typename Word>
constexpr bool KeepsOffsets() {
  for (const int64_t offset : {INT64_C(0), INT64_C(-1), INT64_C(0xffffffff), INT64_C(0x100000000), INT64_C(0x100000001),
                               INT64_C(0x20000000000001), INT64_C(0x123456789abcdef0), INT64_MAX}) {
    if (FromWords(OffsetWords<Word>(offset)) != offset) return false;
  }
  return true;
}
static_assert(KeepsOffsets<uint64_t>(), "offsets on a machine with 64-bit words");
static_assert(KeepsOffsets<uint32_t>(), "offsets on a machine with 32-bit words");

// preadv2 or pwritev2 by number: not every libc has a wrapper (musl).
// (fd, table window, table offset, count, skip, length, offset low, offset high, flags)
int32_t Transfer(long number, Env& env, Args a) {
  const Vector vector(env, a + 1);
  if (vector.error() != 0) return vector.error();
  const OffsetWords<unsigned long> offset(Join(a[6], a[7]));
  return Retry([&] { return syscall(number, a[0], vector.data(), vector.size(), offset.low, offset.high, a[8]); });
}

int32_t Preadv2(Env& env, Args a) { return Transfer(SYS_preadv2, env, a); }

int32_t Pwritev2(Env& env, Args a) { return Transfer(SYS_pwritev2, env, a); }

// lseek(fd, offset, whence, out: i64); the position does not fit an int32, hence `out`.
int32_t Lseek(Env& env, Args a) {
  uint8_t* const out = At(env, a + 4, sizeof(int64_t));
  if (out == nullptr) return -EFAULT;
  int64_t position;
  do {
    position = syscall(SYS_lseek, a[0], Join(a[1], a[2]), a[3]);
  } while (position < 0 && errno == EINTR);
  if (position < 0) return -errno;
  memcpy(out, &position, sizeof position);
  return 0;
}

// fallocate(fd, mode, offset, length)
int32_t Fallocate(Env&, Args a) {
  return Retry([&] { return syscall(SYS_fallocate, a[0], a[1], Join(a[2], a[3]), Join(a[4], a[5])); });
}

int32_t Fsync(Env&, Args a) {
  return Retry([&] { return syscall(SYS_fsync, a[0]); });
}

int32_t Fdatasync(Env&, Args a) {
  return Retry([&] { return syscall(SYS_fdatasync, a[0]); });
}

const Call kCalls[] = {
    {"preadv2", 9, Preadv2},     {"pwritev2", 9, Pwritev2}, {"lseek", 6, Lseek},
    {"fallocate", 6, Fallocate}, {"fsync", 1, Fsync},       {"fdatasync", 1, Fdatasync},
};

}  // namespace

CallTable IoCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
