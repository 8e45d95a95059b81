#include "guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PROCESSES = 16, MAX_THREADS = 256, MAX_PID = 1 << 22 };
static int processes[MAX_PROCESSES], process_count;
static int threads[MAX_THREADS], thread_count;

static int parent_of(int pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *after_name = strrchr(text, ')');
  int parent = 0;
  if (after_name != NULL) sscanf(after_name + 1, " %*c %d", &parent);
  return parent;
}

/* Calls back with each number that is a name in a folder. */
static void each_number(const char *path, void (*take)(int, int), int argument) {
  DIR *folder = opendir(path);
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    const int value = atoi(entry->d_name);
    if (value > 0) take(value, argument);
  }
  closedir(folder);
}

static void take_process(int pid, int root) {
  int ancestor = pid;
  for (int depth = 0; ancestor > 1 && depth < 16; depth++, ancestor = parent_of(ancestor)) {
    if (ancestor != root) continue;
    if (process_count < MAX_PROCESSES) processes[process_count++] = pid;
    return;
  }
}

static void take_thread(int thread, int pid) {
  char path[96];
  snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", pid, thread);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && thread_count < MAX_THREADS) threads[thread_count++] = fd;
}

void watch_processes(int root) {
  while (thread_count > 0) close(threads[--thread_count]);
  process_count = 0;
  if (root == 0) return;
  each_number("/proc", take_process, root);
  for (int i = 0; i < process_count; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", processes[i]);
    each_number(path, take_thread, processes[i]);
  }
}

uint64_t processor_time(void) {
  uint64_t sum = 0;
  for (int i = 0; i < thread_count; i++) {
    char text[96];
    const ssize_t length = pread(threads[i], text, sizeof text - 1, 0);
    if (length <= 0) continue;
    text[length] = '\0';
    sum += strtoull(text, NULL, 10);
  }
  return sum;
}

struct memory memory_in_use(void) {
  struct memory sum = {0, 0};
  for (int i = 0; i < process_count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", processes[i]);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    unsigned long long value;
    while (fgets(line, sizeof line, file) != NULL) {
      /* Guest memory is shared memory, and nobody's. */
      if (sscanf(line, "Pss_Anon: %llu", &value) == 1) sum.proportional += value, sum.anonymous += value;
      if (sscanf(line, "Pss_File: %llu", &value) == 1) sum.proportional += value;
    }
    fclose(file);
  }
  return sum;
}
