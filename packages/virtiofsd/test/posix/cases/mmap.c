/* mmap(2), msync(2). A file system may lack shared mappings (ENODEV), as FUSE does with direct I/O. */
#include "../driver/battery.h"

#include <setjmp.h>

enum { PAGE = 4096, SIZE = 4 * PAGE };

static unsigned char *map(int fd, size_t length, int protection, int flags, off_t offset) {
  unsigned char *bytes = mmap(NULL, length, protection, flags, fd, offset);
  if (bytes == MAP_FAILED && errno == ENODEV) skip("shared mappings are not supported here");
  expect(bytes != MAP_FAILED);
  return bytes;
}

static int open_filled(void) {
  static unsigned char bytes[SIZE];
  fill_pattern(bytes, SIZE, 0);
  const int fd = open_new("file");
  expect_equal(write(fd, bytes, SIZE), SIZE);
  return fd;
}

CASE("a shared mapping shows the content") {
  const int fd = open_filled();
  expect(has_pattern(map(fd, SIZE, PROT_READ, MAP_SHARED, 0), SIZE, 0));
}

CASE("a private mapping shows the content, and keeps its changes to itself") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
  expect(has_pattern(bytes, SIZE, 0));
  memset(bytes, 'x', SIZE);
  unsigned char read_back[SIZE];
  expect_equal(pread(fd, read_back, SIZE, 0), SIZE);
  expect(has_pattern(read_back, SIZE, 0));
}

CASE("a mapping starts at an offset in pages") {
  const int fd = open_filled();
  expect(has_pattern(map(fd, PAGE, PROT_READ, MAP_SHARED, 2 * PAGE), PAGE, 2 * PAGE));
}

CASE("what is stored in a shared mapping is read at once") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  memcpy(bytes + 5000, "stored", 6);
  char text[6];
  expect_equal(pread(fd, text, 6, 5000), 6);
  expect(memcmp(text, "stored", 6) == 0);
}

CASE("what is written is seen at once in a shared mapping") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ, MAP_SHARED, 0);
  expect(has_pattern(bytes, SIZE, 0));
  expect_equal(pwrite(fd, "written", 7, 9000), 7);
  expect(memcmp(bytes + 9000, "written", 7) == 0);
}

CASE("two mappings of a file, by two descriptors, are one memory") {
  const int fd = open_filled(), other = (int)ok(open("file", O_RDWR));
  unsigned char *a = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  unsigned char *b = map(other, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  memcpy(a + 100, "from a", 6);
  expect(memcmp(b + 100, "from a", 6) == 0);
  memcpy(b + 200, "from b", 6);
  expect(memcmp(a + 200, "from b", 6) == 0);
}

CASE("another process sees what is stored in a shared mapping") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  SPAWN {
    const int own = (int)ok(open("file", O_RDWR));
    memcpy(map(own, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0) + 300, "child", 5);
  }
  join();
  expect(memcmp(bytes + 300, "child", 5) == 0);
}

CASE("msync and fsync write what was stored, and it is there when opened again") {
  int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  memcpy(bytes, "synced", 6);
  ok(msync(bytes, SIZE, MS_SYNC));
  ok(munmap(bytes, SIZE));
  ok(fsync(fd));
  ok(close(fd));
  fd = (int)ok(open("file", O_RDONLY));
  char text[6];
  expect_equal(read(fd, text, 6), 6);
  expect(memcmp(text, "synced", 6) == 0);
}

CASE("the mapping goes on when the descriptor is closed and the file unlinked") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  ok(close(fd));
  ok(unlink("file"));
  expect(has_pattern(bytes, SIZE, 0));
  bytes[SIZE - 1] = 'x';
  ok(msync(bytes, SIZE, MS_SYNC));
}

CASE("what is stored by a mapping after the descriptor is closed is kept") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  ok(close(fd));
  memcpy(bytes + 10, "late", 4);
  ok(munmap(bytes, SIZE));
  char text[4];
  expect_equal(pread((int)ok(open("file", O_RDONLY)), text, 4, 10), 4);
  expect(memcmp(text, "late", 4) == 0);
}

