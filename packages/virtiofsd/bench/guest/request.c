#include "guest.h"

#include <string.h>

int request(uint32_t opcode, uint64_t node, uint32_t arguments, uint32_t reply, uint32_t out, uint32_t in) {
  struct slot *slot = &slots[0];
  slot->queue = opcode == FUSE_FORGET || opcode == FUSE_BATCH_FORGET ? 0 : 1;
  submit(slot, opcode, node, arguments, reply, out, in);
  kick();
  while (reap() == NULL) wait_for_reply(0);
  return slot->result->error;
}

void initialize(void) {
  struct fuse_init_in *init = (void *)slots[0].arguments;
  /* What Linux 6 offers, without the flags that change what requests mean: writes kept back, and opening without a request. */
  const uint32_t refused = FUSE_WRITEBACK_CACHE | FUSE_NO_OPEN_SUPPORT | FUSE_NO_OPENDIR_SUPPORT;
  *init = (struct fuse_init_in){.major = FUSE_KERNEL_VERSION, .minor = 38, .max_readahead = 128 << 10, .flags = 0x7fffffffu & ~refused};
  const int error = request(FUSE_INIT, 0, sizeof *init, sizeof(struct fuse_init_out), 0, 0);
  if (error != 0) die("INIT: error %d", error);
}

uint32_t put_name(struct slot *slot, uint32_t offset, const char *name) {
  const uint32_t length = (uint32_t)strlen(name) + 1;
  memcpy(slot->arguments + offset, name, length);
  return offset + length;
}

uint64_t lookup(uint64_t parent, const char *name) {
  const int error = request(FUSE_LOOKUP, parent, put_name(&slots[0], 0, name), sizeof(struct fuse_entry_out), 0, 0);
  const struct fuse_entry_out *entry = (void *)slots[0].reply;
  if (error != 0 || entry->nodeid == 0) die("LOOKUP of %s: error %d", name, error);
  return entry->nodeid;
}

uint64_t open_node(uint64_t node, uint32_t flags, uint32_t opcode) {
  struct fuse_open_in *open = (void *)slots[0].arguments;
  *open = (struct fuse_open_in){.flags = flags};
  const int error = request(opcode, node, sizeof *open, sizeof(struct fuse_open_out), 0, 0);
  if (error != 0) die("OPEN: error %d", error);
  return ((struct fuse_open_out *)(void *)slots[0].reply)->fh;
}

void forget(uint64_t node, uint64_t count) {
  struct fuse_forget_in *forget_in = (void *)slots[0].arguments;
  *forget_in = (struct fuse_forget_in){count};
  request(FUSE_FORGET, node, sizeof *forget_in, 0, 0, 0);
}
