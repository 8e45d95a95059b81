/* Drives a daemon with workloads, one after the other, and prints a line of JSON for each:
 *
 *   load --socket PATH [--process PID] [--seconds N] [--queues N] [--drop FILE] WORKLOAD[:DEPTH|@RATE][+...]...
 *
 * DEPTH operations are in flight at a time; or one, of which RATE are begun in a second. What is joined by + runs at the same time. Times are in microseconds; the processor's is that
 * of all threads of the process PID and its descendants. With --drop the page cache lets go of that file of the host first; the workload
 * cold4k, which reads it, needs that. The folder that is shared must hold what workload.h says. */
#include "workload.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_STREAMS = 2, MAX_SAMPLES = 1 << 23 };

/* One workload, as it runs. */
struct stream {
  const struct workload *workload;
  int depth, live;
  uint64_t interval, due; /* nanoseconds; 0: one operation after the other */
  struct slot *resting;   /* until the next one is due */
  uint64_t done;
  uint32_t *samples; /* nanoseconds */
};
static struct stream streams[MAX_STREAMS];
static int stream_count;

static int process;
static double seconds = 1;
static const char *dropped;

static int by_value(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static double percentile(const struct stream *stream, double part) {
  const uint64_t count = stream->done < MAX_SAMPLES ? stream->done : MAX_SAMPLES;
  return count == 0 ? 0 : stream->samples[(uint64_t)((double)(count - 1) * part)] / 1e3;
}

static void parse_streams(char *text) {
  stream_count = 0;
  for (char *part = strtok(text, "+"); part != NULL; part = strtok(NULL, "+")) {
    if (stream_count == MAX_STREAMS) die("at most %d workloads at a time", MAX_STREAMS);
    struct stream *stream = &streams[stream_count++];
    char *mark = strpbrk(part, ":@");
    const bool paced = mark != NULL && *mark == '@';
    if (mark != NULL) *mark = '\0';
    const uint64_t value = mark == NULL ? 1 : number(mark + 1);
    stream->workload = find_workload(part);
    if (stream->workload == NULL || value == 0) die("no workload %s", part);
    stream->depth = paced ? 1 : (int)value;
    stream->interval = paced ? 1000000000 / value : 0;
    stream->resting = NULL;
    stream->done = 0;
    if (stream->samples == NULL) stream->samples = malloc(sizeof *stream->samples * MAX_SAMPLES);
    if (stream->samples == NULL) die("no memory");
  }
}

static void drop_cache(void) {
  const int fd = open(dropped, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0) die("cannot drop %s", dropped);
  close(fd);
}

static bool start(struct slot *slot, uint64_t time) {
  slot->started = time;
  return start_operation(slot, streams[slot->stream].workload);
}

static void start_all(uint64_t time) {
  int next = 0;
  for (int i = 0; i < stream_count; i++) {
    struct stream *stream = &streams[i];
    stream->live = 0;
    for (int n = 0; n < stream->depth; n++) {
      if (next == (stream->workload->size > PAGE || stream->workload->kind == LIST ? LARGE_SLOTS : SLOTS)) die("too deep");
      struct slot *slot = &slots[next++];
      slot->stream = i;
      if (start(slot, time)) stream->live++;
    }
  }
  kick();
}

/* Begins what is due. Returns when something will be, 0 if that depends on replies. */
static uint64_t start_due(void) {
  uint64_t next = 0;
  for (int i = 0; i < stream_count; i++) {
    struct stream *stream = &streams[i];
    struct slot *slot = stream->resting;
    if (slot == NULL) continue;
    const uint64_t time = now();
    if (time >= stream->due) {
      stream->resting = NULL;
      start(slot, time);
      kick();
    } else if (next == 0 || stream->due < next) {
      next = stream->due;
    }
  }
  return next;
}

/* Begins the next operation of a slot, now or when it is due. */
static bool go_on(struct slot *slot, uint64_t time) {
  struct stream *stream = &streams[slot->stream];
  if (stream->interval == 0) return start(slot, time);
  stream->due = slot->started + stream->interval;
  stream->resting = slot;
  return true;
}

static int live_slots(void) {
  int live = 0;
  for (int i = 0; i < stream_count; i++) live += streams[i].live;
  return live;
}

/* Until the time is over, or one of the streams has no more to do. */
static void serve(uint64_t end) {
  bool ending = false;
  while (live_slots() > 0) {
    const uint64_t due = start_due();
    struct slot *slot = reap();
    if (slot == NULL) {
      wait_for_reply(due);
      continue;
    }
    /* A bounded number, or a daemon that looks at the ring all the time would keep the others from being kicked. */
    for (int left = SLOTS; slot != NULL; slot = --left > 0 ? reap() : NULL) {
      if (!continue_operation(slot)) continue;
      const uint64_t time = now();
      struct stream *stream = &streams[slot->stream];
      const uint64_t spent = time - slot->started;
      if (stream->done < MAX_SAMPLES) stream->samples[stream->done] = spent > UINT32_MAX ? UINT32_MAX : (uint32_t)spent;
      stream->done++;
      if (time >= end) ending = true;
      if (!ending && go_on(slot, time)) continue;
      ending = true;
      stream->live--;
    }
    kick();
  }
}

static void print(const struct stream *stream, double elapsed, double processor, uint64_t operations, uint64_t kicks, uint64_t calls) {
  /* Of listings, the entries count. */
  const double units = stream->workload->kind == LIST ? (double)entries_listed : (double)stream->done;
  const double all = stream->workload->kind == LIST ? (double)entries_listed : (double)operations;
  printf("{\"workload\":\"%s\",\"depth\":%d,\"rate\":%.0f,\"megabytes\":%.1f,\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,"
         "\"processor\":%.3f,\"kicks\":%.3f,\"calls\":%.3f,\"memory\":%llu}\n",
         stream->workload->name, stream->depth, units / elapsed, (double)bytes_moved / elapsed / 1e6, percentile(stream, 0.5),
         percentile(stream, 0.99), percentile(stream, 0.999), processor / 1e3 / all, (double)kicks / all, (double)calls / all,
         (unsigned long long)memory_in_use().proportional);
  fflush(stdout);
}

static void run(char *text) {
  parse_streams(text);
  if (dropped != NULL) drop_cache();
  bytes_moved = entries_listed = 0;
  for (int i = 0; i < queue_count; i++) queues[i].kicks = queues[i].calls = 0;
  watch_processes(process);
  const uint64_t processor = processor_time(), begin = now();
  start_all(begin);
  serve(begin + (uint64_t)(seconds * 1e9));
  const double elapsed = (double)(now() - begin) / 1e9, spent = (double)(processor_time() - processor);
  uint64_t operations = 0, kicks = 0, calls = 0;
  for (int i = 0; i < stream_count; i++) operations += streams[i].done;
  for (int i = 0; i < queue_count; i++) kicks += queues[i].kicks, calls += queues[i].calls;
  for (int i = 0; i < stream_count; i++) {
    struct stream *stream = &streams[i];
    qsort(stream->samples, stream->done < MAX_SAMPLES ? stream->done : MAX_SAMPLES, sizeof *stream->samples, by_value);
    print(stream, elapsed, spent, operations, kicks, calls);
  }
}

int main(int count, char **arguments) {
  const char *socket = NULL;
  int request_queues = 1, at = 1;
  for (; at + 1 < count && strncmp(arguments[at], "--", 2) == 0; at += 2) {
    const char *name = arguments[at] + 2, *value = arguments[at + 1];
    if (strcmp(name, "socket") == 0) socket = value;
    else if (strcmp(name, "process") == 0) process = (int)number(value);
    else if (strcmp(name, "seconds") == 0) seconds = atof(value);
    else if (strcmp(name, "queues") == 0) request_queues = (int)number(value);
    else if (strcmp(name, "drop") == 0) dropped = value;
    else die("no option --%s", name);
  }
  if (socket == NULL || at == count) die("usage: load --socket PATH [--process PID] [--seconds N] [--queues N] [--drop FILE] WORKLOAD[:DEPTH]...");
  connect_guest(socket, request_queues);
  make_slots();
  initialize();
  open_files(dropped != NULL);
  for (; at < count; at++) run(arguments[at]);
  return 0;
}
