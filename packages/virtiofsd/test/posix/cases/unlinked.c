/* Files that are open and have no name: unlink(2), "the file will remain in existence until the last file descriptor is closed" */
#include "../driver/battery.h"

static int open_unlinked(const char *text) {
  const int fd = open_new("file");
  put(fd, text);
  ok(unlink("file"));
  return fd;
}

static void expect_text(int fd, const char *text) {
  char bytes[256];
  expect_equal(pread(fd, bytes, sizeof bytes, 0), strlen(text));
  expect(memcmp(bytes, text, strlen(text)) == 0);
}

CASE("the content is read and written on") {
  const int fd = open_unlinked("before");
  expect_text(fd, "before");
  put(fd, " and after");
  expect_text(fd, "before and after");
}

CASE("fstat answers no link, and the size as it changes") {
  const int fd = open_unlinked("text");
  expect_equal(stat_of_fd(fd).st_nlink, 0);
  expect_equal(stat_of_fd(fd).st_size, 4);
  put(fd, "more");
  expect_equal(stat_of_fd(fd).st_size, 8);
}

CASE("ftruncate cuts and grows") {
  const int fd = open_unlinked("0123456789");
  ok(ftruncate(fd, 3));
  expect_text(fd, "012");
  ok(ftruncate(fd, 5000));
  expect_equal(stat_of_fd(fd).st_size, 5000);
}

CASE("fchmod and futimens change what fstat answers") {
  const int fd = open_unlinked("");
  ok(fchmod(fd, 0614));
  expect_equal(stat_of_fd(fd).st_mode, S_IFREG | 0614);
  ok(futimens(fd, (const struct timespec[]){{11, 22}, {33, 44}}));
  expect_equal(stat_of_fd(fd).st_mtim.tv_sec, 33);
  expect_equal(stat_of_fd(fd).st_mtim.tv_nsec, 44);
}

ROOT_CASE("fchown changes what fstat answers") {
  const int fd = open_unlinked("");
  ok(fchown(fd, 12, 34));
  expect_equal(stat_of_fd(fd).st_uid, 12);
  expect_equal(stat_of_fd(fd).st_gid, 34);
}

CASE("fsync, fdatasync and lseek work") {
  const int fd = open_unlinked("text");
  ok(fsync(fd));
  ok(fdatasync(fd));
  expect_equal(lseek(fd, 0, SEEK_END), 4);
}

CASE("a file replaced by rename is unlinked in the same way") {
  const int fd = open_new("old");
  put(fd, "old");
  make_file_with("new", "new");
  ok(rename("new", "old"));
  put(fd, "er");
  expect_text(fd, "older");
  ok(fchmod(fd, 0600));
  expect_equal(stat_of_fd(fd).st_nlink, 0);
  expect_content("old", "new");
}

CASE("a new file of the same name is another one") {
  const int fd = open_unlinked("old");
  make_file_with("file", "new");
  expect_text(fd, "old");
  expect(stat_of_fd(fd).st_ino != stat_of("file").st_ino);
  ok(ftruncate(fd, 0));
  expect_content("file", "new");
}

CASE("a hundred unlinked files stay apart") {
  int fds[100];
  char text[32];
  for (int i = 0; i < 100; i++) {
    snprintf(text, sizeof text, "file %d", i);
    fds[i] = open_unlinked(text);
  }
  for (int i = 0; i < 100; i++) {
    snprintf(text, sizeof text, "file %d", i);
    expect_text(fds[i], text);
  }
  expect_equal(count_entries("."), 0);
}

CASE("the directory can be removed while the file is open") {
  make_dir("dir");
  const int fd = open_new("dir/file");
  ok(unlink("dir/file"));
  ok(rmdir("dir"));
  put(fd, "text");
  expect_text(fd, "text");
}

CASE("a child process uses what its parent unlinked") {
  const int fd = open_unlinked("parent");
  SPAWN {
    expect_text(fd, "parent");
    expect_equal(pwrite(fd, "child!", 6, 0), 6);
  }
  join();
  expect_text(fd, "child!");
}

CASE("ENOENT from linkat of a file whose last name is gone") {
  const int fd = open_unlinked("text");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (!exists("/proc/self/fd")) skip("/proc is not mounted");
  expect_errno(ENOENT, linkat(AT_FDCWD, path, AT_FDCWD, "again", AT_SYMLINK_FOLLOW));
}

CASE("it is opened again by its name in /proc") {
  const int fd = open_unlinked("text");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (!exists("/proc/self/fd")) skip("/proc is not mounted");
  expect_text((int)ok(open(path, O_RDONLY)), "text");
}

CASE("O_APPEND appends") {
  make_file("file");
  const int fd = (int)ok(open("file", O_RDWR | O_APPEND));
  ok(unlink("file"));
  put(fd, "one");
  put(fd, "two");
  expect_text(fd, "onetwo");
}
