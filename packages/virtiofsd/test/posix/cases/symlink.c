/* symlink(2), readlink(2), symlink(7) */
#include "../driver/promises.h"

static char buffer[PATH_MAX + 1];

PATH_PROMISES(symlink, symlink("target", path))
NEW_INODE_PROMISES(symlink)
PATH_PROMISES(readlink, readlink(path, buffer, sizeof buffer))
EXISTING_PROMISES(readlink)

static void expect_target(const char *path, const char *target) {
  const ssize_t length = ok(readlink(path, buffer, sizeof buffer));
  expect_equal(length, strlen(target));
  expect(memcmp(buffer, target, (size_t)length) == 0);
}

CASE("the target is kept as given, byte for byte") {
  const char *const targets[] = {"file", "../up", "/absolute/path", "a//b/", "with space", "new\nline", "\xff\xfe\x80",
                                 "\xc3\xa9\xe2\x82\xac", ".", "..", "/"};
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
    make_link(targets[i], "link");
    expect_target("link", targets[i]);
    expect_equal(stat_of("link").st_size, strlen(targets[i]));
    ok(unlink("link"));
  }
}

CASE("targets of all lengths up to PATH_MAX - 1 are kept, where the file system holds them") {
  static char target[PATH_MAX];
  const int lengths[] = {1, 23, 59, 60, 61, 127, 255, 256, 1000, 1023, 1024, 2047, 4000, 4094, 4095};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    memset(target, 't', sizeof target);
    target[lengths[i]] = 0;
    if (symlink(target, "link") < 0) {
      /* A file system may hold less than a path (ext4: a block less its NUL): symlink(2) ENAMETOOLONG. */
      expect_equal(errno, ENAMETOOLONG);
      expect(lengths[i] > 1000);
      continue;
    }
    expect_target("link", target);
    ok(unlink("link"));
  }
}

CASE("ENAMETOOLONG for a target of PATH_MAX bytes") {
  memset(buffer, 't', PATH_MAX);
  buffer[PATH_MAX] = 0;
  expect_errno(ENAMETOOLONG, symlink(buffer, "link"));
}

CASE("ENOENT for an empty target") {
  expect_errno(ENOENT, symlink("", "link"));
  expect(!exists("link"));
}

CASE("EFAULT for a target or a buffer at a bad address") {
#ifdef __SANITIZE_ADDRESS__
  skip("the sanitizer reads the arguments of some calls");
#endif
  expect_errno(EFAULT, symlink(bad_address, "link"));
  make_link("target", "link");
  expect_errno(EFAULT, readlink("link", bad_address, 10));
}

CASE("a symlink has its type, one link, and a mode that the umask does not touch") {
  umask(0777);
  make_link("target", "link");
  expect_mode("link", S_IFLNK | 0777);
  expect_equal(stat_of("link").st_nlink, 1);
}

CASE("stat follows, lstat does not") {
  make_file_with("file", "text");
  make_link("file", "link");
  struct stat status;
  ok(stat("link", &status));
  expect(S_ISREG(status.st_mode));
  expect_equal(status.st_ino, stat_of("file").st_ino);
  expect(S_ISLNK(stat_of("link").st_mode));
}

CASE("the target is resolved from the directory of the symlink") {
  make_dir("dir");
  make_file_with("dir/file", "in dir");
  make_file_with("file", "in top");
  make_link("file", "dir/near");
  make_link("../file", "dir/up");
  expect_content("dir/near", "in dir");
  expect_content("dir/up", "in top");
}

CASE(".. after a symlink to a directory is the parent of the directory") {
  make_dir("a");
  make_dir("a/b");
  make_file("a/file");
  make_link("a/b", "link");
  ok(access("link/../file", F_OK));
}

CASE("a trailing slash follows the symlink") {
  make_dir("dir");
  make_link("dir", "link");
  struct stat status;
  ok(lstat("link/", &status));
  expect(S_ISDIR(status.st_mode));
}

/* path_resolution(7): "The maximum number of symbolic links followed in resolving a pathname is 40." */
CASE("a chain of 40 symlinks is followed, and ELOOP for 41") {
  char from[32], to[32];
  make_file_with("l0", "text");
  for (int i = 1; i <= 41; i++) {
    snprintf(to, sizeof to, "l%d", i - 1);
    snprintf(from, sizeof from, "l%d", i);
    make_link(to, from);
  }
  expect_content("l40", "text");
  expect_errno(ELOOP, open("l41", O_RDONLY));
}

CASE("what readlink answers is cut to the buffer, without a NUL") {
  make_link("target", "link");
  char text[4] = "....";
  expect_equal(readlink("link", text, 3), 3);
  expect(memcmp(text, "tar.", 4) == 0);
}

CASE("EINVAL from readlink of a file, a directory, and with a size of 0") {
  make_file("file");
  make_dir("dir");
  make_link("target", "link");
  expect_errno(EINVAL, readlink("file", buffer, sizeof buffer));
  expect_errno(EINVAL, readlink("dir", buffer, sizeof buffer));
  volatile size_t none = 0;
  expect_errno(EINVAL, readlink("link", buffer, none));
}

CASE("readlinkat of an empty path reads the symlink that is open with O_PATH") {
  make_link("target", "link");
  const int fd = (int)ok(open("link", O_PATH | O_NOFOLLOW));
  expect_equal(readlinkat(fd, "", buffer, sizeof buffer), 6);
}

CASE("symlinkat and readlinkat take paths relative to a directory") {
  make_dir("dir");
  const int directory = (int)ok(open("dir", O_RDONLY));
  ok(symlinkat("target", directory, "link"));
  expect_equal(readlinkat(directory, "link", buffer, sizeof buffer), 6);
  expect_errno(EBADF, symlinkat("target", -1, "link"));
  expect_errno(EBADF, readlinkat(-1, "link", buffer, sizeof buffer));
}

CASE("a symlink that is replaced by another leads to the new target at once") {
  make_file_with("a", "a");
  make_file_with("b", "b");
  make_link("a", "link");
  expect_content("link", "a");
  make_link("b", "new");
  ok(rename("new", "link"));
  expect_target("link", "b");
  expect_content("link", "b");
}

CASE("readlink changes neither mtime nor ctime") {
  make_link("target", "link");
  expect_times("link", NOTHING, readlink("link", buffer, sizeof buffer));
}
