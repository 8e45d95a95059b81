/* truncate(2), ftruncate(2) */
#include "../driver/promises.h"

#include <sys/resource.h>

PATH_PROMISES(truncate, truncate(path, 0))
FOLLOWED_PROMISES(truncate)

enum { MIB = 1 << 20 };

static void expect_zeros(int fd, off_t from, off_t to) {
  static unsigned char bytes[65536];
  while (from < to) {
    const size_t length = to - from < 65536 ? (size_t)(to - from) : 65536;
    expect_equal(pread(fd, bytes, length, from), length);
    for (size_t i = 0; i < length; i++) expect(bytes[i] == 0);
    from += (off_t)length;
  }
}

CASE("a file is cut, and keeps what is before") {
  make_file_with("file", "0123456789");
  ok(truncate("file", 4));
  expect_content("file", "0123");
  ok(truncate("file", 0));
  expect_content("file", "");
}

CASE("a file grows with zeros") {
  make_file_with("file", "text");
  ok(truncate("file", 100000));
  const int fd = (int)ok(open("file", O_RDONLY));
  expect_equal(stat_of_fd(fd).st_size, 100000);
  expect_zeros(fd, 4, 100000);
  char byte;
  expect_equal(pread(fd, &byte, 1, 100000), 0);
}

CASE("what was cut is zeros when the file grows again, in the same page and beyond") {
  const off_t cuts[] = {1, 100, 4095, 4096, 4097, 10000};
  static unsigned char bytes[20000];
  memset(bytes, 'x', sizeof bytes);
  for (int i = 0; i < 6; i++) {
    const int fd = (int)ok(open("file", O_RDWR | O_CREAT | O_TRUNC, 0644));
    expect_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    ok(ftruncate(fd, cuts[i]));
    ok(ftruncate(fd, sizeof bytes));
    expect_zeros(fd, cuts[i], sizeof bytes);
    char byte;
    expect_equal(pread(fd, &byte, 1, cuts[i] - 1), 1);
    expect_equal(byte, 'x');
    ok(close(fd));
  }
}

CASE("a write past what was cut leaves zeros between") {
  const int fd = open_new("file");
  put(fd, "0123456789");
  ok(ftruncate(fd, 2));
  expect_equal(pwrite(fd, "x", 1, 8), 1);
  char text[9];
  expect_equal(pread(fd, text, 9, 0), 9);
  expect(memcmp(text, "01\0\0\0\0\0\0x", 9) == 0);
}

CASE("the size it has is allowed, and keeps the content") {
  make_file_with("file", "text");
  ok(truncate("file", 4));
  expect_content("file", "text");
}

CASE("a change of size updates mtime and ctime") {
  make_file_with("file", "text");
  expect_times("file", MTIM | CTIM, truncate("file", 2));
  expect_times("file", MTIM | CTIM, truncate("file", 200));
  const int fd = (int)ok(open("file", O_WRONLY));
  expect_times("file", MTIM | CTIM, ftruncate(fd, 20));
}

CASE("the offset of a descriptor stays where it was") {
  const int fd = open_new("file");
  put(fd, "0123456789");
  ok(ftruncate(fd, 3));
  expect_equal(lseek(fd, 0, SEEK_CUR), 10);
  put(fd, "x");
  expect_equal(stat_of_fd(fd).st_size, 11);
}

CASE("the new size is seen by all descriptors and names") {
  make_file_with("file", "0123456789");
  ok(link("file", "other"));
  const int fd = (int)ok(open("other", O_RDONLY));
  ok(truncate("file", 5));
  expect_equal(stat_of_fd(fd).st_size, 5);
  expect_equal(stat_of("other").st_size, 5);
  char text[10];
  expect_equal(pread(fd, text, 10, 0), 5);
}

CASE("a symlink is followed") {
  make_file_with("file", "text");
  make_link("file", "link");
  ok(truncate("link", 1));
  expect_content("file", "t");
  expect_equal(stat_of("link").st_size, 4);
}

CASE("blocks are given back when a file is cut") {
  const int fd = open_new("file");
  char *bytes = malloc(MIB);
  memset(bytes, 'x', MIB);
  expect_equal(write(fd, bytes, MIB), MIB);
  ok(fsync(fd));
  const blkcnt_t before = stat_of_fd(fd).st_blocks;
  ok(ftruncate(fd, 4096));
  ok(fsync(fd));
  expect(stat_of_fd(fd).st_blocks < before);
}

CASE("1 TiB is a size that takes no blocks") {
  make_file("file");
  if (truncate("file", 1LL << 40) < 0 && errno == EFBIG) skip("files are smaller here");
  expect_equal(stat_of("file").st_size, 1LL << 40);
  expect(stat_of("file").st_blocks < 1024);
}

CASE("EINVAL for a negative length") {
  const int fd = open_new("file");
  expect_errno(EINVAL, truncate("file", -1));
  expect_errno(EINVAL, ftruncate(fd, -1));
}

CASE("EISDIR for a directory") {
  make_dir("dir");
  expect_errno(EISDIR, truncate("dir", 0));
}

CASE("EINVAL for a fifo") {
  ok(mkfifo("fifo", 0600));
  expect_errno(EINVAL, truncate("fifo", 0));
  expect_errno(EINVAL, ftruncate((int)ok(open("fifo", O_RDWR)), 0));
}

/* ftruncate(2): "EBADF or EINVAL: fd is not open for writing." */
CASE("EBADF or EINVAL from ftruncate of a descriptor that may not write") {
  make_file_with("file", "text");
  expect_either(EBADF, EINVAL, ftruncate((int)ok(open("file", O_RDONLY)), 0));
  expect_errno(EBADF, ftruncate((int)ok(open("file", O_PATH)), 0));
  expect_errno(EBADF, ftruncate(-1, 0));
  expect_content("file", "text");
}

CASE("EFBIG for a length above the limit of the process") {
  make_file_with("file", "text");
  const struct rlimit limit = {1000, 1000};
  ok(setrlimit(RLIMIT_FSIZE, &limit));
  expect_errno(EFBIG, truncate("file", 1001));
  expect_content("file", "text");
  ok(truncate("file", 1000));
}

/* truncate(2): "EFBIG or EINVAL: The argument length is larger than the maximum file size." */
CASE("EFBIG or EINVAL for a length that no file has, or it is kept") {
  make_file("file");
  const off_t largest = INT64_MAX;
  if (truncate("file", largest) < 0) expect(errno == EFBIG || errno == EINVAL);
  else expect_equal(stat_of("file").st_size, largest);
}

USER_CASE("EACCES without write permission") {
  make_file_with("file", "text");
  ok(chmod("file", 0444));
  expect_errno(EACCES, truncate("file", 0));
  expect_content("file", "text");
}

USER_CASE("a descriptor open for writing may cut after the permission is taken") {
  const int fd = open_new("file");
  put(fd, "text");
  ok(chmod("file", 0));
  ok(ftruncate(fd, 1));
  expect_equal(stat_of("file").st_size, 1);
}
