/* Expectations: the first that does not hold is reported to the driver, and ends the process. */
#include "battery.h"
#include "supervise.h"

#include <stdarg.h>

static const char *base_name(const char *file) {
  const char *slash = strrchr(file, '/');
  return slash ? slash + 1 : file;
}

void fail(const char *file, int line, const char *format, ...) {
  char text[1024], place[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (strcmp(file, current_case->file) == 0) {
    snprintf(place, sizeof place, "%s:%d", base_name(file), line);
  } else {
    snprintf(place, sizeof place, "%s:%d for %s:%d", base_name(file), line, base_name(current_case->file),
             current_case->line);
  }
  report('F', "%s (%s)", text, place);
  _exit(1);
}

void skip(const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  report('S', "%s", text);
  _exit(1);
}

void skip_if_unsupported(long long result, const char *what) {
  if (result != -1) return;
  if (errno == EOPNOTSUPP || errno == ENOSYS) skip("%s is not supported here (%s)", what, errno_name(errno));
}

long long check_ok(long long result, const char *call, const char *file, int line) {
  if (result == -1) fail(file, line, "%s: expected success, got %s", call, errno_name(errno));
  return result;
}

void check_errno(const int *accepted, long long result, const char *call, const char *file, int line) {
  const int error = errno;
  for (const int *one = accepted; result == -1 && *one; one++) {
    if (*one == error) return;
  }
  const char *got = result == -1 ? errno_name(error) : "success";
  if (accepted[1] == 0) fail(file, line, "%s: expected %s, got %s", call, errno_name(accepted[0]), got);
  fail(file, line, "%s: expected %s or %s, got %s", call, errno_name(accepted[0]), errno_name(accepted[1]), got);
}

void check_true(bool condition, const char *text, const char *file, int line) {
  if (!condition) fail(file, line, "expected that %s", text);
}

void check_equal(long long actual, long long expected, const char *text, const char *file, int line) {
  if (actual != expected) fail(file, line, "%s: expected %lld, got %lld", text, expected, actual);
}

void check_content(const char *path, const char *text, const char *file, int line) {
  const size_t length = strlen(text);
  const size_t room = length + 64;
  char *bytes = malloc(room);
  const int fd = open(path, O_RDONLY);
  if (fd < 0) fail(file, line, "open %s: expected success, got %s", path, errno_name(errno));
  size_t got = 0;
  for (;;) {
    const ssize_t part = read(fd, bytes + got, room - got);
    if (part < 0) fail(file, line, "read %s: expected success, got %s", path, errno_name(errno));
    if (part == 0) break;
    got += (size_t)part;
    if (got == room) break;
  }
  close(fd);
  if (got != length || memcmp(bytes, text, length) != 0) {
    fail(file, line, "%s: expected the content \"%.80s\" (%zu bytes), got \"%.*s\" (%zu bytes)", path, text, length,
         (int)(got < 80 ? got : 80), bytes, got);
  }
  free(bytes);
}

void check_mode(const char *path, mode_t mode, const char *file, int line) {
  struct stat status;
  if (lstat(path, &status) < 0) fail(file, line, "lstat %s: expected success, got %s", path, errno_name(errno));
  if (status.st_mode != mode) fail(file, line, "%s: expected the mode %o, got %o", path, mode, status.st_mode);
}

static bool later(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

static void check_time(const char *what, struct timespec before, struct timespec now, bool changed, const char *path,
                       const char *file, int line) {
  if (later(before, now)) fail(file, line, "the %s of %s went backwards", what, path);
  const bool moved = later(now, before);
  if (moved != changed) fail(file, line, "the %s of %s was %s", what, path, moved ? "changed" : "not updated");
}

void check_times(const struct stat *before, const char *path, int changed, const char *file, int line) {
  const struct stat now = stat_of(path);
  check_time("mtime", before->st_mtim, now.st_mtim, changed & MTIM, path, file, line);
  check_time("ctime", before->st_ctim, now.st_ctim, changed & CTIM, path, file, line);
}
