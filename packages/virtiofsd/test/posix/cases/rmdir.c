/* rmdir(2), unlinkat(2) with AT_REMOVEDIR */
#include "../driver/promises.h"

#include <sched.h>
#include <sys/mount.h>

PATH_PROMISES(rmdir, rmdir(path))
EXISTING_PROMISES(rmdir)
REMOVED_ENTRY_PROMISES(rmdir, mkdir(path, 0755))

CASE("an empty directory is removed") {
  make_dir("dir");
  ok(rmdir("dir"));
  expect_errno(ENOENT, access("dir", F_OK));
  ok(mkdir("dir", 0755));
}

CASE("a trailing slash is allowed") {
  make_dir("dir");
  ok(rmdir("dir/"));
  expect(!exists("dir"));
}

CASE("unlinkat with AT_REMOVEDIR removes a directory") {
  make_dir("dir");
  make_dir("dir/sub");
  ok(unlinkat((int)ok(open("dir", O_RDONLY)), "sub", AT_REMOVEDIR));
  expect(!exists("dir/sub"));
}

CASE("the parent loses the link of the subdirectory, where directories are counted") {
  make_dir("dir");
  make_dir("dir/sub");
  const nlink_t before = stat_of("dir").st_nlink;
  ok(rmdir("dir/sub"));
  expect_equal(stat_of("dir").st_nlink, before == 3 ? 2 : before);
}

/* rmdir(2): "POSIX.1 also allows EEXIST for this condition." */
CASE("ENOTEMPTY for a directory with a file, a directory, a symlink or a hidden file in it") {
  const char *const paths[] = {"dir/file", "dir/sub", "dir/link", "dir/.hidden"};
  make_dir("dir");
  for (int i = 0; i < 4; i++) {
    if (i == 1) make_dir(paths[i]);
    else if (i == 2) make_link("nowhere", paths[i]);
    else make_file(paths[i]);
    expect_either(ENOTEMPTY, EEXIST, rmdir("dir"));
    ok(remove(paths[i]));
  }
  ok(rmdir("dir"));
}

CASE("ENOTDIR for a file, a fifo and a symlink to a directory") {
  make_dir("dir");
  make_file("file");
  ok(mkfifo("fifo", 0600));
  make_link("dir", "link");
  expect_errno(ENOTDIR, rmdir("file"));
  expect_errno(ENOTDIR, rmdir("fifo"));
  expect_errno(ENOTDIR, rmdir("link"));
  expect(exists("dir") && exists("link"));
}

CASE("ENOTDIR for a symlink to a directory with a trailing slash") {
  make_dir("dir");
  make_link("dir", "link");
  expect_errno(ENOTDIR, rmdir("link/"));
  expect(exists("dir"));
}

CASE("EINVAL for a path that ends in .") {
  make_dir("dir");
  expect_errno(EINVAL, rmdir("dir/."));
  expect_errno(EINVAL, rmdir("."));
}

CASE("ENOTEMPTY for a path that ends in ..") {
  make_dir("dir");
  make_dir("dir/sub");
  expect_either(ENOTEMPTY, EEXIST, rmdir("dir/sub/.."));
}

ROOT_CASE("EBUSY for a mount point") {
  make_dir("dir");
  if (unshare(CLONE_NEWNS) < 0) skip("unshare: %s", errno_name(errno));
  ok(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  if (mount("none", "dir", "tmpfs", 0, NULL) < 0) skip("mounting a tmpfs: %s", errno_name(errno));
  expect_errno(EBUSY, rmdir("dir"));
}

CASE("a removed directory that is open is empty, without links, and takes no entries") {
  make_dir("dir");
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  ok(rmdir("dir"));
  expect_equal(stat_of_fd(fd).st_nlink, 0);
  expect_errno(ENOENT, openat(fd, "file", O_CREAT | O_WRONLY, 0644));
  expect_errno(ENOENT, mkdirat(fd, "sub", 0755));
  expect_errno(ENOENT, symlinkat("target", fd, "link"));
}

CASE("a removed working directory has no path") {
  make_dir("dir");
  ok(chdir("dir"));
  ok(rmdir("../dir"));
  char path[PATH_MAX];
  expect(getcwd(path, sizeof path) == NULL && errno == ENOENT);
  expect_errno(ENOENT, open("file", O_CREAT | O_WRONLY, 0644));
}

CASE("a new directory of the same name is another one") {
  make_dir("dir");
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  ok(rmdir("dir"));
  make_dir("dir");
  make_file("dir/file");
  expect_errno(ENOENT, faccessat(fd, "file", F_OK, 0));
}

USER_CASE("the directory itself needs no permission to be removed") {
  make_dir_mode("dir", 0);
  ok(rmdir("dir"));
}
