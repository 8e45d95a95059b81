/* xattr(7): setxattr(2), getxattr(2), listxattr(2), removexattr(2). Optional: all is skipped where user.* is not supported. */
#include "../driver/promises.h"

#include <sys/xattr.h>

static char value[65536];

PATH_PROMISES(getxattr, getxattr(path, "user.name", value, sizeof value))
FOLLOWED_PROMISES(getxattr)
PATH_PROMISES(listxattr, listxattr(path, value, sizeof value))
FOLLOWED_PROMISES(listxattr)
PATH_PROMISES(removexattr, removexattr(path, "user.name"))
PATH_PROMISES(setxattr, setxattr(path, "user.name", "text", 4, 0))
FOLLOWED_PROMISES(setxattr)

static void prepare(void) {
  make_file("file");
  const int result = setxattr("file", "user.probe", "x", 1, 0);
  skip_if_unsupported(result, "user.* of extended attributes");
  ok(result);
  ok(removexattr("file", "user.probe"));
}

static void expect_value(const char *path, const char *name, const char *expected) {
  const ssize_t length = ok(getxattr(path, name, value, sizeof value));
  expect_equal(length, strlen(expected));
  expect(memcmp(value, expected, (size_t)length) == 0);
}

/* Whether the list, of names that end in NUL, has this one. */
static bool lists(const char *path, const char *name) {
  const ssize_t length = ok(listxattr(path, value, sizeof value));
  for (ssize_t at = 0; at < length; at += (ssize_t)strlen(value + at) + 1) {
    if (strcmp(value + at, name) == 0) return true;
  }
  return false;
}

CASE("a value is set, read, replaced and removed") {
  prepare();
  ok(setxattr("file", "user.name", "text", 4, 0));
  expect_value("file", "user.name", "text");
  ok(setxattr("file", "user.name", "a longer text", 13, 0));
  expect_value("file", "user.name", "a longer text");
  ok(removexattr("file", "user.name"));
  expect_errno(ENODATA, getxattr("file", "user.name", value, sizeof value));
}

CASE("names are listed as long as they have a value") {
  prepare();
  expect(!lists("file", "user.one"));
  ok(setxattr("file", "user.one", "1", 1, 0));
  ok(setxattr("file", "user.two", "2", 1, 0));
  expect(lists("file", "user.one") && lists("file", "user.two"));
  ok(removexattr("file", "user.one"));
  expect(!lists("file", "user.one") && lists("file", "user.two"));
}

CASE("directories have values, which files made in them do not inherit") {
  prepare();
  make_dir("dir");
  ok(setxattr("dir", "user.name", "dir", 3, 0));
  expect_value("dir", "user.name", "dir");
  make_file("dir/file");
  expect(!lists("dir/file", "user.name"));
}

CASE("an empty value is a value") {
  prepare();
  ok(setxattr("file", "user.empty", "", 0, 0));
  expect_equal(getxattr("file", "user.empty", value, sizeof value), 0);
  expect(lists("file", "user.empty"));
}

CASE("a value of all bytes, NUL included, is kept") {
  prepare();
  char bytes[256];
  for (int i = 0; i < 256; i++) bytes[i] = (char)i;
  ok(setxattr("file", "user.bytes", bytes, 256, 0));
  expect_equal(getxattr("file", "user.bytes", value, sizeof value), 256);
  expect(memcmp(value, bytes, 256) == 0);
}

CASE("a value of 3,000 bytes is kept") {
  prepare();
  unsigned char bytes[3000];
  fill_pattern(bytes, sizeof bytes, 0);
  ok(setxattr("file", "user.large", bytes, sizeof bytes, 0));
  expect_equal(getxattr("file", "user.large", value, sizeof value), sizeof bytes);
  expect(has_pattern((unsigned char *)value, sizeof bytes, 0));
}

CASE("a size of 0 asks for the length, of a value and of the list") {
  prepare();
  ok(setxattr("file", "user.name", "0123456789", 10, 0));
  expect_equal(getxattr("file", "user.name", NULL, 0), 10);
  const ssize_t length = ok(listxattr("file", NULL, 0));
  expect_equal(listxattr("file", value, sizeof value), length);
}

CASE("ERANGE for a buffer too small, of a value and of the list") {
  prepare();
  ok(setxattr("file", "user.name", "0123456789", 10, 0));
  expect_errno(ERANGE, getxattr("file", "user.name", value, 9));
  expect_errno(ERANGE, listxattr("file", value, 3));
}