/* mmap(2) BUGS: Linux keeps what is stored there in the page, so what a later growth shows is not promised. */
CASE("the rest of the last page is zeros, and what is stored there does not reach the file") {
  const int fd = open_new("file");
  put(fd, "text");
  unsigned char *bytes = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  for (int i = 4; i < PAGE; i++) expect(bytes[i] == 0);
  memset(bytes + 4, 'x', 100);
  ok(msync(bytes, PAGE, MS_SYNC));
  expect_equal(stat_of("file").st_size, 4);
  expect_content("file", "text");
}

CASE("a mapping sees the file grow") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  ok(ftruncate(fd, 8 * PAGE));
  expect(bytes[7 * PAGE] == 0);
  bytes[7 * PAGE] = 'x';
  char byte;
  expect_equal(pread(fd, &byte, 1, 7 * PAGE), 1);
  expect_equal(byte, 'x');
}

static sigjmp_buf before_access;
static void on_bus_error(int signal) { siglongjmp(before_access, signal); }

CASE("SIGBUS from a page past the end, and after the file was cut") {
  const int fd = open_filled();
  volatile unsigned char *bytes = map(fd, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  signal(SIGBUS, on_bus_error);
  volatile int reached = 0;
  if (sigsetjmp(before_access, 1) == 0) {
    bytes[5 * PAGE] = 'x';
    reached += 1;
  }
  expect(bytes[3 * PAGE] == bytes[3 * PAGE]);
  ok(ftruncate(fd, PAGE));
  if (sigsetjmp(before_access, 1) == 0) {
    bytes[3 * PAGE] = 'x';
    reached += 1;
  }
  expect_equal(reached, 0);
}

CASE("storing in a shared mapping updates the mtime, by msync at the latest") {
  const int fd = open_filled();
  unsigned char *bytes = map(fd, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  const struct stat before = stat_of("file");
  tick();
  bytes[0] = 'x';
  ok(msync(bytes, SIZE, MS_SYNC));
  ok(munmap(bytes, SIZE));
  ok(close(fd));
  check_times(&before, "file", MTIM | CTIM, HERE);
}

static long long map_result(int fd, size_t length, int protection, int flags, off_t offset) {
  return mmap(NULL, length, protection, flags, fd, offset) == MAP_FAILED ? -1 : 0;
}

CASE("EACCES for a shared mapping to write of a descriptor to read, and for any of one to write") {
  make_file_with("file", "text");
  const int reader = (int)ok(open("file", O_RDONLY)), writer = (int)ok(open("file", O_WRONLY));
  map(reader, PAGE, PROT_READ, MAP_SHARED, 0);
  expect_errno(EACCES, map_result(reader, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0));
  expect_errno(EACCES, map_result(writer, PAGE, PROT_READ, MAP_PRIVATE, 0));
  ok(map_result(reader, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0));
}

CASE("ENODEV for a directory, EBADF for no descriptor, EINVAL for an offset within a page") {
  make_dir("dir");
  make_file("file");
  expect_errno(ENODEV, map_result((int)ok(open("dir", O_RDONLY)), PAGE, PROT_READ, MAP_SHARED, 0));
  expect_errno(EBADF, map_result(-1, PAGE, PROT_READ, MAP_SHARED, 0));
  volatile off_t within = 100;
  expect_errno(EINVAL, map_result((int)ok(open("file", O_RDONLY)), PAGE, PROT_READ, MAP_SHARED, within));
}

CASE("8 MiB are stored by a mapping out of order, and read back") {
  enum { LARGE = 8 << 20 };
  const int fd = open_new("file");
  ok(ftruncate(fd, LARGE));
  unsigned char *bytes = map(fd, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
  for (int i = 0; i < LARGE / PAGE; i++) {
    const size_t page = (size_t)i * 1031 % (LARGE / PAGE);
    fill_pattern(bytes + page * PAGE, PAGE, page * PAGE);
  }
  ok(munmap(bytes, LARGE));
  unsigned char *read_back = malloc(LARGE);
  expect_equal(pread(fd, read_back, LARGE, 0), LARGE);
  expect(has_pattern(read_back, LARGE, 0));
}
