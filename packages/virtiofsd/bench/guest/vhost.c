/* The front-end's half of vhost-user, as little as starts queues: no state is kept that a daemon could ask for later. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vhost_types.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Numbers of the vhost-user specification. */
enum {
  GET_FEATURES = 1,
  SET_FEATURES = 2,
  SET_OWNER = 3,
  SET_MEM_TABLE = 5,
  SET_VRING_NUM = 8,
  SET_VRING_ADDR = 9,
  SET_VRING_BASE = 10,
  SET_VRING_KICK = 12,
  SET_VRING_CALL = 13,
  GET_PROTOCOL_FEATURES = 15,
  SET_PROTOCOL_FEATURES = 16,
  GET_QUEUE_NUM = 17,
  SET_VRING_ENABLE = 18,
};
enum { VERSION = 1, NEED_REPLY = 8, PROTOCOL_MQ = 1 << 0, PROTOCOL_REPLY_ACK = 1 << 3 };
static const uint64_t PROTOCOL_FEATURES = UINT64_C(1) << 30;
static const uint64_t GUEST_BASE = UINT64_C(1) << 32;
static const size_t MEMORY_SIZE = (size_t)128 << 20;

struct queue queues[MAX_QUEUES + 1];
int queue_count;
static int connection, acknowledges;
static uint8_t *memory;
static size_t memory_used;

void *guest_memory(size_t size, size_t alignment) {
  memory_used = (memory_used + alignment - 1) / alignment * alignment;
  void *place = memory + memory_used;
  memory_used += size;
  if (memory_used > MEMORY_SIZE) die("the guest has too little memory");
  return place;
}

uint64_t guest_address(const void *place) { return GUEST_BASE + (uint64_t)((const uint8_t *)place - memory); }

static void receive(uint32_t message, void *body, uint32_t length) {
  uint32_t header[3];
  if (recv(connection, header, sizeof header, MSG_WAITALL) != sizeof header) die("no reply to message %u", message);
  if (header[0] != message || header[2] != length) die("reply %u of %u bytes to message %u", header[0], header[2], message);
  if (recv(connection, body, length, MSG_WAITALL) != (ssize_t)length) die("a short reply to message %u", message);
}

static void send_message(uint32_t message, uint32_t flags, const void *body, uint32_t length, int fd) {
  uint32_t header[3] = {message, VERSION | flags, length};
  struct iovec parts[] = {{header, sizeof header}, {(void *)body, length}};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof fd)];
  } control = {0};
  struct msghdr whole = {.msg_iov = parts, .msg_iovlen = 2};
  if (fd >= 0) {
    whole.msg_control = &control;
    whole.msg_controllen = sizeof control;
    control.header = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  }
  if (sendmsg(connection, &whole, MSG_NOSIGNAL) != (ssize_t)(sizeof header + length)) {
    die("message %u: %s", message, strerror(errno));
  }
}

static uint64_t get(uint32_t message) {
  uint64_t value;
  send_message(message, 0, NULL, 0, -1);
  receive(message, &value, sizeof value);
  return value;
}

static void set(uint32_t message, const void *body, uint32_t length, int fd) {
  send_message(message, acknowledges ? NEED_REPLY : 0, body, length, fd);
  uint64_t refused = 0;
  if (acknowledges) receive(message, &refused, sizeof refused);
  if (refused != 0) die("message %u is refused", message);
}

static void set_number(uint32_t message, uint64_t value) { set(message, &value, sizeof value, -1); }

static void set_state(uint32_t message, uint32_t index, uint32_t value) {
  const struct vhost_vring_state state = {index, value};
  set(message, &state, sizeof state, -1);
}

static void open_connection(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die("the path of the socket is too long");
  strcpy(address.sun_path, path);
  connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* A daemon may take a moment between making its socket and listening to it. */
  const uint64_t end = now() + UINT64_C(5000000000);
  while (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) {
    if (errno != ECONNREFUSED || now() > end) die("%s: %s", path, strerror(errno));
    usleep(5000);
  }
}

static void share_memory(void) {
  const int fd = memfd_create("guest", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, (off_t)MEMORY_SIZE) != 0) die("memfd: %s", strerror(errno));
  memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) die("mmap: %s", strerror(errno));
  const struct {
    uint32_t count, padding;
    uint64_t guest, size, user, offset;
  } table = {1, 0, GUEST_BASE, MEMORY_SIZE, (uint64_t)memory, 0};
  set(SET_MEM_TABLE, &table, sizeof table, fd);
  close(fd);
}

static void start_queue(uint32_t index) {
  struct queue *queue = &queues[index];
  queue->descriptors = guest_memory(sizeof(struct vring_desc) * RING_SIZE, PAGE);
  queue->available = guest_memory(sizeof(struct vring_avail) + 2 * RING_SIZE + 2, PAGE);
  queue->used = guest_memory(sizeof(struct vring_used) + 8 * RING_SIZE + 2, PAGE);
  queue->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  queue->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  set_state(SET_VRING_NUM, index, RING_SIZE);
  set_state(SET_VRING_BASE, index, 0);
  const struct vhost_vring_addr address = {
      .index = index,
      .desc_user_addr = (uint64_t)queue->descriptors,
      .used_user_addr = (uint64_t)queue->used,
      .avail_user_addr = (uint64_t)queue->available,
  };
  set(SET_VRING_ADDR, &address, sizeof address, -1);
  const uint64_t number = index;
  set(SET_VRING_CALL, &number, sizeof number, queue->call);
  set(SET_VRING_KICK, &number, sizeof number, queue->kick);
  set_state(SET_VRING_ENABLE, index, 1);
}

void connect_guest(const char *socket, int request_queues) {
  if (request_queues < 1 || request_queues > MAX_QUEUES) die("1 to %d queues", MAX_QUEUES);
  open_connection(socket);
  const uint64_t wanted = UINT64_C(1) << VIRTIO_F_VERSION_1 | PROTOCOL_FEATURES |
                          UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX | UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC;
  if ((get(GET_FEATURES) & wanted) != wanted) die("the daemon lacks a feature that is used here");
  set(SET_OWNER, NULL, 0, -1);
  const uint64_t protocol = get(GET_PROTOCOL_FEATURES) & (PROTOCOL_MQ | PROTOCOL_REPLY_ACK);
  set_number(SET_PROTOCOL_FEATURES, protocol);
  acknowledges = (protocol & PROTOCOL_REPLY_ACK) != 0;
  if (protocol & PROTOCOL_MQ && get(GET_QUEUE_NUM) < (uint64_t)request_queues + 1) die("the daemon has fewer queues");
  set_number(SET_FEATURES, wanted);
  share_memory();
  queue_count = request_queues + 1;
  for (int i = 0; i < queue_count; i++) start_queue((uint32_t)i);
}
