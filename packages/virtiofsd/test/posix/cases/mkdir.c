/* mkdir(2), mkdirat(2) */
#include "../driver/promises.h"

PATH_PROMISES(mkdir, mkdir(path, 0755))
NEW_INODE_PROMISES(mkdir)

CASE("the new directory has . and .. only, and they lead where they should") {
  make_dir("dir");
  expect_equal(count_entries("dir"), 0);
  expect_equal(stat_of("dir/.").st_ino, stat_of("dir").st_ino);
  expect_equal(stat_of("dir/..").st_ino, stat_of(".").st_ino);
}

CASE("the mode is the one asked for, less the umask") {
  umask(027);
  ok(mkdir("dir", 0777));
  expect_mode("dir", S_IFDIR | 0750);
}

/* mkdir(2): "the mode of the created directory is (mode & ~umask & 0777) [...] On Linux, S_ISVTX is also honored." */
CASE("the sticky bit of the mode is honored") {
  ok(mkdir("dir", 01755));
  expect_mode("dir", S_IFDIR | 01755);
}

/* Some file systems do not count subdirectories: st_nlink is then 1 for every directory (stat(3type), find(1) -noleaf). */
CASE("a subdirectory counts as a link of its parent, where directories are counted") {
  make_dir("dir");
  const nlink_t empty = stat_of("dir").st_nlink;
  expect(empty == 2 || empty == 1);
  make_dir("dir/a");
  make_dir("dir/b");
  expect_equal(stat_of("dir").st_nlink, empty == 2 ? 4 : 1);
  make_file("dir/file");
  expect_equal(stat_of("dir").st_nlink, empty == 2 ? 4 : 1);
}

CASE("a trailing slash is allowed") {
  ok(mkdir("dir/", 0755));
  ok(mkdir("dir/sub///", 0755));
  expect_mode("dir/sub", S_IFDIR | 0755);
}

CASE("mkdirat takes a path relative to a directory, which may have been renamed") {
  make_dir("dir");
  const int directory = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  ok(rename("dir", "renamed"));
  ok(mkdirat(directory, "sub", 0755));
  expect_mode("renamed/sub", S_IFDIR | 0755);
}

CASE("EEXIST for . and .. and names that end in them") {
  make_dir("dir");
  expect_errno(EEXIST, mkdir(".", 0755));
  expect_errno(EEXIST, mkdir("..", 0755));
  expect_errno(EEXIST, mkdir("dir/..", 0755));
}

CASE("EEXIST for a symlink to a directory, with and without slash") {
  make_dir("dir");
  make_link("dir", "link");
  expect_errno(EEXIST, mkdir("link", 0755));
  expect_errno(EEXIST, mkdir("link/", 0755));
}

CASE("EBADF and ENOTDIR from mkdirat of a directory that is none") {
  const int fd = open_new("file");
  expect_errno(EBADF, mkdirat(-1, "dir", 0755));
  expect_errno(ENOTDIR, mkdirat(fd, "dir", 0755));
}

CASE("a directory in a set-group-ID directory is set-group-ID too") {
  make_dir_mode("dir", 02755);
  if (!(stat_of("dir").st_mode & S_ISGID)) skip("the group of the directory is not one of the caller");
  make_dir("dir/sub");
  expect_mode("dir/sub", S_IFDIR | 02755);
}

CASE("a tree of 100 levels is made and walked back up") {
  const ino_t start = stat_of(".").st_ino;
  for (int i = 0; i < 100; i++) {
    make_dir("level");
    ok(chdir("level"));
  }
  for (int i = 0; i < 100; i++) ok(chdir(".."));
  expect_equal(stat_of(".").st_ino, start);
}

CASE("500 directories have 500 inode numbers") {
  static ino_t seen[500];
  char path[32];
  for (int i = 0; i < 500; i++) {
    snprintf(path, sizeof path, "d%d", i);
    make_dir(path);
    seen[i] = stat_of(path).st_ino;
    for (int j = 0; j < i; j++) expect(seen[j] != seen[i]);
  }
}

USER_CASE("a mode without permission for the owner is kept") {
  ok(mkdir("dir", 0));
  expect_mode("dir", S_IFDIR);
  expect_errno(EACCES, mkdir("dir/sub", 0755));
}
