// Sockets, above all AF_UNIX and the descriptors that travel over them.
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cstring>

#include "call.h"
#include "unix_address.h"

namespace sys {
namespace {

// The kernel's SCM_MAX_FD: the most descriptors in one message.
constexpr int32_t kMaxFds = 253;

int32_t Socket(Env&, Args a) { return Result(syscall(SYS_socket, a[0], a[1], a[2])); }

// socketpair(domain, type, protocol, out: two i32)
int32_t Socketpair(Env& env, Args a) {
  uint8_t* const out = At(env, a + 3, 2 * sizeof(int));
  if (out == nullptr) return -EFAULT;
  return Result(syscall(SYS_socketpair, a[0], a[1], a[2], out));
}

// bindUnix(fd, path, length)
int32_t BindUnix(Env& env, Args a) {
  const UnixAddress address(env, a + 1);
  if (address.error() != 0) return address.error();
  return Result(syscall(SYS_bind, a[0], address.get(), address.size()));
}

// connectUnix(fd, path, length). An interrupted connect(2) of an AF_UNIX socket has only waited for room in the backlog: it can be
// tried again.
int32_t ConnectUnix(Env& env, Args a) {
  const UnixAddress address(env, a + 1);
  if (address.error() != 0) return address.error();
  return Retry([&] { return syscall(SYS_connect, a[0], address.get(), address.size()); });
}

int32_t Listen(Env&, Args a) { return Result(syscall(SYS_listen, a[0], a[1])); }

int32_t Accept4(Env&, Args a) {
  return Retry([&] { return syscall(SYS_accept4, a[0], nullptr, nullptr, a[1]); });
}

int32_t Shutdown(Env&, Args a) { return Result(syscall(SYS_shutdown, a[0], a[1])); }

// getsockopt(fd, level, name, out, size): the length of the value. Only SOL_SOCKET: options of some protocols take
// addresses inside their value.
int32_t Getsockopt(Env& env, Args a) {
  if (a[1] != SOL_SOCKET) return -EINVAL;
  uint8_t* const out = At(env, a + 3, static_cast<uint32_t>(a[5]));
  if (out == nullptr) return -EFAULT;
  socklen_t length = static_cast<socklen_t>(a[5]);
  const int32_t result = Result(syscall(SYS_getsockopt, a[0], a[1], a[2], out, &length));
  return result < 0 ? result : static_cast<int32_t>(length);
}

// setsockopt(fd, level, name, value, size); without the two options of SOL_SOCKET whose value contains an address.
int32_t Setsockopt(Env& env, Args a) {
  if (a[1] != SOL_SOCKET || a[2] == SO_ATTACH_FILTER || a[2] == SO_ATTACH_REUSEPORT_CBPF) return -EINVAL;
  const uint8_t* const value = At(env, a + 3, static_cast<uint32_t>(a[5]));
  if (value == nullptr) return -EFAULT;
  return Result(syscall(SYS_setsockopt, a[0], a[1], a[2], value, a[5]));
}

// Room for the descriptors, and for credentials and a security label when the socket has them switched on.
union Control {
  cmsghdr align;
  char bytes[CMSG_SPACE(kMaxFds * sizeof(int)) + CMSG_SPACE(12) + CMSG_SPACE(512)];
};

// The descriptors of a received message, closed unless handed over.
class Received {
 public:
  explicit Received(msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      const size_t bytes = c->cmsg_len - CMSG_LEN(0);
      for (size_t i = 0; i < bytes / sizeof(int) && count_ < kMaxFds; i++) {
        memcpy(&fds_[count_++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
      }
    }
  }
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;
  ~Received() {
    for (int32_t i = 0; i < count_; i++) syscall(SYS_close, fds_[i]);
  }

  int32_t count() const { return count_; }

  // Stores the number and the descriptors at `out`, whose owner has them from then on.
  void HandOver(uint8_t* out) {
    memcpy(out, &count_, sizeof count_);
    memcpy(out + sizeof count_, fds_, static_cast<size_t>(count_) * sizeof(int));
    count_ = 0;
  }

 private:
  int32_t count_ = 0;
  int fds_[kMaxFds];
};

// recvmsg(fd, data, length, fds, maxFds, flags)
int32_t Recvmsg(Env& env, Args a) {
  if (a[6] < 0 || a[6] > kMaxFds) return -EINVAL;
  uint8_t* const data = At(env, a + 1, static_cast<uint32_t>(a[3]));
  uint8_t* const out = At(env, a + 4, (1 + static_cast<uint32_t>(a[6])) * sizeof(int));
  if (data == nullptr || out == nullptr) return -EFAULT;
  memset(out, 0, sizeof(int));
  Control control;
  iovec iov{data, static_cast<uint32_t>(a[3])};
  msghdr message{};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  const int32_t result = Retry([&] {
    // A failed attempt may have changed it.
    message.msg_controllen = sizeof control;
    return syscall(SYS_recvmsg, a[0], &message, a[7] | MSG_CMSG_CLOEXEC);
  });
  if (result < 0) return result;
  Received received(message);
  if ((message.msg_flags & MSG_CTRUNC) != 0 || received.count() > a[6]) return -EMFILE;
  received.HandOver(out);
  return result;
}

// sendmsg(fd, data, length, fds, count, flags)
int32_t Sendmsg(Env& env, Args a) {
  if (a[6] < 0 || a[6] > kMaxFds) return -EINVAL;
  const uint32_t size = static_cast<uint32_t>(a[6]) * sizeof(int);
  uint8_t* const data = At(env, a + 1, static_cast<uint32_t>(a[3]));
  const uint8_t* const fds = size == 0 ? nullptr : At(env, a + 4, size);
  if (data == nullptr || (fds == nullptr && size != 0)) return -EFAULT;
  Control control;
  iovec iov{data, static_cast<uint32_t>(a[3])};
  msghdr message{};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  if (size != 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(size);
    memset(&control, 0, CMSG_SPACE(size));
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), fds, size);
  }
  return Retry([&] { return syscall(SYS_sendmsg, a[0], &message, a[7] | MSG_NOSIGNAL); });
}

const Call kCalls[] = {
    {"socket", 3, Socket},         {"socketpair", 5, Socketpair}, {"bindUnix", 4, BindUnix},
    {"connectUnix", 4, ConnectUnix}, {"listen", 2, Listen},       {"accept4", 2, Accept4},
    {"shutdown", 2, Shutdown},     {"getsockopt", 6, Getsockopt}, {"setsockopt", 6, Setsockopt},
    {"recvmsg", 8, Recvmsg},       {"sendmsg", 8, Sendmsg},
};

}  // namespace

CallTable SocketCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
