/* write(2), pwrite(2), writev(2), O_APPEND, fsync(2) */
#include "../driver/battery.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

CASE("write puts bytes at the offset, and moves it") {
  const int fd = open_new("file");
  put(fd, "0123");
  put(fd, "4567");
  expect_equal(lseek(fd, 0, SEEK_CUR), 8);
  ok(lseek(fd, 2, SEEK_SET));
  put(fd, "xx");
  expect_content("file", "01xx4567");
}

CASE("pwrite leaves the offset") {
  const int fd = open_new("file");
  put(fd, "0123456789");
  expect_equal(pwrite(fd, "ab", 2, 4), 2);
  expect_equal(lseek(fd, 0, SEEK_CUR), 10);
  expect_content("file", "0123ab6789");
}

CASE("a write of 0 bytes is 0, and leaves size and times") {
  const int fd = open_new("file");
  expect_times("file", NOTHING, write(fd, "", 0));
  expect_equal(pwrite(fd, "", 0, 1000), 0);
  expect_equal(stat_of("file").st_size, 0);
}

CASE("writev and pwritev put one piece after the other") {
  const int fd = open_new("file");
  const struct iovec pieces[] = {{"one", 3}, {"", 0}, {"two", 3}};
  expect_equal(writev(fd, pieces, 3), 6);
  expect_equal(pwritev(fd, pieces, 3, 4), 6);
  expect_content("file", "onetonetwo");
}

CASE("mtime and ctime are updated") {
  const int fd = open_new("file");
  expect_times("file", MTIM | CTIM, write(fd, "x", 1));
  expect_times("file", MTIM | CTIM, pwrite(fd, "y", 1, 0));
}

CASE("what is written is read at once by another descriptor, and by another process") {
  const int fd = open_new("file"), other = (int)ok(open("file", O_RDONLY));
  put(fd, "text");
  char text[4];
  expect_equal(read(other, text, 4), 4);
  expect(memcmp(text, "text", 4) == 0);
  SPAWN { expect_content("file", "text"); }
  join();
}

CASE("O_APPEND writes at the end, wherever the offset was") {
  make_file_with("file", "start");
  const int fd = (int)ok(open("file", O_RDWR | O_APPEND));
  ok(lseek(fd, 0, SEEK_SET));
  put(fd, "+one");
  expect_equal(lseek(fd, 0, SEEK_CUR), 9);
  const int other = (int)ok(open("file", O_WRONLY | O_APPEND));
  put(other, "+two");
  put(fd, "+three");
  expect_content("file", "start+one+two+three");
}

/* pwrite(2) BUGS: "if a file is opened with O_APPEND, on Linux, pwrite() appends data to the end of the file" */
CASE("pwrite to a descriptor with O_APPEND appends") {
  make_file_with("file", "0123");
  const int fd = (int)ok(open("file", O_RDWR | O_APPEND));
  expect_equal(pwrite(fd, "x", 1, 0), 1);
  expect_content("file", "0123x");
}

CASE("O_APPEND set and cleared by fcntl holds from then on") {
  const int fd = open_new("file");
  put(fd, "0123");
  ok(fcntl(fd, F_SETFL, O_APPEND));
  ok(lseek(fd, 0, SEEK_SET));
  put(fd, "4");
  ok(fcntl(fd, F_SETFL, 0));
  ok(lseek(fd, 0, SEEK_SET));
  put(fd, "x");
  expect_content("file", "x1234");
}

CASE("O_APPEND after the file was cut by another descriptor writes at the new end") {
  make_file_with("file", "0123456789");
  const int fd = (int)ok(open("file", O_WRONLY | O_APPEND));
  put(fd, "x");
  ok(truncate("file", 2));
  put(fd, "y");
  expect_content("file", "01y");
}

CASE("3 MiB are written at once, at an odd place, and read back") {
  enum { SIZE = 3 << 20, PLACE = 12345 };
  unsigned char *bytes = malloc(SIZE);
  fill_pattern(bytes, SIZE, PLACE);
  const int fd = open_new("file");
  expect_equal(pwrite(fd, bytes, SIZE, PLACE), SIZE);
  expect_equal(stat_of("file").st_size, SIZE + PLACE);
  memset(bytes, 0, SIZE);
  expect_equal(pread(fd, bytes, SIZE, PLACE), SIZE);
  expect(has_pattern(bytes, SIZE, PLACE));
}

CASE("writes of odd lengths at odd places fit together") {
  enum { SIZE = 300000 };
  unsigned char *bytes = malloc(SIZE);
  const int fd = open_new("file");
  for (size_t length = 1, offset = 0; offset < SIZE; offset += length, length = length * 3 % 9973 + 1) {
    const size_t left = SIZE - offset < length ? SIZE - offset : length;
    fill_pattern(bytes, left, offset);
    expect_equal(pwrite(fd, bytes, left, (off_t)offset), left);
  }
  expect_equal(pread(fd, bytes, SIZE, 0), SIZE);
  expect(has_pattern(bytes, SIZE, 0));
  expect_equal(stat_of("file").st_size, SIZE);
}

CASE("pieces written backwards fit together") {
  enum { PIECE = 4093, COUNT = 32 };
  static unsigned char bytes[PIECE];
  const int fd = open_new("file");
  for (int i = COUNT - 1; i >= 0; i--) {
    fill_pattern(bytes, PIECE, (uint64_t)i * PIECE);
    expect_equal(pwrite(fd, bytes, PIECE, (off_t)i * PIECE), PIECE);
  }
  for (int i = 0; i < COUNT; i++) {
    expect_equal(read(fd, bytes, PIECE), PIECE);
    expect(has_pattern(bytes, PIECE, (uint64_t)i * PIECE));
  }
}

CASE("fsync and fdatasync work for files, and fsync for directories") {
  const int fd = open_new("file");
  put(fd, "text");
  ok(fdatasync(fd));
  ok(fsync(fd));
  ok(fsync((int)ok(open("file", O_RDONLY))));
  make_dir("dir");
  ok(fsync((int)ok(open("dir", O_RDONLY))));
  expect_errno(EBADF, fsync(-1));
}

CASE("EFBIG above the limit of the process, after a short write up to it") {
  const int fd = open_new("file");
  const struct rlimit limit = {10, 10};
  ok(setrlimit(RLIMIT_FSIZE, &limit));
  expect_equal(write(fd, "0123456789abcdef", 16), 10);
  expect_errno(EFBIG, write(fd, "x", 1));
  expect_errno(EFBIG, pwrite(fd, "x", 1, 100));
  expect_equal(stat_of("file").st_size, 10);
}

CASE("EINVAL for a negative offset, EBADF for a descriptor that is not open") {
  const int fd = open_new("file");
  expect_errno(EINVAL, pwrite(fd, "x", 1, -1));
  ok(close(fd));
  expect_errno(EBADF, write(fd, "x", 1));
}

CASE("EBADF from writing a directory") {
  make_dir("dir");
  expect_errno(EBADF, write((int)ok(open("dir", O_RDONLY)), "x", 1));
}

CASE("EFAULT for bytes at a bad address, and the size is kept") {
  const int fd = open_new("file");
  put(fd, "text");
  expect_errno(EFAULT, syscall(SYS_write, fd, bad_address, 4));
  expect_content("file", "text");
}

CASE("a file that is rewritten in place keeps inode and links") {
  make_file_with("file", "old text");
  ok(link("file", "other"));
  const ino_t inode = stat_of("file").st_ino;
  put((int)ok(open("file", O_WRONLY)), "new");
  expect_equal(stat_of("file").st_ino, inode);
  expect_content("other", "new text");
}
