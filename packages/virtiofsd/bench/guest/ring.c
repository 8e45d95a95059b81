/* The driver's side of split rings (virtio 1.3, 2.7). */
#include "guest.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct slot slots[SLOTS];
static uint64_t last_unique;

/* The indirect table takes header, arguments and data pages. */
enum { TABLE_SIZE = 4 + MAX_DATA / PAGE };
/* For one reply, in milliseconds. */
enum { PATIENCE = 30000 };

void make_slots(void) {
  for (int i = 0; i < SLOTS; i++) {
    struct slot *slot = &slots[i];
    slot->index = i;
    uint8_t *const first = guest_memory(2 * PAGE, PAGE);
    slot->header = (void *)first;
    slot->arguments = first + 64;
    slot->result = (void *)(first + PAGE);
    slot->reply = first + PAGE + 64;
    slot->table = guest_memory(sizeof(struct vring_desc) * TABLE_SIZE, 16);
    slot->data = guest_memory(i < LARGE_SLOTS ? MAX_DATA : PAGE, PAGE);
  }
}

static uint32_t add(struct slot *slot, uint32_t count, const void *memory, uint32_t length, uint32_t flags) {
  slot->table[count] = (struct vring_desc){guest_address(memory), length, (uint16_t)(flags | VRING_DESC_F_NEXT), (uint16_t)(count + 1)};
  return count + 1;
}

static uint32_t add_pages(struct slot *slot, uint32_t count, uint32_t length, uint32_t flags) {
  for (uint32_t at = 0; at < length; at += PAGE) {
    count = add(slot, count, slot->data + at, length - at < PAGE ? length - at : PAGE, flags);
  }
  return count;
}

void submit(struct slot *slot, uint32_t opcode, uint64_t node, uint32_t arguments, uint32_t reply, uint32_t out, uint32_t in) {
  const uint32_t header = sizeof *slot->header;
  *slot->header = (struct fuse_in_header){
      .len = header + arguments + out, .opcode = opcode, .unique = last_unique += 2, .nodeid = node, .pid = 1};
  uint32_t count = add(slot, 0, slot->header, header, 0);
  if (arguments > 0) count = add(slot, count, slot->arguments, arguments, 0);
  count = add_pages(slot, count, out, 0);
  slot->result->error = 0;
  if (opcode != FUSE_FORGET && opcode != FUSE_BATCH_FORGET) {
    count = add(slot, count, slot->result, sizeof *slot->result, VRING_DESC_F_WRITE);
    if (reply > 0) count = add(slot, count, slot->reply, reply, VRING_DESC_F_WRITE);
    count = add_pages(slot, count, in, VRING_DESC_F_WRITE);
  }
  slot->table[count - 1].flags &= (uint16_t)~VRING_DESC_F_NEXT;
  struct queue *queue = &queues[slot->queue];
  queue->descriptors[slot->index] =
      (struct vring_desc){guest_address(slot->table), count * (uint32_t)sizeof(struct vring_desc), VRING_DESC_F_INDIRECT, 0};
  const uint16_t at = queue->available->idx;
  queue->available->ring[at % RING_SIZE] = (uint16_t)slot->index;
  atomic_store_explicit((_Atomic uint16_t *)&queue->available->idx, (uint16_t)(at + 1), memory_order_release);
}

void kick(void) {
  atomic_thread_fence(memory_order_seq_cst);
  for (int i = 0; i < queue_count; i++) {
    struct queue *queue = &queues[i];
    const uint16_t at = queue->available->idx;
    if (at == queue->told) continue;
    const uint16_t event = *(_Atomic uint16_t *)&queue->used->ring[RING_SIZE];
    if (vring_need_event(event, at, queue->told)) {
      const uint64_t one = 1;
      if (write(queue->kick, &one, sizeof one) < 0) die("kick: %s", strerror(errno));
      queue->kicks++;
    }
    queue->told = at;
  }
}

struct slot *reap(void) {
  for (int i = 0; i < queue_count; i++) {
    struct queue *queue = &queues[i];
    if (queue->seen == atomic_load_explicit((_Atomic uint16_t *)&queue->used->idx, memory_order_acquire)) continue;
    const uint32_t id = queue->used->ring[queue->seen++ % RING_SIZE].id;
    if (id >= SLOTS) die("used descriptor %u", id);
    return &slots[id];
  }
  return NULL;
}

static bool something_to_reap(void) {
  for (int i = 0; i < queue_count; i++) {
    if (queues[i].seen != *(_Atomic uint16_t *)&queues[i].used->idx) return true;
  }
  return false;
}

/* Who is to blame can be seen from where both stand. */
static _Noreturn void report_silence(void) {
  for (int i = 0; i < queue_count; i++) {
    const struct queue *queue = &queues[i];
    fprintf(stderr, "queue %d: available %u (kick at %u), used %u, seen %u (call at %u)\n", i, queue->available->idx,
            queue->used->ring[RING_SIZE].id & 0xffff, queue->used->idx, queue->seen, queue->available->ring[RING_SIZE]);
  }
  die("no reply in %d seconds", PATIENCE / 1000);
}

void wait_for_reply(uint64_t until) {
  struct pollfd calls[MAX_QUEUES + 1];
  for (int i = 0; i < queue_count; i++) {
    calls[i] = (struct pollfd){queues[i].call, POLLIN, 0};
    *(_Atomic uint16_t *)&queues[i].available->ring[RING_SIZE] = queues[i].seen;
  }
  atomic_thread_fence(memory_order_seq_cst);
  if (something_to_reap()) return;
  const uint64_t time = now(), longest = (uint64_t)PATIENCE * 1000000;
  const uint64_t wait = until == 0 ? longest : until > time ? until - time : 0;
  const struct timespec timeout = {(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
  if (ppoll(calls, (nfds_t)queue_count, &timeout, NULL) == 0 && until == 0) report_silence();
  for (int i = 0; i < queue_count; i++) {
    uint64_t count;
    if (calls[i].revents != 0 && read(queues[i].call, &count, sizeof count) == sizeof count) queues[i].calls += count;
  }
}
