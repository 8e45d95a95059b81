/* read(2), pread(2), readv(2), preadv(2) */
#include "../driver/battery.h"

#include <sys/syscall.h>
#include <sys/uio.h>

static char buffer[4096];

CASE("read answers the bytes from the offset on, and moves it") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_equal(read(fd, buffer, 4), 4);
  expect(memcmp(buffer, "0123", 4) == 0);
  expect_equal(read(fd, buffer, 4), 4);
  expect(memcmp(buffer, "4567", 4) == 0);
  expect_equal(lseek(fd, 0, SEEK_CUR), 8);
}

CASE("a read across the end is short, and one at or past the end is 0") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_equal(pread(fd, buffer, sizeof buffer, 7), 3);
  expect_equal(pread(fd, buffer, sizeof buffer, 10), 0);
  expect_equal(pread(fd, buffer, sizeof buffer, 1 << 30), 0);
  ok(lseek(fd, 100, SEEK_SET));
  expect_equal(read(fd, buffer, 1), 0);
  expect_equal(lseek(fd, 0, SEEK_CUR), 100);
}

CASE("an empty file reads as nothing") {
  make_file("file");
  expect_equal(read((int)ok(open("file", O_RDONLY)), buffer, 1), 0);
}

CASE("a read of 0 bytes is 0") {
  make_file_with("file", "text");
  expect_equal(read((int)ok(open("file", O_RDONLY)), buffer, 0), 0);
}

CASE("pread leaves the offset") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY));
  ok(lseek(fd, 2, SEEK_SET));
  expect_equal(pread(fd, buffer, 2, 6), 2);
  expect(memcmp(buffer, "67", 2) == 0);
  expect_equal(lseek(fd, 0, SEEK_CUR), 2);
}

CASE("readv and preadv fill one piece after the other") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY));
  char a[3], b[1], c[9];
  const struct iovec pieces[] = {{a, 3}, {b, 1}, {NULL, 0}, {c, 9}};
  expect_equal(readv(fd, pieces, 4), 10);
  expect(memcmp(a, "012", 3) == 0 && b[0] == '3' && memcmp(c, "456789", 6) == 0);
  expect_equal(preadv(fd, pieces, 2, 5), 4);
  expect(memcmp(a, "567", 3) == 0 && b[0] == '8');
}

CASE("a hole reads as zeros, next to data") {
  const int fd = open_new("file");
  expect_equal(pwrite(fd, "x", 1, 100000), 1);
  static char bytes[100001];
  expect_equal(pread(fd, bytes, sizeof bytes, 0), sizeof bytes);
  for (int i = 0; i < 100000; i++) expect(bytes[i] == 0);
  expect_equal(bytes[100000], 'x');
}

CASE("descriptors that were duplicated share the offset, others do not") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY)), same = (int)ok(dup(fd)), apart = (int)ok(open("file", O_RDONLY));
  expect_equal(read(fd, buffer, 3), 3);
  expect_equal(lseek(same, 0, SEEK_CUR), 3);
  expect_equal(lseek(apart, 0, SEEK_CUR), 0);
}

CASE("a child process shares the offset") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_RDONLY));
  SPAWN { expect_equal(read(fd, buffer, 4), 4); }
  join();
  expect_equal(lseek(fd, 0, SEEK_CUR), 4);
}

CASE("reads of odd lengths at odd places are right, in a file of 1 MiB") {
  enum { SIZE = 1 << 20 };
  unsigned char *bytes = malloc(SIZE);
  fill_pattern(bytes, SIZE, 0);
  const int fd = open_new("file");
  expect_equal(write(fd, bytes, SIZE), SIZE);
  for (size_t length = 1, offset = 0; offset < SIZE; offset += length, length = length * 3 % 9973 + 1) {
    const size_t left = SIZE - offset < length ? SIZE - offset : length;
    expect_equal(pread(fd, bytes, length, (off_t)offset), left);
    expect(has_pattern(bytes, left, offset));
  }
}

CASE("EISDIR from reading a directory") {
  make_dir("dir");
  const int fd = (int)ok(open("dir", O_RDONLY));
  expect_errno(EISDIR, read(fd, buffer, 1));
  expect_errno(EISDIR, pread(fd, buffer, 1, 0));
}

CASE("EINVAL for a negative offset, EBADF for a descriptor that is not open") {
  make_file_with("file", "text");
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_errno(EINVAL, pread(fd, buffer, 1, -1));
  expect_errno(EBADF, read(-1, buffer, 1));
  ok(close(fd));
  expect_errno(EBADF, read(fd, buffer, 1));
}

CASE("EFAULT for a buffer at a bad address") {
  make_file_with("file", "text");
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_errno(EFAULT, syscall(SYS_read, fd, bad_address, 4));
  expect_equal(read(fd, buffer, 4), 4);
}

CASE("EINVAL from readv with a number of pieces below 0 or above IOV_MAX") {
  make_file_with("file", "text");
  const int fd = (int)ok(open("file", O_RDONLY));
  static struct iovec pieces[1025];
  expect_errno(EINVAL, syscall(SYS_readv, fd, pieces, -1));
  expect_errno(EINVAL, syscall(SYS_readv, fd, pieces, 1025));
}

CASE("reading changes neither mtime nor ctime") {
  make_file_with("file", "text");
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_times("file", NOTHING, read(fd, buffer, 4));
}
