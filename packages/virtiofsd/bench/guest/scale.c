/* What it costs that a guest knows many files. Prints lines of JSON; times are in nanoseconds of each file or entry.
 *
 *   scale --socket PATH --process PID DIRECTORIES FILES     looks all files of d0, d1, ... up, f0, f1, ... in each
 *   scale --socket PATH --process PID --list NAME           lists a directory to the end, with READDIR and with READDIRPLUS
 *
 * Files are looked up in the same order twice: forgetting those of each directory before the next one, so that few are known at a time,
 * and forgetting all in the end. So what the host does for them is the same, and what differs is the cost of knowing many. */
#include "guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 16, LIST_SIZE = 128 << 10, MAX_FORGET = 200 };

/* Time of the clock, and of the daemon's threads. */
struct cost {
  uint64_t elapsed, processor;
};

static struct cost begin(void) { return (struct cost){now(), processor_time()}; }

static void end(struct cost *sum, struct cost since) {
  sum->elapsed += now() - since.elapsed;
  sum->processor += processor_time() - since.processor;
}

static void print(const char *what, const char *how, struct cost cost, uint64_t count, struct memory before) {
  const struct memory after = memory_in_use();
  printf("{\"what\":\"%s\",\"how\":\"%s\",\"count\":%llu,\"elapsed\":%.1f,\"processor\":%.1f,\"anonymous\":%lld}\n", what, how,
         (unsigned long long)count, (double)cost.elapsed / (double)count, (double)cost.processor / (double)count,
         (long long)(after.anonymous - before.anonymous) * 1024);
  fflush(stdout);
}

/* Sends one request for each of `count` items, several at a time. */
static void each(uint64_t count, void (*send)(struct slot *, uint64_t), void (*take)(struct slot *)) {
  uint64_t next = 0, done = 0;
  for (; next < count && next < DEPTH; next++) {
    slots[next].node = next;
    send(&slots[next], next);
  }
  kick();
  while (done < count) {
    struct slot *slot = reap();
    if (slot == NULL) {
      kick();
      wait_for_reply(0);
      continue;
    }
    done++;
    if (take != NULL) take(slot);
    if (next < count) {
      slot->node = next;
      send(slot, next++);
    }
    if (done % DEPTH == 0) kick();
  }
}

static uint64_t files, parent, *of_directory;

static void send_lookup(struct slot *slot, uint64_t index) {
  char name[32];
  snprintf(name, sizeof name, "f%llu", (unsigned long long)index);
  slot->queue = 1;
  submit(slot, FUSE_LOOKUP, parent, put_name(slot, 0, name), sizeof(struct fuse_entry_out), 0, 0);
}

static void take_lookup(struct slot *slot) {
  const struct fuse_entry_out *entry = (void *)slot->reply;
  if (slot->result->error != 0 || entry->nodeid == 0) die("LOOKUP: error %d", slot->result->error);
  of_directory[slot->node] = entry->nodeid;
}

static void send_forget(struct slot *slot, uint64_t index) {
  const struct fuse_forget_in count = {1};
  memcpy(slot->arguments, &count, sizeof count);
  slot->queue = 0;
  submit(slot, FUSE_FORGET, of_directory[index], sizeof count, 0, 0, 0);
}

static uint64_t look_up_directory(uint64_t index) {
  char name[32];
  snprintf(name, sizeof name, "d%llu", (unsigned long long)index);
  return lookup(FUSE_ROOT_ID, name);
}

static void look_up_files(uint64_t directory, struct cost *cost) {
  parent = directory;
  const struct cost since = begin();
  each(files, send_lookup, take_lookup);
  end(cost, since);
}

static void forget_files(struct cost *cost) {
  const struct cost since = begin();
  each(files, send_forget, NULL);
  end(cost, since);
}

static void walk(uint64_t directories) {
  uint64_t *nodes = calloc(directories * files, sizeof *nodes), *parents = calloc(directories, sizeof *parents);
  if (nodes == NULL || parents == NULL) die("no memory");
  const uint64_t count = directories * files;
  /* The first time fills the caches of the host, and has the daemon's code compiled. */
  for (int turn = 0; turn < 2; turn++) {
    struct cost lookups = {0}, again = {0}, forgets = {0};
    const struct memory before = memory_in_use();
    of_directory = nodes;
    for (uint64_t i = 0; i < directories; i++) {
      const uint64_t directory = look_up_directory(i);
      look_up_files(directory, &lookups);
      look_up_files(directory, &again);
      forget_files(&forgets);
      forget_files(&forgets);
      forget(directory, 1);
    }
    if (turn == 0) continue;
    print("few", "lookup", lookups, count, before);
    print("few", "lookup again", again, count, before);
    print("few", "forget", forgets, 2 * count, before);
  }
  const struct memory before = memory_in_use();
  struct cost lookups = {0}, again = {0}, forgets = {0};
  for (uint64_t i = 0; i < directories; i++) {
    of_directory = nodes + i * files;
    parents[i] = look_up_directory(i);
    look_up_files(parents[i], &lookups);
  }
  print("many", "lookup", lookups, count, before);
  for (uint64_t i = 0; i < directories; i++) {
    of_directory = nodes + i * files;
    look_up_files(parents[i], &again);
  }
  print("many", "lookup again", again, count, before);
  for (uint64_t i = 0; i < 2 * directories; i++) {
    of_directory = nodes + i % directories * files;
    forget_files(&forgets);
    if (i >= directories) forget(parents[i - directories], 1);
  }
  print("many", "forget", forgets, 2 * count, before);
  free(parents);
  free(nodes);
}

