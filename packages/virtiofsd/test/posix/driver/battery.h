/* What a file of cases/ needs: registration, expectations, users and processes.
 *
 *   CASE("replaces an existing empty directory") {
 *     make_dir("from");
 *     make_dir("to");
 *     ok(rename("from", "to"));
 *     expect_errno(ENOENT, access("from", F_OK));
 *   }
 *
 * The group of a case is the name of its file. A case runs in its own process, whose working directory is fresh and its own; the
 * first expectation that does not hold ends it. */
#ifndef BATTERY_H
#define BATTERY_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Who runs a case. */
enum as_whom {
  AS_CALLER,  /* whoever started the battery */
  AS_USER,    /* an unprivileged user, who owns the working directory: alice when started by root, else the caller */
  NEEDS_ROOT, /* root, who becomes others by AS(); skipped for anyone else */
};

struct test_case {
  const char *file;
  int line;
  const char *promise;
  enum as_whom whom;
  void (*run)(void);
  struct test_case *next;
};

/* Appends a case to the list. In order: of the files as linked, and in a file as written. */
void register_case(struct test_case *entry);
extern struct test_case *first_case, *current_case;

#define CASE(promise) CASE_COUNTED(promise, AS_CALLER, __COUNTER__)
#define USER_CASE(promise) CASE_COUNTED(promise, AS_USER, __COUNTER__)
#define ROOT_CASE(promise) CASE_COUNTED(promise, NEEDS_ROOT, __COUNTER__)
#define CASE_COUNTED(promise, whom, n) CASE_NUMBERED(promise, whom, n)
#define CASE_NUMBERED(promise, whom, n)                                                                    \
  static void case_##n(void);                                                                              \
  __attribute__((constructor)) static void register_##n(void) {                                            \
    static struct test_case entry = {__FILE__, __LINE__, promise, whom, case_##n, NULL};                   \
    register_case(&entry);                                                                                 \
  }                                                                                                        \
  static void case_##n(void)

/* ---- expectations (check.c) ---- */

#define HERE __FILE__, __LINE__

/* The call does not return -1. Its value is the value of the expression. */
#define ok(call) check_ok((long long)(call), #call, HERE)
/* The call returns -1 with this errno. */
#define expect_errno(error, call)                                                                          \
  check_errno((const int[]){error, 0}, (long long)(call), #call, HERE)
/* The same where two are right: say at the place which man page allows both. */
#define expect_either(one, other, call)                                                                    \
  check_errno((const int[]){one, other, 0}, (long long)(call), #call, HERE)
#define expect(condition) check_true(condition, #condition, HERE)
#define expect_equal(actual, expected)                                                                     \
  check_equal((long long)(actual), (long long)(expected), #actual, HERE)
/* A file has this text, and no more. */
#define expect_content(path, text) check_content(path, text, HERE)
/* The type and mode of a path, not followed. */
#define expect_mode(path, mode) check_mode(path, mode, HERE)

/* The times of a path that an action changes, and which it leaves; not followed. */
enum { NOTHING = 0, MTIM = 1, CTIM = 2 };
#define expect_times(path, changed, action)                                                                \
  do {                                                                                                     \
    const struct stat before_ = stat_of(path);                                                             \
    tick();                                                                                                \
    ok(action);                                                                                            \
    check_times(&before_, path, changed, HERE);                                                            \
  } while (0)

long long check_ok(long long result, const char *call, const char *file, int line);
void check_errno(const int *accepted, long long result, const char *call, const char *file, int line);
void check_true(bool condition, const char *text, const char *file, int line);
void check_equal(long long actual, long long expected, const char *text, const char *file, int line);
void check_content(const char *path, const char *text, const char *file, int line);
void check_mode(const char *path, mode_t mode, const char *file, int line);
void check_times(const struct stat *before, const char *path, int changed, const char *file, int line);
__attribute__((noreturn, format(printf, 3, 4))) void fail(const char *file, int line, const char *format, ...);
/* Ends the case as not applicable here, with the reason. */
__attribute__((noreturn, format(printf, 1, 2))) void skip(const char *format, ...);
/* Ends the case as not applicable if the call before failed with one of the errnos that mean "not supported". */
void skip_if_unsupported(long long result, const char *what);
const char *errno_name(int error);

/* ---- what cases are made of (fixture.c) ---- */

void make_file(const char *path);
void make_file_with(const char *path, const char *text);
void make_file_mode(const char *path, mode_t mode);
void make_dir(const char *path);
void make_dir_mode(const char *path, mode_t mode);
void make_link(const char *target, const char *path);
int open_new(const char *path); /* O_RDWR | O_CREAT | O_EXCL */
struct stat stat_of(const char *path);
struct stat stat_of_fd(int fd);
bool exists(const char *path);
void put(int fd, const char *text);
/* Fills with bytes that differ from place to place, so that a piece in the wrong place is seen. */
void fill_pattern(unsigned char *bytes, size_t length, uint64_t offset);
bool has_pattern(const unsigned char *bytes, size_t length, uint64_t offset);
size_t count_entries(const char *path); /* without . and .. */
char *name_of_length(size_t length);    /* of n; to be used until the case ends */
/* Waits until the clock of the file system has moved on: file systems stamp with the kernel's coarse clock. */
void tick(void);
/* An existing directory on another file system, or skips. */
const char *other_file_system(void);
/* An address that no process may read or write. */
extern void *const volatile bad_address;

/* ---- users and processes (process.c) ---- */

struct user {
  uid_t uid;
  gid_t gid;
  gid_t team; /* a supplementary group, or 0 */
};
#define TEAM 60010
extern const struct user ALICE, BOB, ALICE_IN_TEAM, BOB_IN_TEAM;

/* AS(ALICE) { … } does it in a process of that user, and fails with it. For ROOT_CASE only. */
#define AS(user) for (int inside_ = begin_as(&(user)); inside_; finish_child())
/* SPAWN { … } does it in a process beside this one; join() waits for all of them, and fails with them. */
#define SPAWN for (int inside_ = spawn(); inside_; finish_child())
int begin_as(const struct user *user);
int spawn(void);
__attribute__((noreturn)) void finish_child(void);
void join(void);
void become(const struct user *user);
void give(const char *path, struct user user); /* lchown */

#endif
