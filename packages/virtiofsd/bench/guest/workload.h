/* What a guest does again and again. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "guest.h"

enum kind { GETATTR, LOOKUP, OPEN, READ, WRITE, LIST, CREATE, MIXED, COLD };

struct workload {
  const char *name;
  enum kind kind;
  uint32_t size;    /* of one read or write */
  bool sequential;
};

/* NULL: there is none of that name. */
const struct workload *find_workload(const char *name);

/* Looks up and opens what workloads use: `file`, `big`, `out` (256 MiB each), `tree` with f1 to f2000, `cold` (512 MiB) if it is there. */
void open_files(bool with_cold);

/* Sends the first request of an operation. False: there are no more. */
bool start_operation(struct slot *slot, const struct workload *workload);
/* Takes a reply, and sends the next request of the operation. True: that was the last one. */
bool continue_operation(struct slot *slot);

/* Since the start. */
extern uint64_t bytes_moved, entries_listed;

#endif
