/* unlink(2), unlinkat(2) */
#include "../driver/promises.h"

#include <sched.h>
#include <sys/mount.h>

PATH_PROMISES(unlink, unlink(path))
EXISTING_PROMISES(unlink)
REMOVED_ENTRY_PROMISES(unlink, mknod(path, S_IFREG | 0644, 0))

CASE("files, fifos, sockets and symlinks are removed") {
  make_file("file");
  ok(mkfifo("fifo", 0600));
  ok(mknod("socket", S_IFSOCK | 0600, 0));
  make_link("file", "link");
  const char *const paths[] = {"link", "socket", "fifo", "file"};
  for (int i = 0; i < 4; i++) {
    ok(unlink(paths[i]));
    expect_errno(ENOENT, unlink(paths[i]));
  }
  expect_equal(count_entries("."), 0);
}

CASE("a symlink is removed itself") {
  make_file_with("file", "text");
  make_link("file", "link");
  ok(unlink("link"));
  expect_content("file", "text");
}

CASE("one name of two is removed, the other stays") {
  make_file_with("file", "text");
  ok(link("file", "other"));
  expect_times("other", CTIM, unlink("file"));
  expect_content("other", "text");
  expect_equal(stat_of("other").st_nlink, 1);
}

CASE("a removed name may be made again, as something else") {
  make_file("name");
  ok(unlink("name"));
  make_dir("name");
  ok(rmdir("name"));
  make_link("target", "name");
  expect(S_ISLNK(stat_of("name").st_mode));
}

/* unlink(2): EISDIR is the value that Linux has; POSIX prescribes EPERM. */
CASE("EISDIR or EPERM for a directory, which is kept") {
  make_dir("dir");
  expect_either(EISDIR, EPERM, unlink("dir"));
  expect_either(EISDIR, EPERM, unlinkat(AT_FDCWD, "dir", 0));
  expect(exists("dir"));
}

CASE("ENOTDIR for a symlink to a file with a trailing slash") {
  make_file("file");
  make_link("file", "link");
  expect_errno(ENOTDIR, unlink("link/"));
}

CASE("ENOTDIR from unlinkat with AT_REMOVEDIR of a file") {
  make_file("file");
  expect_errno(ENOTDIR, unlinkat(AT_FDCWD, "file", AT_REMOVEDIR));
}

CASE("unlinkat takes a path relative to a directory") {
  make_dir("dir");
  make_file("dir/file");
  ok(unlinkat((int)ok(open("dir", O_RDONLY)), "file", 0));
  expect_equal(count_entries("dir"), 0);
}

CASE("EINVAL from unlinkat with a flag that is not known") {
  make_file("file");
  expect_errno(EINVAL, unlinkat(AT_FDCWD, "file", 0x8000));
}

CASE("EBADF and ENOTDIR from unlinkat of a directory that is none") {
  const int fd = open_new("file");
  expect_errno(EBADF, unlinkat(-1, "file", 0));
  expect_errno(ENOTDIR, unlinkat(fd, "file", 0));
}

ROOT_CASE("EBUSY for a file that is a mount point") {
  make_file("file");
  make_file("over");
  if (unshare(CLONE_NEWNS) < 0) skip("unshare: %s", errno_name(errno));
  ok(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  if (mount("over", "file", NULL, MS_BIND, NULL) < 0) skip("a bind mount: %s", errno_name(errno));
  expect_errno(EBUSY, unlink("file"));
}

USER_CASE("the file itself needs no permission to be removed") {
  make_file_mode("file", 0);
  ok(unlink("file"));
}

ROOT_CASE("a file of another user may be removed by who may write the directory") {
  make_dir_mode("dir", 0777);
  make_file_mode("dir/file", 0600);
  give("dir/file", BOB);
  AS(ALICE) { ok(unlink("dir/file")); }
}

CASE("1,000 files are removed, and none is left") {
  make_dir("dir");
  char path[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(path, sizeof path, "dir/%d", i);
    ok(mknod(path, S_IFREG | 0644, 0));
  }
  for (int i = 0; i < 1000; i++) {
    snprintf(path, sizeof path, "dir/%d", i);
    ok(unlink(path));
  }
  expect_equal(count_entries("dir"), 0);
  ok(rmdir("dir"));
}
