// Datagrams to an address, over a socket that need not be connected.
#include <sys/syscall.h>

#include "call.h"
#include "unix_address.h"

namespace sys {
namespace {

// sendtoUnix(fd, data, length, path, pathLength, flags)
int32_t SendtoUnix(Env& env, Args a) {
  const uint8_t* const data = At(env, a + 1, static_cast<uint32_t>(a[3]));
  if (data == nullptr) return -EFAULT;
  const UnixAddress address(env, a + 4);
  if (address.error() != 0) return address.error();
  return Retry([&] {
    return syscall(SYS_sendto, a[0], data, static_cast<size_t>(static_cast<uint32_t>(a[3])), a[7] | MSG_NOSIGNAL,
                   address.get(), address.size());
  });
}

const Call kCalls[] = {{"sendtoUnix", 8, SendtoUnix}};

}  // namespace

CallTable DatagramCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
