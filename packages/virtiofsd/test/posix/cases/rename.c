/* rename(2), renameat(2) */
#include "../driver/promises.h"

#include <sched.h>
#include <sys/mount.h>

PATH_PROMISES(rename_from, rename(path, "to"))
EXISTING_PROMISES(rename_from)
REMOVED_ENTRY_PROMISES(rename_from, mknod(path, S_IFREG | 0644, 0))
PATH_PROMISES(rename_to, rename("file", path))

CASE("times of the directory it moves to are updated") {
  make_file("file");
  make_dir("dir");
  expect_times("dir", MTIM | CTIM, rename("file", "dir/file"));
}

USER_CASE("EACCES when the directory it moves to may not be written") {
  make_file("file");
  make_dir_mode("dir", 0555);
  expect_errno(EACCES, rename("file", "dir/file"));
  expect(exists("file"));
}

CASE("a file keeps inode, content and mode under its new name") {
  make_file_with("from", "text");
  ok(chmod("from", 0640));
  const struct stat before = stat_of("from");
  ok(rename("from", "to"));
  expect(!exists("from"));
  expect_equal(stat_of("to").st_ino, before.st_ino);
  expect_equal(stat_of("to").st_mode, before.st_mode);
  expect_equal(stat_of("to").st_nlink, 1);
  expect_content("to", "text");
}

CASE("a file moves to another directory and back") {
  make_dir("a");
  make_dir("b");
  make_file_with("a/file", "text");
  ok(rename("a/file", "b/file"));
  expect_equal(count_entries("a"), 0);
  expect_content("b/file", "text");
  ok(rename("b/file", "a/file"));
  expect_equal(count_entries("b"), 0);
}

CASE("the mtime of what is renamed is kept") {
  make_file("file");
  const struct stat before = stat_of("file");
  tick();
  ok(rename("file", "renamed"));
  const struct stat after = stat_of("renamed");
  expect(memcmp(&after.st_mtim, &before.st_mtim, sizeof after.st_mtim) == 0);
}

CASE("replaces an existing file, of which an open descriptor goes on") {
  make_file_with("from", "new");
  make_file_with("to", "old");
  const int fd = (int)ok(open("to", O_RDONLY));
  ok(rename("from", "to"));
  expect_content("to", "new");
  char text[3];
  expect_equal(read(fd, text, 3), 3);
  expect(memcmp(text, "old", 3) == 0);
  expect_equal(stat_of_fd(fd).st_nlink, 0);
  expect_equal(count_entries("."), 1);
}

CASE("replacing takes one link of a file that has two") {
  make_file("from");
  make_file("to");
  ok(link("to", "other"));
  expect_times("other", CTIM, rename("from", "to"));
  expect_equal(stat_of("other").st_nlink, 1);
}

CASE("replaces an existing empty directory") {
  make_dir("from");
  make_file("from/file");
  make_dir("to");
  ok(rename("from", "to"));
  expect_errno(ENOENT, access("from", F_OK));
  expect(exists("to/file"));
}

/* rename(2): "ENOTEMPTY or EEXIST" */
CASE("ENOTEMPTY or EEXIST when the directory to replace is not empty") {
  make_dir("from");
  make_dir("to");
  make_file("to/file");
  expect_either(ENOTEMPTY, EEXIST, rename("from", "to"));
  expect(exists("from") && exists("to/file"));
}

CASE("EISDIR when a file would replace a directory") {
  make_file("from");
  make_dir("to");
  expect_errno(EISDIR, rename("from", "to"));
}

CASE("ENOTDIR when a directory would replace a file, a symlink or a fifo") {
  make_dir("from");
  make_file("to");
  make_link("from", "link");
  ok(mkfifo("fifo", 0600));
  expect_errno(ENOTDIR, rename("from", "to"));
  expect_errno(ENOTDIR, rename("from", "link"));
  expect_errno(ENOTDIR, rename("from", "fifo"));
}

CASE("EINVAL when a directory would move into itself or beneath") {
  make_dir("dir");
  make_dir("dir/sub");
  expect_errno(EINVAL, rename("dir", "dir/new"));
  expect_errno(EINVAL, rename("dir", "dir/sub/new"));
}

CASE("ENOTEMPTY or EEXIST when something would replace a directory it is in") {
  make_dir("dir");
  make_dir("dir/sub");
  expect_either(ENOTEMPTY, EEXIST, rename("dir/sub", "dir"));
}

/* rename(2): "If oldpath and newpath are existing hard links referring to the same file, then rename() does nothing" */
CASE("two names of one file both stay") {
  make_file("from");
  ok(link("from", "to"));
  ok(rename("from", "to"));
  expect(exists("from") && exists("to"));
  expect_equal(stat_of("from").st_nlink, 2);
}

CASE("a name onto itself does nothing, for a file and a directory") {
  make_file_with("file", "text");
  make_dir("dir");
  ok(rename("file", "file"));
  ok(rename("dir", "dir"));
  expect_content("file", "text");
}

CASE("a symlink is renamed itself") {
  make_file("file");
  make_link("file", "from");
  ok(rename("from", "to"));
  expect(S_ISLNK(stat_of("to").st_mode));
  expect(exists("file"));
}

