/* Between the driver and the process of a case. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "battery.h"

enum outcome { PASSED, FAILED, SKIPPED, INTERRUPTED };

struct result {
  enum outcome outcome;
  char reason[1024]; /* one printable line, empty when passed */
  long milliseconds;
};

/* Blocks the signals that wait_for() waits for. Once, before the first case. */
void prepare_supervision(void);
/* Runs a case in its own process and subdirectory of `top`, and removes both. */
struct result supervise(struct test_case *entry, const char *top, int number, int seconds);
/* To the driver, from the process of a case: F or S and a reason. */
__attribute__((format(printf, 2, 3))) void report(char kind, const char *format, ...);

/* Removes a path and all beneath. False, and the reason with errno, if something resists (remove-tree.c). */
bool remove_tree(int parent, const char *name, char *reason, size_t room);

#endif
