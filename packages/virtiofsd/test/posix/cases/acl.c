/* acl(5). Optional: all is skipped where lists are not supported. They are set and read in the form in which the kernel has them
 * (linux/posix_acl_xattr.h), so that no library is needed. */
#include "../driver/battery.h"

#include <sys/xattr.h>

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

enum { USER_OBJ = 0x01, USER = 0x02, GROUP_OBJ = 0x04, MASK = 0x10, OTHER = 0x20 };
enum { R = 4, W = 2, X = 1 };

struct entry {
  uint16_t tag, permissions;
  uint32_t id;
};
struct list {
  uint32_t version;
  struct entry entries[5];
};

/* u::rwx, and one more user; then g::r-x, a mask, o::--- */
static struct list list_of(uint32_t user, uint16_t permissions, uint16_t mask) {
  const uint32_t none = (uint32_t)-1;
  return (struct list){2,
                       {{USER_OBJ, R | W | X, none},
                        {USER, permissions, user},
                        {GROUP_OBJ, R | X, none},
                        {MASK, mask, none},
                        {OTHER, 0, none}}};
}

static void give_list(const char *path, const char *name, uint32_t user, uint16_t permissions, uint16_t mask) {
  const struct list list = list_of(user, permissions, mask);
  const int result = setxattr(path, name, &list, sizeof list, 0);
  skip_if_unsupported(result, "access control lists");
  ok(result);
}

static void expect_list(const char *path, const char *name, uint16_t mask) {
  struct list found;
  expect_equal(getxattr(path, name, &found, sizeof found), sizeof found);
  expect_equal(found.entries[3].tag, MASK);
  expect_equal(found.entries[3].permissions, mask);
}

CASE("a list is set, read and removed, and the group's bits of the mode are its mask") {
  make_file_mode("file", 0640);
  give_list("file", ACCESS, BOB.uid, R | W, R | W);
  expect_mode("file", S_IFREG | 0760);
  expect_list("file", ACCESS, R | W);
  ok(removexattr("file", ACCESS));
  expect_errno(ENODATA, getxattr("file", ACCESS, NULL, 0));
}

CASE("chmod changes the mask") {
  make_file_mode("file", 0640);
  give_list("file", ACCESS, BOB.uid, R | W | X, R | W | X);
  ok(chmod("file", 0740));
  expect_list("file", ACCESS, R);
}

CASE("a default list goes on to what is made in the directory, in place of the umask") {
  make_dir("dir");
  give_list("dir", DEFAULT, BOB.uid, R | W | X, R | W | X);
  umask(077);
  ok(close(open_new("dir/file")));
  ok(mkdir("dir/sub", 0777));
  ok(mkfifo("dir/fifo", 0666));
  expect_mode("dir/sub", S_IFDIR | 0770);
  expect_mode("dir/fifo", S_IFIFO | 0660);
  expect_list("dir/sub", ACCESS, R | W | X);
  expect_list("dir/sub", DEFAULT, R | W | X);
  expect_list("dir/fifo", ACCESS, R | W);
  expect_errno(ENODATA, getxattr("dir/fifo", DEFAULT, NULL, 0));
}

CASE("without a default list the umask is applied") {
  make_file("probe");
  give_list("probe", ACCESS, BOB.uid, R, R);
  umask(027);
  ok(mkdir("sub", 0777));
  expect_mode("sub", S_IFDIR | 0750);
}

CASE("EACCES for a default list of something that is no directory, EINVAL for a list that is none") {
  make_file("file");
  give_list("file", ACCESS, BOB.uid, R, R);
  struct list list = list_of(BOB.uid, R, R);
  expect_errno(EACCES, setxattr("file", DEFAULT, &list, sizeof list, 0));
  list.entries[3].tag = OTHER;
  expect_errno(EINVAL, setxattr("file", ACCESS, &list, sizeof list, 0));
}

ROOT_CASE("a user who is named has those permissions that the mask leaves, and no others do") {
  ok(chmod(".", 0755));
  make_file_with("file", "text");
  give_list("file", ACCESS, BOB.uid, R | W, R);
  AS(BOB) {
    ok(close((int)ok(open("file", O_RDONLY))));
    expect_errno(EACCES, open("file", O_WRONLY));
  }
  AS(ALICE) { expect_errno(EACCES, open("file", O_RDONLY)); }
}

ROOT_CASE("EPERM for a list set by who is not the owner") {
  ok(chmod(".", 0777));
  make_file("file");
  give_list("file", ACCESS, BOB.uid, R | W, R | W);
  AS(BOB) {
    const struct list list = list_of(BOB.uid, R | W | X, R | W | X);
    expect_errno(EPERM, setxattr("file", ACCESS, &list, sizeof list, 0));
  }
}

/* "chmod(2): … the S_ISGID bit will be turned off": so it is with the mode that a list brings along. */
ROOT_CASE("set-group-ID goes when the owner is not in the group, and stays when root sets the list") {
  ok(chmod(".", 0755));
  make_file("file");
  ok(chown("file", ALICE.uid, TEAM));
  ok(chmod("file", 02755));
  give_list("file", ACCESS, BOB.uid, R | X, R | X);
  expect_mode("file", S_IFREG | 02750);
  AS(ALICE) {
    const struct list list = list_of(BOB.uid, R | X, R | X);
    ok(setxattr("file", ACCESS, &list, sizeof list, 0));
  }
  expect_mode("file", S_IFREG | 0750);
}