CASE("a symlink is replaced itself") {
  make_file_with("target", "target");
  make_link("target", "to");
  make_file_with("from", "from");
  ok(rename("from", "to"));
  expect(S_ISREG(stat_of("to").st_mode));
  expect_content("target", "target");
}

CASE("a fifo and a dangling symlink are renamed and replaced") {
  ok(mkfifo("fifo", 0600));
  make_link("missing", "link");
  ok(rename("fifo", "link"));
  expect(S_ISFIFO(stat_of("link").st_mode));
  expect_equal(count_entries("."), 1);
}

CASE("a directory takes what is beneath along, deep paths and open files included") {
  make_dir("from");
  make_dir("from/sub");
  make_file_with("from/sub/file", "text");
  const int fd = (int)ok(open("from/sub/file", O_WRONLY | O_APPEND));
  const int directory = (int)ok(open("from/sub", O_RDONLY));
  make_dir("elsewhere");
  ok(rename("from", "elsewhere/to"));
  put(fd, "+more");
  expect_content("elsewhere/to/sub/file", "text+more");
  ok(faccessat(directory, "file", F_OK, 0));
  expect_errno(ENOENT, access("from/sub/file", F_OK));
}

CASE(".. of a moved directory is its new parent") {
  make_dir("a");
  make_dir("b");
  make_dir("a/dir");
  ok(rename("a/dir", "b/dir"));
  expect_equal(stat_of("b/dir/..").st_ino, stat_of("b").st_ino);
}

CASE("a moved directory is counted by its new parent, where directories are counted") {
  make_dir("a");
  make_dir("b");
  make_dir("a/dir");
  const bool counted = stat_of("a").st_nlink == 3;
  ok(rename("a/dir", "b/dir"));
  expect_equal(stat_of("a").st_nlink, counted ? 2 : 1);
  expect_equal(stat_of("b").st_nlink, counted ? 3 : 1);
}

CASE("the working directory follows when it is renamed") {
  make_dir("from");
  ok(chdir("from"));
  ok(rename("../from", "../to"));
  make_file("file");
  expect(exists("../to/file"));
}

CASE("a trailing slash is allowed for a directory, and ENOTDIR for a file") {
  make_dir("dir");
  make_file("file");
  ok(rename("dir/", "to/"));
  expect(exists("to"));
  expect_errno(ENOTDIR, rename("file", "other/"));
}

CASE("EBUSY or EINVAL for . and ..") {
  make_dir("dir");
  /* rename(2) has EBUSY for a directory in use by the system; POSIX has EINVAL for a path that ends in dot. */
  expect_either(EBUSY, EINVAL, rename("dir/.", "to"));
  expect_either(EBUSY, EINVAL, rename("dir/..", "to"));
  expect_either(EBUSY, EINVAL, rename("dir", "."));
}

CASE("EXDEV to another file system") {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/posix-battery-never-made", other_file_system());
  make_file("file");
  expect_errno(EXDEV, rename("file", path));
}

ROOT_CASE("EBUSY for a mount point") {
  make_dir("point");
  make_dir("dir");
  if (unshare(CLONE_NEWNS) < 0) skip("unshare: %s", errno_name(errno));
  ok(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  if (mount("none", "point", "tmpfs", 0, NULL) < 0) skip("mounting a tmpfs: %s", errno_name(errno));
  expect_errno(EBUSY, rename("point", "to"));
  expect_errno(EBUSY, rename("dir", "point"));
}

CASE("renameat takes paths relative to two directories") {
  make_dir("a");
  make_dir("b");
  make_file("a/file");
  ok(renameat((int)ok(open("a", O_RDONLY)), "file", (int)ok(open("b", O_RDONLY)), "renamed"));
  expect(exists("b/renamed"));
}

CASE("EBADF and ENOTDIR from renameat of a directory that is none") {
  const int fd = open_new("file");
  expect_errno(EBADF, renameat(-1, "file", AT_FDCWD, "to"));
  expect_errno(ENOTDIR, renameat(AT_FDCWD, "file", fd, "to"));
}

ROOT_CASE("EACCES when a directory that may not be written changes its parent") {
  /* rename(2): "oldpath is a directory and does not allow write permission (needed to update the .. entry)" */
  make_dir_mode("a", 0777);
  make_dir_mode("b", 0777);
  make_dir("a/dir");
  AS(ALICE) {
    expect_errno(EACCES, rename("a/dir", "b/dir"));
    ok(rename("a/dir", "a/renamed"));
  }
}

CASE("a file goes through 500 names") {
  make_file_with("n0", "text");
  char from[32], to[32];
  for (int i = 0; i < 500; i++) {
    snprintf(from, sizeof from, "n%d", i);
    snprintf(to, sizeof to, "n%d", i + 1);
    ok(rename(from, to));
  }
  expect_equal(count_entries("."), 1);
  expect_content("n500", "text");
}

CASE("names of the longest length are renamed") {
  char *from = strdup(name_of_length(255)), *to = strdup(from);
  to[254] = 'm';
  make_file(from);
  ok(rename(from, to));
  expect(exists(to) && !exists(from));
}
