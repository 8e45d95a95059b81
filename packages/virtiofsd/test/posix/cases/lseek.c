/* lseek(2), SEEK_DATA and SEEK_HOLE included */
#include "../driver/battery.h"

CASE("SEEK_SET, SEEK_CUR and SEEK_END answer the new offset") {
  const int fd = open_new("file");
  put(fd, "0123456789");
  expect_equal(lseek(fd, 3, SEEK_SET), 3);
  expect_equal(lseek(fd, 4, SEEK_CUR), 7);
  expect_equal(lseek(fd, -5, SEEK_CUR), 2);
  expect_equal(lseek(fd, -1, SEEK_END), 9);
  expect_equal(lseek(fd, 0, SEEK_END), 10);
}

CASE("SEEK_END follows the size as another descriptor changes it") {
  const int fd = open_new("file"), other = (int)ok(open("file", O_WRONLY));
  put(other, "0123456789");
  expect_equal(lseek(fd, 0, SEEK_END), 10);
  ok(ftruncate(other, 4));
  expect_equal(lseek(fd, 0, SEEK_END), 4);
}

CASE("an offset past the end is allowed, and leaves the size until something is written") {
  const int fd = open_new("file");
  expect_equal(lseek(fd, 5000, SEEK_SET), 5000);
  expect_equal(stat_of_fd(fd).st_size, 0);
  put(fd, "x");
  expect_equal(stat_of_fd(fd).st_size, 5001);
}

CASE("EINVAL for an offset below 0, which is then kept") {
  const int fd = open_new("file");
  put(fd, "0123");
  expect_errno(EINVAL, lseek(fd, -1, SEEK_SET));
  expect_errno(EINVAL, lseek(fd, -5, SEEK_CUR));
  expect_errno(EINVAL, lseek(fd, -5, SEEK_END));
  expect_equal(lseek(fd, 0, SEEK_CUR), 4);
}

CASE("EINVAL for a whence that is not known, EBADF for a descriptor that is not open") {
  const int fd = open_new("file");
  expect_errno(EINVAL, lseek(fd, 0, 99));
  expect_errno(EBADF, lseek(-1, 0, SEEK_SET));
}

/* lseek(2): EOVERFLOW or EINVAL when the offset cannot be represented or is beyond the end of a seekable device. */
CASE("EOVERFLOW or EINVAL for an offset that has no room in off_t") {
  const int fd = open_new("file");
  put(fd, "0123");
  expect_either(EOVERFLOW, EINVAL, lseek(fd, INT64_MAX, SEEK_CUR));
  expect_either(EOVERFLOW, EINVAL, lseek(fd, INT64_MAX, SEEK_END));
}

/* lseek(2): a file system may report all as data, with one hole at the end. */
enum { HOLE_END = 1 << 20, DATA_END = HOLE_END + 65536, SIZE = 3 << 20 };

static int open_sparse(void) {
  static char bytes[DATA_END - HOLE_END];
  memset(bytes, 'x', sizeof bytes);
  const int fd = open_new("file");
  expect_equal(pwrite(fd, bytes, sizeof bytes, HOLE_END), sizeof bytes);
  ok(ftruncate(fd, SIZE));
  ok(fsync(fd));
  if (lseek(fd, 0, SEEK_DATA) < 0 && errno == EINVAL) skip("SEEK_DATA is not supported here");
  return fd;
}

CASE("SEEK_DATA finds the data after a hole, or takes all for data") {
  const int fd = open_sparse();
  const off_t data = ok(lseek(fd, 0, SEEK_DATA));
  expect(data >= 0 && data <= HOLE_END);
  expect_equal(lseek(fd, HOLE_END, SEEK_DATA), HOLE_END);
  expect_equal(lseek(fd, HOLE_END + 10, SEEK_DATA), HOLE_END + 10);
}

CASE("SEEK_HOLE finds the hole after data, or the end") {
  const int fd = open_sparse();
  const off_t hole = ok(lseek(fd, HOLE_END, SEEK_HOLE));
  expect(hole >= DATA_END && hole <= SIZE);
  const off_t first = ok(lseek(fd, 0, SEEK_HOLE));
  expect(first == 0 || first == SIZE);
}

CASE("SEEK_DATA and SEEK_HOLE move the offset") {
  const int fd = open_sparse();
  const off_t hole = ok(lseek(fd, HOLE_END, SEEK_HOLE));
  expect_equal(lseek(fd, 0, SEEK_CUR), hole);
}

CASE("ENXIO from SEEK_DATA in the last hole, or it is taken for data") {
  const int fd = open_sparse();
  const off_t data = lseek(fd, SIZE - 4096, SEEK_DATA);
  if (data < 0) expect_equal(errno, ENXIO);
  else expect_equal(data, SIZE - 4096);
}

CASE("ENXIO from SEEK_DATA and SEEK_HOLE at the end and past it") {
  const int fd = open_sparse();
  expect_errno(ENXIO, lseek(fd, SIZE, SEEK_DATA));
  expect_errno(ENXIO, lseek(fd, SIZE, SEEK_HOLE));
  expect_errno(ENXIO, lseek(fd, SIZE + 100, SEEK_DATA));
}

CASE("a file without holes has one at its end") {
  const int fd = open_new("file");
  put(fd, "text");
  expect_equal(lseek(fd, 0, SEEK_HOLE), 4);
  expect_equal(lseek(fd, 1, SEEK_DATA), 1);
}

CASE("data written into a hole is found, before it is on the disk too") {
  const int fd = open_sparse();
  expect_equal(pwrite(fd, "y", 1, 2 << 20), 1);
  expect_equal(lseek(fd, 2 << 20, SEEK_DATA), 2 << 20);
  const off_t data = ok(lseek(fd, DATA_END, SEEK_DATA));
  expect(data <= 2 << 20);
}

CASE("walking by SEEK_DATA and SEEK_HOLE copies a sparse file") {
  const int from = open_sparse();
  off_t end = 0, copied = 0;
  for (off_t start; (start = lseek(from, end, SEEK_DATA)) >= 0;) {
    end = ok(lseek(from, start, SEEK_HOLE));
    expect(end > start);
    copied += end - start;
  }
  expect_equal(errno, ENXIO);
  expect(copied >= DATA_END - HOLE_END && copied <= SIZE);
}
