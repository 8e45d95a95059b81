/* copy_file_range(2), sendfile(2), splice(2) */
#include "../driver/battery.h"

#include <sys/sendfile.h>

enum { SIZE = 200000 };

static int open_filled(const char *path) {
  static unsigned char bytes[SIZE];
  fill_pattern(bytes, SIZE, 0);
  const int fd = open_new(path);
  expect_equal(write(fd, bytes, SIZE), SIZE);
  ok(lseek(fd, 0, SEEK_SET));
  return fd;
}

static void expect_pattern(int fd, size_t length, off_t place, uint64_t offset) {
  static unsigned char bytes[SIZE];
  expect_equal(pread(fd, bytes, length, place), length);
  expect(has_pattern(bytes, length, offset));
}

/* copy_file_range(2): fewer bytes than asked may be copied; 0 is the end. */
static size_t copy(int from, off_t *from_at, int to, off_t *to_at, size_t length) {
  size_t copied = 0;
  while (copied < length) {
    const ssize_t part = copy_file_range(from, from_at, to, to_at, length - copied, 0);
    if (part < 0 && errno == EXDEV) skip("copy_file_range is not supported here");
    skip_if_unsupported(part, "copy_file_range");
    if (ok(part) == 0) break;
    copied += (size_t)part;
  }
  return copied;
}

CASE("copy_file_range copies at the offsets of the descriptors, and moves both") {
  const int from = open_filled("from"), to = open_new("to");
  expect_equal(copy(from, NULL, to, NULL, SIZE), SIZE);
  expect_pattern(to, SIZE, 0, 0);
  expect_equal(lseek(from, 0, SEEK_CUR), SIZE);
  expect_equal(lseek(to, 0, SEEK_CUR), SIZE);
}

CASE("copy_file_range copies between offsets that are given, and leaves the descriptors'") {
  const int from = open_filled("from"), to = open_new("to");
  off_t from_at = 12345, to_at = 777;
  expect_equal(copy(from, &from_at, to, &to_at, 50000), 50000);
  expect_equal(from_at, 62345);
  expect_equal(to_at, 50777);
  expect_equal(lseek(from, 0, SEEK_CUR), 0);
  expect_equal(lseek(to, 0, SEEK_CUR), 0);
  expect_pattern(to, 50000, 777, 12345);
  expect_equal(stat_of("to").st_size, 50777);
}

CASE("copy_file_range stops at the end of the source") {
  const int from = open_filled("from"), to = open_new("to");
  off_t from_at = SIZE - 10;
  expect_equal(copy(from, &from_at, to, NULL, 1000), 10);
  from_at = SIZE + 10;
  expect_equal(copy(from, &from_at, to, NULL, 1000), 0);
  expect_equal(stat_of("to").st_size, 10);
}

CASE("copy_file_range copies within a file between ranges that do not overlap, and EINVAL for those that do") {
  const int fd = open_filled("file");
  off_t from_at = 0, to_at = 100000;
  expect_equal(copy(fd, &from_at, fd, &to_at, 50000), 50000);
  expect_pattern(fd, 50000, 100000, 0);
  from_at = 0;
  to_at = 10;
  expect_errno(EINVAL, copy_file_range(fd, &from_at, fd, &to_at, 100, 0));
}

CASE("copy_file_range: EBADF without the right access, EISDIR of a directory, EINVAL of flags") {
  const int from = open_filled("from"), to = open_new("to");
  make_dir("dir");
  expect_errno(EBADF, copy_file_range(from, NULL, (int)ok(open("to", O_RDONLY)), NULL, 10, 0));
  expect_errno(EBADF, copy_file_range((int)ok(open("from", O_WRONLY)), NULL, to, NULL, 10, 0));
  expect_errno(EBADF, copy_file_range(from, NULL, (int)ok(open("to", O_WRONLY | O_APPEND)), NULL, 10, 0));
  expect_errno(EISDIR, copy_file_range((int)ok(open("dir", O_RDONLY)), NULL, to, NULL, 10, 0));
  expect_errno(EINVAL, copy_file_range(from, NULL, to, NULL, 10, 0x80));
}

CASE("copy_file_range updates mtime and ctime of the destination only") {
  const int from = open_filled("from"), to = open_new("to");
  const struct stat source = stat_of("from");
  expect_times("to", MTIM | CTIM, copy(from, NULL, to, NULL, 100));
  check_times(&source, "from", NOTHING, HERE);
}

CASE("sendfile copies from a file to a file") {
  const int from = open_filled("from"), to = open_new("to");
  off_t at = 1000;
  size_t sent = 0;
  while (sent < 100000) sent += (size_t)ok(sendfile(to, from, &at, 100000 - sent));
  expect_equal(at, 101000);
  expect_pattern(to, 100000, 0, 1000);
}

CASE("splice moves bytes from a file to a pipe and on to a file") {
  const int from = open_filled("from"), to = open_new("to");
  int ends[2];
  ok(pipe(ends));
  off_t from_at = 500, to_at = 9;
  for (size_t moved = 0; moved < 60000;) {
    const ssize_t part = ok(splice(from, &from_at, ends[1], NULL, 60000 - moved, 0));
    expect(part > 0);
    for (ssize_t left = part; left > 0;) left -= ok(splice(ends[0], NULL, to, &to_at, (size_t)left, 0));
    moved += (size_t)part;
  }
  expect_pattern(to, 60000, 9, 500);
}
