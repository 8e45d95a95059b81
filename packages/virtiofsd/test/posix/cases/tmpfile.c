/* open(2) with O_TMPFILE, which not every file system has (EOPNOTSUPP; EISDIR before Linux knew the flag) */
#include "../driver/battery.h"

static int open_unnamed(const char *directory, int flags) {
  const int fd = open(directory, O_TMPFILE | flags, 0600);
  if (fd < 0 && errno == EISDIR) errno = EOPNOTSUPP;
  skip_if_unsupported(fd, "O_TMPFILE");
  return (int)ok(fd);
}

static const char *path_of(int fd) {
  static char path[64];
  if (!exists("/proc/self/fd")) skip("/proc is not mounted");
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

CASE("the file has no name and no link") {
  make_dir("dir");
  const int fd = open_unnamed("dir", O_RDWR);
  expect_equal(stat_of_fd(fd).st_nlink, 0);
  expect_equal(stat_of_fd(fd).st_mode, S_IFREG | 0600);
  expect_equal(count_entries("dir"), 0);
  ok(rmdir("dir"));
}

CASE("the file is written and read") {
  const int fd = open_unnamed(".", O_RDWR);
  put(fd, "text");
  char text[4];
  expect_equal(pread(fd, text, 4, 0), 4);
  expect_equal(stat_of_fd(fd).st_size, 4);
}

CASE("the file is given a name by linkat") {
  const int fd = open_unnamed(".", O_WRONLY);
  put(fd, "text");
  ok(linkat(AT_FDCWD, path_of(fd), AT_FDCWD, "name", AT_SYMLINK_FOLLOW));
  expect_content("name", "text");
  expect_equal(stat_of_fd(fd).st_nlink, 1);
}

CASE("ENOENT from linkat of a file opened with O_EXCL") {
  const int fd = open_unnamed(".", O_RDWR | O_EXCL);
  expect_errno(ENOENT, linkat(AT_FDCWD, path_of(fd), AT_FDCWD, "name", AT_SYMLINK_FOLLOW));
}

CASE("EINVAL without write access, ENOTDIR of a file, ENOENT of a missing directory") {
  open_unnamed(".", O_RDWR);
  make_file("file");
  expect_errno(EINVAL, open(".", O_TMPFILE | O_RDONLY, 0600));
  expect_errno(ENOTDIR, open("file", O_TMPFILE | O_RDWR, 0600));
  expect_errno(ENOENT, open("missing", O_TMPFILE | O_RDWR, 0600));
}

USER_CASE("EACCES in a directory without write permission") {
  open_unnamed(".", O_RDWR);
  make_dir_mode("dir", 0555);
  expect_errno(EACCES, open("dir", O_TMPFILE | O_RDWR, 0600));
}