/* Forgets what a part of a listing has looked up, in batches. Returns the number of entries; `offset` is where to go on. */
static uint64_t take_entries(uint32_t length, bool plus, uint64_t *offset) {
  struct slot *slot = &slots[0];
  static uint64_t looked_up[LIST_SIZE / sizeof(struct fuse_dirent)];
  uint64_t entries = 0, known = 0;
  for (uint32_t at = 0; at < length; entries++) {
    const struct fuse_direntplus *whole = (void *)(slot->data + at);
    const struct fuse_dirent *entry = plus ? &whole->dirent : (void *)(slot->data + at);
    *offset = entry->off;
    if (plus && whole->entry_out.nodeid != 0) looked_up[known++] = whole->entry_out.nodeid;
    at += (uint32_t)(plus ? FUSE_DIRENTPLUS_SIZE(whole) : FUSE_DIRENT_SIZE(entry));
  }
  for (uint64_t at = 0; at < known; at += MAX_FORGET) {
    struct fuse_batch_forget_in *batch = (void *)slot->arguments;
    struct fuse_forget_one *one = (void *)(batch + 1);
    const uint32_t count = (uint32_t)(known - at < MAX_FORGET ? known - at : MAX_FORGET);
    *batch = (struct fuse_batch_forget_in){count, 0};
    for (uint32_t i = 0; i < count; i++) one[i] = (struct fuse_forget_one){looked_up[at + i], 1};
    request(FUSE_BATCH_FORGET, 0, (uint32_t)(sizeof *batch + count * sizeof *one), 0, 0, 0);
  }
  return entries;
}

static void list(const char *name, bool plus, bool quiet) {
  const uint64_t node = lookup(FUSE_ROOT_ID, name);
  const struct memory before = memory_in_use();
  struct cost cost = {0};
  const struct cost since = begin();
  const uint64_t handle = open_node(node, O_RDONLY | O_DIRECTORY, FUSE_OPENDIR);
  uint64_t offset = 0, entries = 0;
  for (;;) {
    const struct fuse_read_in read = {.fh = handle, .offset = offset, .size = LIST_SIZE};
    memcpy(slots[0].arguments, &read, sizeof read);
    const int error = request(plus ? FUSE_READDIRPLUS : FUSE_READDIR, node, sizeof read, 0, 0, LIST_SIZE);
    if (error != 0) die("listing %s: error %d", name, error);
    const uint32_t length = slots[0].result->len - (uint32_t)sizeof *slots[0].result;
    if (length == 0) break;
    entries += take_entries(length, plus, &offset);
  }
  const struct fuse_release_in release = {.fh = handle};
  memcpy(slots[0].arguments, &release, sizeof release);
  request(FUSE_RELEASEDIR, node, sizeof release, 0, 0, 0);
  end(&cost, since);
  forget(node, 1);
  if (!quiet) print(name, plus ? "READDIRPLUS" : "READDIR", cost, entries, before);
}

int main(int count, char **arguments) {
  const char *socket = NULL, *listed = NULL;
  int process = 0, at = 1;
  for (; at + 1 < count && strncmp(arguments[at], "--", 2) == 0; at += 2) {
    const char *name = arguments[at] + 2, *value = arguments[at + 1];
    if (strcmp(name, "socket") == 0) socket = value;
    else if (strcmp(name, "process") == 0) process = (int)number(value);
    else if (strcmp(name, "list") == 0) listed = value;
    else die("no option --%s", name);
  }
  if (socket == NULL || count - at != (listed == NULL ? 2 : 0)) die("usage: scale --socket PATH --process PID DIRECTORIES FILES | --list NAME");
  connect_guest(socket, 1);
  make_slots();
  initialize();
  watch_processes(process);
  if (listed != NULL) {
    for (int plus = 0; plus < 2; plus++) {
      /* The first time fills the caches of the host. */
      list(listed, plus, true);
      list(listed, plus, false);
    }
    return 0;
  }
  files = number(arguments[at + 1]);
  walk(number(arguments[at]));
  return 0;
}
