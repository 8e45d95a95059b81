#include "workload.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { TREE = 2000, LIST_SIZE = 32 << 10, FORGET_AT_ONCE = 240 };
static const uint64_t FILE_SIZE = (uint64_t)256 << 20, COLD_SIZE = (uint64_t)512 << 20;
/* Odd, so that its multiples modulo a power of two come to every page once. */
static const uint64_t COLD_STRIDE = 40503;

static const struct workload WORKLOADS[] = {
    {"getattr", GETATTR, 0, false},      {"lookup", LOOKUP, 0, false},      {"open", OPEN, 0, false},
    {"create", CREATE, 0, false},        {"readdirplus", LIST, 0, true},    {"mixed", MIXED, 4096, false},
    {"read4k", READ, 4096, false},       {"read128k", READ, 128 << 10, true}, {"read1m", READ, 1 << 20, true},
    {"write4k", WRITE, 4096, false},     {"write128k", WRITE, 128 << 10, true}, {"write1m", WRITE, 1 << 20, true},
    {"cold4k", COLD, 4096, false},
};

static uint64_t file, big, out, tree, cold, big_handle, out_handle, cold_handle;
static uint64_t position, cold_reads;
uint64_t bytes_moved, entries_listed;

const struct workload *find_workload(const char *name) {
  for (size_t i = 0; i < sizeof WORKLOADS / sizeof *WORKLOADS; i++) {
    if (strcmp(WORKLOADS[i].name, name) == 0) return &WORKLOADS[i];
  }
  return NULL;
}

void open_files(bool with_cold) {
  file = lookup(FUSE_ROOT_ID, "file");
  tree = lookup(FUSE_ROOT_ID, "tree");
  big = lookup(FUSE_ROOT_ID, "big");
  out = lookup(FUSE_ROOT_ID, "out");
  big_handle = open_node(big, O_RDONLY, FUSE_OPEN);
  out_handle = open_node(out, O_RDWR, FUSE_OPEN);
  if (!with_cold) return;
  cold = lookup(FUSE_ROOT_ID, "cold");
  cold_handle = open_node(cold, O_RDONLY, FUSE_OPEN);
}

/* ---- single requests */

static void ask(struct slot *slot, uint32_t opcode, uint64_t node, const void *arguments, uint32_t length, uint32_t reply) {
  memcpy(slot->arguments, arguments, length);
  submit(slot, opcode, node, length, reply, 0, 0);
}

static void ask_by_name(struct slot *slot, uint32_t opcode, char letter, uint64_t which, uint32_t reply) {
  char name[32];
  snprintf(name, sizeof name, "%c%llu", letter, (unsigned long long)which);
  submit(slot, opcode, tree, put_name(slot, 0, name), reply, 0, 0);
}

static void read_at(struct slot *slot, uint64_t node, uint64_t handle, uint64_t offset, uint32_t size) {
  const struct fuse_read_in read = {.fh = handle, .offset = offset, .size = size};
  memcpy(slot->arguments, &read, sizeof read);
  slot->length = size;
  submit(slot, FUSE_READ, node, sizeof read, 0, 0, size);
}

static void write_at(struct slot *slot, uint64_t offset, uint32_t size) {
  const struct fuse_write_in write = {.fh = out_handle, .offset = offset, .size = size};
  memcpy(slot->arguments, &write, sizeof write);
  slot->length = size;
  submit(slot, FUSE_WRITE, out, sizeof write, sizeof(struct fuse_write_out), size, 0);
}

static void forget_one(struct slot *slot, uint64_t node) {
  const struct fuse_forget_in count = {1};
  slot->queue = 0;
  ask(slot, FUSE_FORGET, node, &count, sizeof count, 0);
}

static void release(struct slot *slot, uint32_t opcode, uint64_t node) {
  const struct fuse_release_in release_in = {.fh = slot->handle};
  ask(slot, opcode, node, &release_in, sizeof release_in, 0);
}

static void list(struct slot *slot) {
  const struct fuse_read_in read = {.fh = slot->handle, .offset = slot->node, .size = LIST_SIZE};
  memcpy(slot->arguments, &read, sizeof read);
  submit(slot, FUSE_READDIRPLUS, tree, sizeof read, 0, 0, LIST_SIZE);
}

static uint64_t next_offset(const struct workload *workload) {
  if (!workload->sequential) return random_number() % (FILE_SIZE / workload->size) * workload->size;
  position += workload->size;
  if (position + workload->size > FILE_SIZE) position = 0;
  return position;
}

/* ---- operations of one request or more */

static enum kind draw_kind(void) {
  const uint64_t drawn = random_number() % 100;
  return drawn < 35 ? GETATTR : drawn < 70 ? LOOKUP : drawn < 90 ? READ : WRITE;
}

