/* The least that large transfers can cost: the calls that a daemon makes for them, in the same sizes and with the same pages of shared
 * memory as vectors, and nothing else.
 *
 *   floor --file PATH [--seconds N] [--write] SIZE DEPTH
 *
 * DEPTH buffers are used in turn, as requests in flight would. Prints a line of JSON; times are in microseconds. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MAX_SIZE = 1 << 20, MAX_DEPTH = 64 };
static const off_t FILE_SIZE = (off_t)256 << 20;

static _Noreturn void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static double clock_seconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  const char *path = NULL;
  double seconds = 1;
  bool writes = false;
  int at = 1;
  for (; at < count && strncmp(arguments[at], "--", 2) == 0; at++) {
    if (strcmp(arguments[at], "--write") == 0) writes = true;
    else if (strcmp(arguments[at], "--file") == 0 && at + 1 < count) path = arguments[++at];
    else if (strcmp(arguments[at], "--seconds") == 0 && at + 1 < count) seconds = atof(arguments[++at]);
    else break;
  }
  const int size = count - at == 2 ? atoi(arguments[at]) : 0, depth = count - at == 2 ? atoi(arguments[at + 1]) : 0;
  if (path == NULL || size < PAGE || size > MAX_SIZE || size % PAGE != 0 || depth < 1 || depth > MAX_DEPTH) {
    fprintf(stderr, "usage: floor --file PATH [--seconds N] [--write] SIZE DEPTH\n");
    return 1;
  }
  const int file = open(path, writes ? O_RDWR : O_RDONLY);
  if (file < 0) die(path);
  const size_t whole = (size_t)size * (size_t)depth;
  const int memory_fd = memfd_create("guest", 0);
  if (memory_fd < 0 || ftruncate(memory_fd, (off_t)whole) != 0) die("memfd");
  uint8_t *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memory_fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  const int pages = size / PAGE;
  struct iovec *vectors = calloc((size_t)(pages * depth), sizeof *vectors);
  if (vectors == NULL) die("calloc");
  for (int i = 0; i < pages * depth; i++) vectors[i] = (struct iovec){memory + (size_t)i * PAGE, PAGE};

  off_t offset = 0;
  uint64_t done = 0;
  const double begin = clock_seconds(CLOCK_MONOTONIC), processor = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
  double elapsed = 0;
  while (elapsed < seconds) {
    const struct iovec *of_turn = vectors + (size_t)pages * (done % (unsigned)depth);
    const ssize_t moved = writes ? pwritev2(file, of_turn, pages, offset, 0) : preadv2(file, of_turn, pages, offset, 0);
    if (moved != size) die("a short transfer");
    offset += size;
    if (offset + size > FILE_SIZE) offset = 0;
    done++;
    elapsed = clock_seconds(CLOCK_MONOTONIC) - begin;
  }
  const double spent = clock_seconds(CLOCK_THREAD_CPUTIME_ID) - processor;
  printf("{\"size\":%d,\"depth\":%d,\"write\":%s,\"rate\":%.0f,\"megabytes\":%.1f,\"processor\":%.3f}\n", size, depth,
         writes ? "true" : "false", (double)done / elapsed, (double)done * size / elapsed / 1e6, spent * 1e6 / (double)done);
  return 0;
}
