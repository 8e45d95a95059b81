// The address of an AF_UNIX socket.
#ifndef VFS_SYS_UNIX_ADDRESS_H_
#define VFS_SYS_UNIX_ADDRESS_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "call.h"

namespace sys {

// The address of `length` bytes at a place (window, offset, length): a path, or abstract when its first byte is NUL.
class UnixAddress {
 public:
  UnixAddress(const Env& env, Args place) {
    address_.sun_family = AF_UNIX;
    if (place[2] < 0 || place[2] > static_cast<int32_t>(sizeof address_.sun_path)) {
      error_ = -ENAMETOOLONG;
      return;
    }
    const uint32_t length = static_cast<uint32_t>(place[2]);
    const uint8_t* const path = At(env, place, length);
    if (path == nullptr) {
      error_ = -EFAULT;
      return;
    }
    memcpy(address_.sun_path, path, length);
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)) + length;
  }
  UnixAddress(const UnixAddress&) = delete;
  UnixAddress& operator=(const UnixAddress&) = delete;

  // 0, -EFAULT or -ENAMETOOLONG; the address is good only when it is 0.
  int32_t error() const { return error_; }
  const sockaddr_un* get() const { return &address_; }
  socklen_t size() const { return size_; }

 private:
  int32_t error_ = 0;
  socklen_t size_ = 0;
  sockaddr_un address_{};
};

}  // namespace sys

#endif
