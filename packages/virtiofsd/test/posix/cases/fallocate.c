/* fallocate(2), posix_fallocate(3). A file system may lack it, or some of its modes (EOPNOTSUPP). */
#include "../driver/battery.h"

#include <linux/falloc.h>

enum { BLOCK = 65536 };

static int open_filled(size_t length) {
  unsigned char *bytes = malloc(length);
  fill_pattern(bytes, length, 0);
  const int fd = open_new("file");
  expect_equal(write(fd, bytes, length), length);
  free(bytes);
  return fd;
}

static void expect_piece(int fd, off_t from, off_t to, bool zeros) {
  static unsigned char bytes[4 * BLOCK];
  const size_t length = (size_t)(to - from);
  expect_equal(pread(fd, bytes, length, from), length);
  if (!zeros) expect(has_pattern(bytes, length, (uint64_t)from));
  for (size_t i = 0; zeros && i < length; i++) expect(bytes[i] == 0);
}

static void allocate(int fd, int mode, off_t offset, off_t length) {
  const int result = fallocate(fd, mode, offset, length);
  skip_if_unsupported(result, mode == 0 ? "fallocate" : "this mode of fallocate");
  ok(result);
}

CASE("a file grows to the end of the range, with zeros") {
  const int fd = open_filled(100);
  allocate(fd, 0, 50, BLOCK);
  expect_equal(stat_of_fd(fd).st_size, 50 + BLOCK);
  expect_piece(fd, 0, 100, false);
  expect_piece(fd, 100, 50 + BLOCK, true);
}

CASE("a range within the file keeps size and content") {
  const int fd = open_filled(BLOCK);
  allocate(fd, 0, 10, 1000);
  expect_equal(stat_of_fd(fd).st_size, BLOCK);
  expect_piece(fd, 0, BLOCK, false);
}

CASE("what is allocated takes blocks") {
  const int fd = open_new("file");
  allocate(fd, 0, 0, 1 << 20);
  ok(fsync(fd));
  expect(stat_of_fd(fd).st_blocks >= (1 << 20) / 512);
}

CASE("FALLOC_FL_KEEP_SIZE keeps the size past the end") {
  const int fd = open_filled(100);
  allocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1 << 20);
  expect_equal(stat_of_fd(fd).st_size, 100);
  expect_piece(fd, 0, 100, false);
}

CASE("FALLOC_FL_PUNCH_HOLE makes zeros of the range only") {
  const int fd = open_filled(4 * BLOCK);
  allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, BLOCK + 10, BLOCK);
  expect_piece(fd, 0, BLOCK + 10, false);
  expect_piece(fd, BLOCK + 10, 2 * BLOCK + 10, true);
  expect_piece(fd, 2 * BLOCK + 10, 4 * BLOCK, false);
  expect_equal(stat_of_fd(fd).st_size, 4 * BLOCK);
}

CASE("FALLOC_FL_PUNCH_HOLE gives blocks back") {
  const int fd = open_filled(4 * BLOCK);
  ok(fsync(fd));
  const blkcnt_t before = stat_of_fd(fd).st_blocks;
  allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 * BLOCK);
  ok(fsync(fd));
  expect(stat_of_fd(fd).st_blocks < before);
}

CASE("FALLOC_FL_PUNCH_HOLE past the end changes nothing") {
  const int fd = open_filled(100);
  allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, BLOCK, BLOCK);
  expect_equal(stat_of_fd(fd).st_size, 100);
  expect_piece(fd, 0, 100, false);
}

CASE("FALLOC_FL_ZERO_RANGE makes zeros, and grows the file unless told not to") {
  const int fd = open_filled(BLOCK);
  allocate(fd, FALLOC_FL_ZERO_RANGE, BLOCK / 2, BLOCK);
  expect_equal(stat_of_fd(fd).st_size, BLOCK + BLOCK / 2);
  expect_piece(fd, 0, BLOCK / 2, false);
  expect_piece(fd, BLOCK / 2, BLOCK + BLOCK / 2, true);
  allocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 3 * BLOCK);
  expect_equal(stat_of_fd(fd).st_size, BLOCK + BLOCK / 2);
  expect_piece(fd, 0, BLOCK, true);
}

CASE("a change of content or size updates mtime and ctime") {
  const int fd = open_filled(BLOCK);
  allocate(fd, 0, 0, 1);
  expect_times("file", MTIM | CTIM, fallocate(fd, 0, 0, 2 * BLOCK));
}

CASE("posix_fallocate grows a file, and answers its error") {
  const int fd = open_filled(100);
  const int error = posix_fallocate(fd, 0, BLOCK);
  if (error == EOPNOTSUPP) skip("posix_fallocate is not supported here");
  expect_equal(error, 0);
  expect_equal(stat_of_fd(fd).st_size, BLOCK);
  expect_equal(posix_fallocate(fd, 0, 0), EINVAL);
}

CASE("EINVAL for a length of 0 or below, and an offset below 0") {
  const int fd = open_filled(100);
  allocate(fd, 0, 0, 1);
  expect_errno(EINVAL, fallocate(fd, 0, 0, 0));
  expect_errno(EINVAL, fallocate(fd, 0, 0, -1));
  expect_errno(EINVAL, fallocate(fd, 0, -1, 10));
}

CASE("EFBIG for a range past the largest file") {
  const int fd = open_filled(100);
  allocate(fd, 0, 0, 1);
  expect_errno(EFBIG, fallocate(fd, 0, INT64_MAX - 10, 100));
}

CASE("EBADF for a descriptor that may not write") {
  make_file("file");
  expect_errno(EBADF, fallocate((int)ok(open("file", O_RDONLY)), 0, 0, 10));
  expect_errno(EBADF, fallocate(-1, 0, 0, 10));
}

CASE("ESPIPE for a fifo") {
  ok(mkfifo("fifo", 0600));
  expect_errno(ESPIPE, fallocate((int)ok(open("fifo", O_RDWR)), 0, 0, 10));
}

/* fallocate(2): EOPNOTSUPP for a mode that the file system or the kernel does not have. */
CASE("EOPNOTSUPP for FALLOC_FL_PUNCH_HOLE alone and for modes that are not known") {
  const int fd = open_filled(100);
  expect_either(EOPNOTSUPP, EINVAL, fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
  expect_either(EOPNOTSUPP, EINVAL, fallocate(fd, 0x8000, 0, 10));
  expect_piece(fd, 0, 100, false);
}

CASE("a range far out makes a file of that size") {
  const int fd = open_new("file");
  allocate(fd, 0, (off_t)5 << 30, 10);
  expect_equal(stat_of_fd(fd).st_size, ((off_t)5 << 30) + 10);
}
