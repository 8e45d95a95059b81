/* link(2), linkat(2), and files of several names */
#include "../driver/promises.h"

PATH_PROMISES(link_from, link(path, "new"))
EXISTING_PROMISES(link_from)
PATH_PROMISES(link_to, link(access("file", F_OK) == 0 ? "file" : "../file", path))
NEW_ENTRY_PROMISES(link_to)

CASE("the new name is the same inode") {
  make_file_with("file", "text");
  ok(link("file", "other"));
  expect_equal(stat_of("file").st_ino, stat_of("other").st_ino);
  expect_equal(stat_of("file").st_dev, stat_of("other").st_dev);
  expect_content("other", "text");
}

CASE("each link counts, each unlink counts back") {
  make_file("file");
  const char *const names[] = {"a", "b", "c"};
  for (int i = 0; i < 3; i++) {
    ok(link("file", names[i]));
    expect_equal(stat_of("file").st_nlink, 2 + i);
    expect_equal(stat_of(names[i]).st_nlink, 2 + i);
  }
  for (int i = 0; i < 3; i++) {
    ok(unlink(names[i]));
    expect_equal(stat_of("file").st_nlink, 3 - i);
  }
}

CASE("fstat of a descriptor sees the count of links change") {
  const int fd = open_new("file");
  ok(link("file", "other"));
  expect_equal(stat_of_fd(fd).st_nlink, 2);
  ok(unlink("file"));
  expect_equal(stat_of_fd(fd).st_nlink, 1);
}

CASE("what is written by one name is read by the other") {
  make_file("file");
  make_dir("dir");
  ok(link("file", "dir/other"));
  const int fd = (int)ok(open("dir/other", O_WRONLY));
  put(fd, "across");
  expect_content("file", "across");
  expect_equal(stat_of("file").st_size, 6);
}

CASE("the file lives on under its other name") {
  make_file_with("file", "kept");
  ok(link("file", "other"));
  ok(unlink("file"));
  expect_content("other", "kept");
  make_file_with("file", "new");
  expect_content("other", "kept");
  expect(stat_of("file").st_ino != stat_of("other").st_ino);
}

CASE("the ctime of the file is updated, the mtime is not") {
  make_file("file");
  expect_times("file", CTIM, link("file", "other"));
  expect_times("file", CTIM, unlink("other"));
}

CASE("a symlink is linked itself by link and linkat without flags") {
  make_file("file");
  make_link("file", "symlink");
  ok(link("symlink", "one"));
  ok(linkat(AT_FDCWD, "symlink", AT_FDCWD, "two", 0));
  expect(S_ISLNK(stat_of("one").st_mode));
  expect_equal(stat_of("symlink").st_nlink, 3);
  expect_equal(stat_of("file").st_nlink, 1);
}

CASE("AT_SYMLINK_FOLLOW links what a symlink names") {
  make_file("file");
  make_link("file", "symlink");
  ok(linkat(AT_FDCWD, "symlink", AT_FDCWD, "other", AT_SYMLINK_FOLLOW));
  expect_equal(stat_of("other").st_ino, stat_of("file").st_ino);
}

CASE("ENOENT from AT_SYMLINK_FOLLOW of a dangling symlink") {
  make_link("missing", "symlink");
  expect_errno(ENOENT, linkat(AT_FDCWD, "symlink", AT_FDCWD, "other", AT_SYMLINK_FOLLOW));
}

CASE("a dangling symlink may be linked") {
  make_link("missing", "symlink");
  ok(link("symlink", "other"));
  expect(S_ISLNK(stat_of("other").st_mode));
}

CASE("a fifo may be linked") {
  ok(mkfifo("fifo", 0600));
  ok(link("fifo", "other"));
  expect(S_ISFIFO(stat_of("other").st_mode));
}

CASE("linkat takes paths relative to two directories") {
  make_dir("a");
  make_dir("b");
  make_file("a/file");
  ok(linkat((int)ok(open("a", O_RDONLY)), "file", (int)ok(open("b", O_RDONLY)), "other", 0));
  expect_equal(stat_of("b/other").st_nlink, 2);
}

CASE("an open file is linked by its name in /proc") {
  const int fd = open_new("file");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (!exists("/proc/self/fd")) skip("/proc is not mounted");
  ok(linkat(AT_FDCWD, path, AT_FDCWD, "other", AT_SYMLINK_FOLLOW));
  expect_equal(stat_of("other").st_ino, stat_of_fd(fd).st_ino);
}

CASE("EPERM from link of a directory") {
  make_dir("dir");
  expect_errno(EPERM, link("dir", "other"));
  expect(!exists("other"));
}

CASE("EEXIST from link of a file to itself") {
  make_file("file");
  expect_errno(EEXIST, link("file", "file"));
  expect_equal(stat_of("file").st_nlink, 1);
}

CASE("EXDEV from link to another file system") {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/posix-battery-never-made", other_file_system());
  make_file("file");
  expect_errno(EXDEV, link("file", path));
}

CASE("EINVAL from linkat with a flag that is not known") {
  make_file("file");
  expect_errno(EINVAL, linkat(AT_FDCWD, "file", AT_FDCWD, "other", 0x8000));
}

CASE("EBADF and ENOTDIR from linkat of a directory that is none") {
  const int fd = open_new("file");
  expect_errno(EBADF, linkat(-1, "file", AT_FDCWD, "other", 0));
  expect_errno(ENOTDIR, linkat(AT_FDCWD, "file", fd, "other", 0));
}

CASE("EMLINK from one link more than the file system counts") {
  make_file("file");
  make_dir("dir");
  const time_t end = time(NULL) + 4;
  char path[32];
  for (int i = 0; i < 70000 && time(NULL) < end; i++) {
    snprintf(path, sizeof path, "dir/%d", i);
    if (link("file", path) < 0) {
      expect_equal(errno, EMLINK);
      expect_equal(stat_of("file").st_nlink, i + 1);
      return;
    }
  }
  skip("no limit within 70,000 links, or within 4 s");
}

CASE("a thousand names of one file are counted and listed") {
  make_file("file");
  make_dir("dir");
  char path[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(path, sizeof path, "dir/%d", i);
    ok(link("file", path));
  }
  expect_equal(stat_of("file").st_nlink, 1001);
  expect_equal(count_entries("dir"), 1000);
}
