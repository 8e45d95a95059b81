/* Runs one case so that nothing it does, crashing and hanging included, reaches the others. */
#include "supervise.h"

#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* The end of the pipe that the process of a case, and those it forks, report to. */
static int report_fd = -1;
static sigset_t awaited, original;
static bool interrupted;

void report(char kind, const char *format, ...) {
  char text[1280];
  text[0] = kind;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + 1, sizeof text - 1, format, arguments);
  va_end(arguments);
  /* Below PIPE_BUF, so that two never mix (pipe(7)); with its NUL. */
  if (write(report_fd, text, strlen(text) + 1) < 0) _exit(3);
}

void prepare_supervision(void) {
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGHUP);
  sigprocmask(SIG_BLOCK, &awaited, &original);
  signal(SIGCHLD, SIG_DFL);
  /* What a case leaves running becomes a child of the driver, which can then wait for its end. */
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

__attribute__((noreturn)) static void run_case(struct test_case *entry, const char *directory) {
  setpgid(0, 0);
  sigprocmask(SIG_SETMASK, &original, NULL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(022);
  ok(chdir(directory));
  if (entry->whom == AS_USER && geteuid() == 0) {
    give(".", ALICE);
    become(&ALICE);
  }
  entry->run();
  join();
  _exit(0);
}

/* Waits for the end of a process, of any if it is -1, until the deadline. */
static enum outcome wait_for(pid_t pid, int *status, long long deadline) {
  for (;;) {
    const pid_t ended = waitpid(pid, status, WNOHANG);
    if (ended != 0) return PASSED;
    const long long left = deadline - now_ms();
    if (left <= 0) return FAILED;
    const struct timespec timeout = {left / 1000, left % 1000 * 1000000};
    const int signal = sigtimedwait(&awaited, NULL, &timeout);
    if (signal > 0 && signal != SIGCHLD) {
      interrupted = true;
      return INTERRUPTED;
    }
  }
}

static void read_report(int fd, struct result *result) {
  char text[1280];
  const ssize_t length = read(fd, text, sizeof text - 1);
  if (length <= 0) return;
  text[length] = 0;
  result->outcome = text[0] == 'S' ? SKIPPED : FAILED;
  snprintf(result->reason, sizeof result->reason, "%.1000s", text + 1);
}

static void describe_end(enum outcome end, int status, int seconds, struct result *result) {
  if (end == PASSED && status == 0) return;
  result->outcome = FAILED;
  const size_t room = sizeof result->reason;
  if (end == FAILED) {
    snprintf(result->reason, room, "not done after %d s", seconds);
  } else if (WIFSIGNALED(status)) {
    snprintf(result->reason, room, "ended by signal %d", WTERMSIG(status));
  } else {
    snprintf(result->reason, room, "exit status %d", WEXITSTATUS(status));
  }
}

/* A reason may quote what the file system answered: no more than one line of it, and ASCII. */
static void make_printable(char *text) {
  for (; *text; text++) {
    if (*text < ' ' || *text > '~') *text = '?';
  }
}

static void end_group(pid_t group) {
  int status;
  kill(-group, SIGKILL);
  /* A process in the midst of a request to a dead file system is not waited for without end. */
  const long long deadline = now_ms() + 5000;
  while (wait_for(-1, &status, deadline) == PASSED) {
    if (waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD) return;
  }
}

struct result supervise(struct test_case *entry, const char *top, int number, int seconds) {
  struct result result = {PASSED, "", 0};
  char directory[PATH_MAX];
  snprintf(directory, sizeof directory, "%s/%d", top, number);
  int ends[2];
  if (entry->whom == NEEDS_ROOT && geteuid() != 0) {
    result.outcome = SKIPPED;
    snprintf(result.reason, sizeof result.reason, "needs root");
    return result;
  }
  if (mkdir(directory, 0755) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
    result.outcome = FAILED;
    snprintf(result.reason, sizeof result.reason, "cannot prepare the case: %s", errno_name(errno));
    return result;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const long long start = now_ms();
  current_case = entry;
  report_fd = ends[1];
  fflush(NULL);
  const pid_t pid = fork();
  if (pid == 0) run_case(entry, directory);
  int status = 0;
  const enum outcome end = pid < 0 ? FAILED : wait_for(pid, &status, start + seconds * 1000LL);
  result.milliseconds = (long)(now_ms() - start);
  describe_end(end, status, seconds, &result);
  read_report(ends[0], &result);
  if (pid > 0) end_group(pid);
  close(ends[0]);
  close(ends[1]);
  char resistance[sizeof result.reason] = "";
  if (!remove_tree(AT_FDCWD, directory, resistance, sizeof resistance) && result.outcome != FAILED) {
    result.outcome = FAILED;
    memcpy(result.reason, resistance, sizeof resistance);
  }
  make_printable(result.reason);
  if (interrupted) result.outcome = INTERRUPTED;
  return result;
}
