/* A guest without a machine: what a VMM and the virtio-fs driver of Linux do, as far as a daemon can tell, in one thread of C, so
 * that what is measured is the daemon. Requests are laid out as Linux lays them out: header, arguments and every 4 KiB page of data
 * are descriptors of their own, in an indirect table, in a split ring with event index. */
#ifndef GUEST_H
#define GUEST_H

#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE = 4096, MAX_DATA = 1 << 20, MAX_QUEUES = 16, RING_SIZE = 1024, SLOTS = 128, LARGE_SLOTS = 64 };

/* ---- util.c */
/* Ends the program with a message and status 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Nanoseconds of the monotonic clock. */
uint64_t now(void);
/* Of a xorshift generator with a fixed seed: each run makes the same requests. */
uint64_t random_number(void);
uint64_t number(const char *text);

/* ---- process.c: a process and its descendants, from /proc */
void watch_processes(int root);
/* Nanoseconds that all threads have run. Threads that come later are not seen until `watch_processes` again. */
uint64_t processor_time(void);
/* Proportional resident memory, in KiB; and what of it belongs to no file. */
struct memory {
  uint64_t proportional, anonymous;
};
struct memory memory_in_use(void);

/* ---- vhost.c */
struct queue {
  struct vring_desc *descriptors;
  struct vring_avail *available;
  struct vring_used *used;
  int kick, call;
  uint16_t seen;       /* of the used ring */
  uint16_t told;       /* of the available ring, when the daemon was last asked whether it wants a kick */
  uint64_t kicks, calls;
};
/* Queue 0 has the high priority; requests go to 1 and on. */
extern struct queue queues[MAX_QUEUES + 1];
extern int queue_count;
/* Connects, shares memory and starts the queues, as many as wanted: it is an error if the daemon has fewer. */
void connect_guest(const char *socket, int request_queues);
void *guest_memory(size_t size, size_t alignment);
uint64_t guest_address(const void *memory);

/* ---- ring.c */
/* One request in flight, with room for it. */
struct slot {
  int index, queue;
  uint8_t *arguments, *reply, *data;
  struct fuse_in_header *header;
  struct fuse_out_header *result;
  struct vring_desc *table;
  uint64_t started;
  /* For the workload. */
  int kind, phase, stream;
  uint64_t node, handle;
  uint32_t length;
};
extern struct slot slots[SLOTS];
void make_slots(void);
/* Puts a request on the slot's queue: arguments and reply of some bytes, data to or from the daemon. `kick` tells the daemon. */
void submit(struct slot *slot, uint32_t opcode, uint64_t node, uint32_t arguments, uint32_t reply, uint32_t out, uint32_t in);
void kick(void);
/* A request that is done, or NULL. */
struct slot *reap(void);
/* Waits until there is something to reap, or until a time of `now`, if it is not 0. */
void wait_for_reply(uint64_t until);

/* ---- request.c: on slot 0, each waiting for its reply */
int request(uint32_t opcode, uint64_t node, uint32_t arguments, uint32_t reply, uint32_t out, uint32_t in);
void initialize(void);
/* Copies a name behind `offset` bytes of arguments. Returns the length of both. */
uint32_t put_name(struct slot *slot, uint32_t offset, const char *name);
uint64_t lookup(uint64_t parent, const char *name);
uint64_t open_node(uint64_t node, uint32_t flags, uint32_t opcode);
void forget(uint64_t node, uint64_t count);

#endif