bool start_operation(struct slot *slot, const struct workload *workload) {
  static unsigned turn;
  const bool mixed = workload->kind == MIXED;
  slot->kind = mixed ? (int)draw_kind() : (int)workload->kind;
  /* Of the mix it is one request: a guest does not forget what it uses. */
  slot->phase = mixed ? -1 : 0;
  slot->queue = 1 + (int)(turn++ % (unsigned)(queue_count - 1));
  switch ((enum kind)slot->kind) {
    case GETATTR: {
      const struct fuse_getattr_in getattr = {0};
      ask(slot, FUSE_GETATTR, file, &getattr, sizeof getattr, sizeof(struct fuse_attr_out));
      return true;
    }
    case LOOKUP:
      ask_by_name(slot, FUSE_LOOKUP, 'f', 1 + random_number() % TREE, sizeof(struct fuse_entry_out));
      return true;
    case OPEN:
    case LIST: {
      const bool directory = slot->kind == LIST;
      const struct fuse_open_in open = {.flags = O_RDONLY | (directory ? O_DIRECTORY : 0)};
      ask(slot, directory ? FUSE_OPENDIR : FUSE_OPEN, directory ? tree : file, &open, sizeof open, sizeof(struct fuse_open_out));
      return true;
    }
    case READ:
      read_at(slot, big, big_handle, next_offset(workload), workload->size);
      return true;
    case WRITE:
      write_at(slot, next_offset(workload), workload->size);
      return true;
    case COLD: {
      const uint64_t pages = COLD_SIZE / workload->size;
      if (cold_reads == pages) return false;
      read_at(slot, cold, cold_handle, cold_reads++ * COLD_STRIDE % pages * workload->size, workload->size);
      return true;
    }
    case CREATE: {
      const struct fuse_create_in create = {.flags = O_RDWR | O_CREAT | O_EXCL, .mode = S_IFREG | 0644, .umask = 022};
      char name[32];
      snprintf(name, sizeof name, "c%d", slot->index);
      memcpy(slot->arguments, &create, sizeof create);
      submit(slot, FUSE_CREATE, tree, put_name(slot, sizeof create, name), sizeof(struct fuse_entry_out) + sizeof(struct fuse_open_out), 0, 0);
      return true;
    }
    case MIXED:
      break;
  }
  return false;
}

static bool continue_create(struct slot *slot) {
  switch (slot->phase++) {
    case 0: {
      const struct fuse_entry_out *entry = (void *)slot->reply;
      slot->node = entry->nodeid;
      slot->handle = ((const struct fuse_open_out *)(const void *)(entry + 1))->fh;
      release(slot, FUSE_RELEASE, slot->node);
      return false;
    }
    case 1:
      ask_by_name(slot, FUSE_UNLINK, 'c', (uint64_t)slot->index, 0);
      return false;
    case 2:
      forget_one(slot, slot->node);
      return false;
    default:
      return true;
  }
}

/* Forgets what a part of a listing has looked up. False: that was nothing. */
static bool forget_listed(struct slot *slot, uint32_t length) {
  struct fuse_batch_forget_in *batch = (void *)slot->arguments;
  struct fuse_forget_one *each = (void *)(batch + 1);
  uint32_t count = 0;
  for (uint32_t at = 0; at + sizeof(struct fuse_direntplus) <= length;) {
    const struct fuse_direntplus *entry = (void *)(slot->data + at);
    entries_listed++;
    slot->node = entry->dirent.off;
    if (entry->entry_out.nodeid != 0) {
      if (count == FORGET_AT_ONCE) die("more entries in a reply than expected");
      each[count++] = (struct fuse_forget_one){entry->entry_out.nodeid, 1};
    }
    at += (uint32_t)FUSE_DIRENTPLUS_SIZE(entry);
  }
  if (count == 0) return false;
  *batch = (struct fuse_batch_forget_in){count, 0};
  slot->queue = 0;
  submit(slot, FUSE_BATCH_FORGET, 0, (uint32_t)(sizeof *batch + count * sizeof *each), 0, 0, 0);
  return true;
}

static bool continue_list(struct slot *slot) {
  enum { OPENED, LISTED, FORGOTTEN, CLOSED };
  switch (slot->phase) {
    case OPENED:
      slot->handle = ((struct fuse_open_out *)(void *)slot->reply)->fh;
      slot->node = 0;
      break;
    case LISTED: {
      const uint32_t length = slot->result->len - (uint32_t)sizeof *slot->result;
      if (length == 0) {
        slot->phase = CLOSED;
        release(slot, FUSE_RELEASEDIR, tree);
        return false;
      }
      if (!forget_listed(slot, length)) break;
      slot->phase = FORGOTTEN;
      return false;
    }
    case FORGOTTEN:
      slot->queue = 1;
      break;
    default:
      return true;
  }
  slot->phase = LISTED;
  list(slot);
  return false;
}

bool continue_operation(struct slot *slot) {
  if (slot->result->error != 0) die("error %d in phase %d of kind %d", slot->result->error, slot->phase, slot->kind);
  switch ((enum kind)slot->kind) {
    case LOOKUP:
      if (slot->phase++ != 0) return true;
      forget_one(slot, ((struct fuse_entry_out *)(void *)slot->reply)->nodeid);
      return false;
    case OPEN:
      if (slot->phase++ != 0) return true;
      slot->handle = ((struct fuse_open_out *)(void *)slot->reply)->fh;
      release(slot, FUSE_RELEASE, file);
      return false;
    case READ:
    case COLD:
      if (slot->result->len != sizeof *slot->result + slot->length) die("a short read: %u", slot->result->len);
      bytes_moved += slot->length;
      return true;
    case WRITE:
      if (((struct fuse_write_out *)(void *)slot->reply)->size != slot->length) die("a short write");
      bytes_moved += slot->length;
      return true;
    case CREATE:
      return continue_create(slot);
    case LIST:
      return continue_list(slot);
    default:
      return true;
  }
}