CASE("ENODATA from getxattr and removexattr of a name that is not there") {
  prepare();
  expect_errno(ENODATA, getxattr("file", "user.none", value, sizeof value));
  expect_errno(ENODATA, removexattr("file", "user.none"));
}

CASE("XATTR_CREATE: EEXIST if it is there, and the value is kept") {
  prepare();
  ok(setxattr("file", "user.name", "old", 3, XATTR_CREATE));
  expect_errno(EEXIST, setxattr("file", "user.name", "new", 3, XATTR_CREATE));
  expect_value("file", "user.name", "old");
}

CASE("XATTR_REPLACE: ENODATA if it is not there") {
  prepare();
  expect_errno(ENODATA, setxattr("file", "user.name", "new", 3, XATTR_REPLACE));
  ok(setxattr("file", "user.name", "old", 3, 0));
  ok(setxattr("file", "user.name", "new", 3, XATTR_REPLACE));
  expect_value("file", "user.name", "new");
}

CASE("values stay with the inode through rename and link") {
  prepare();
  ok(setxattr("file", "user.name", "text", 4, 0));
  ok(rename("file", "renamed"));
  ok(link("renamed", "linked"));
  expect_value("linked", "user.name", "text");
  ok(removexattr("linked", "user.name"));
  expect(!lists("renamed", "user.name"));
}

CASE("fsetxattr, fgetxattr, flistxattr and fremovexattr take a descriptor") {
  prepare();
  const int fd = (int)ok(open("file", O_RDONLY));
  ok(fsetxattr(fd, "user.name", "text", 4, 0));
  expect_equal(fgetxattr(fd, "user.name", value, sizeof value), 4);
  expect(flistxattr(fd, value, sizeof value) >= (ssize_t)sizeof "user.name");
  ok(fremovexattr(fd, "user.name"));
  expect_errno(EBADF, fgetxattr(-1, "user.name", value, sizeof value));
}

CASE("values of an unlinked file are there while it is open") {
  prepare();
  const int fd = (int)ok(open("file", O_RDWR));
  ok(unlink("file"));
  ok(fsetxattr(fd, "user.name", "text", 4, 0));
  expect_equal(fgetxattr(fd, "user.name", value, sizeof value), 4);
}

/* xattr(7): "extended user attributes are allowed only for regular files and directories" */
CASE("EPERM for user.* of a symlink and of a fifo") {
  prepare();
  make_link("file", "link");
  ok(mkfifo("fifo", 0600));
  expect_errno(EPERM, lsetxattr("link", "user.name", "x", 1, 0));
  expect_errno(EPERM, setxattr("fifo", "user.name", "x", 1, 0));
}

CASE("the ctime is updated, the mtime is not") {
  prepare();
  expect_times("file", CTIM, setxattr("file", "user.name", "x", 1, 0));
  expect_times("file", CTIM, removexattr("file", "user.name"));
}

CASE("EOPNOTSUPP for a namespace that is not known") {
  prepare();
  expect_errno(EOPNOTSUPP, setxattr("file", "unknown.name", "x", 1, 0));
  expect_errno(EOPNOTSUPP, setxattr("file", "noname", "x", 1, 0));
}

/* setxattr(2) has EINVAL for flags; xattr(7) limits a name to 255 bytes and a value to 64 KiB. */
CASE("EINVAL for flags that are not known, ERANGE for a long name, E2BIG for a large value") {
  prepare();
  char name[300] = "user.";
  memset(name + 5, 'n', 251);
  expect_errno(EINVAL, setxattr("file", "user.name", "x", 1, 0x80));
  expect_errno(ERANGE, setxattr("file", name, "x", 1, 0));
  name[255] = 0;
  ok(setxattr("file", name, "x", 1, 0));
  expect_value("file", name, "x");
  static char large[65537];
  expect_errno(E2BIG, setxattr("file", "user.name", large, sizeof large, 0));
}

USER_CASE("EACCES from setxattr without write permission, from getxattr without read permission") {
  prepare();
  ok(setxattr("file", "user.name", "x", 1, 0));
  ok(chmod("file", 0444));
  expect_errno(EACCES, setxattr("file", "user.name", "y", 1, 0));
  expect_errno(EACCES, removexattr("file", "user.name"));
  ok(chmod("file", 0222));
  expect_errno(EACCES, getxattr("file", "user.name", value, sizeof value));
  expect(lists("file", "user.name"));
}

USER_CASE("trusted.* is not for who is not root") {
  prepare();
  expect_errno(EPERM, setxattr("file", "trusted.name", "x", 1, 0));
  expect_errno(ENODATA, getxattr("file", "trusted.name", value, sizeof value));
}
