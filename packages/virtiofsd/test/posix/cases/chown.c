/* chown(2), lchown(2), fchown(2), fchownat(2) */
#include "../driver/promises.h"

PATH_PROMISES(chown, chown(path, -1, -1))
FOLLOWED_PROMISES(chown)
PATH_PROMISES(lchown, lchown(path, -1, -1))
EXISTING_PROMISES(lchown)

static void expect_owner(const char *path, uid_t uid, gid_t gid) {
  expect_equal(stat_of(path).st_uid, uid);
  expect_equal(stat_of(path).st_gid, gid);
}

CASE("-1 for both leaves owner and group") {
  make_file("file");
  const struct stat before = stat_of("file");
  ok(chown("file", -1, -1));
  expect_owner("file", before.st_uid, before.st_gid);
}

USER_CASE("an owner may set the owner and group that the file has") {
  make_file("file");
  ok(chown("file", geteuid(), getegid()));
  expect_owner("file", geteuid(), getegid());
}

CASE("the ctime is updated, the mtime is not") {
  make_file("file");
  expect_times("file", CTIM, chown("file", geteuid(), getegid()));
  make_link("file", "link");
  expect_times("link", CTIM, lchown("link", geteuid(), getegid()));
}

USER_CASE("EPERM for an owner who gives the file away") {
  make_file("file");
  expect_errno(EPERM, chown("file", 0, -1));
  expect_errno(EPERM, chown("file", geteuid() + 1, -1));
}

USER_CASE("EPERM for an owner who sets a group that is not theirs") {
  make_file("file");
  expect_errno(EPERM, chown("file", -1, getegid() + 7));
}

CASE("EBADF from fchown of a descriptor that is not open") { expect_errno(EBADF, fchown(-1, -1, -1)); }

CASE("EBADF from fchown of a descriptor opened with O_PATH") {
  make_file("file");
  expect_errno(EBADF, fchown((int)ok(open("file", O_PATH)), -1, -1));
}

ROOT_CASE("owner and group are set, alone and together") {
  make_file("file");
  ok(chown("file", 1234, 5678));
  expect_owner("file", 1234, 5678);
  ok(chown("file", 4321, -1));
  expect_owner("file", 4321, 5678);
  ok(chown("file", -1, 8765));
  expect_owner("file", 4321, 8765);
}

ROOT_CASE("directories, fifos and symlinks are given away as files are") {
  make_dir("dir");
  ok(mkfifo("fifo", 0600));
  make_link("nowhere", "link");
  const char *const paths[] = {"dir", "fifo", "link"};
  for (int i = 0; i < 3; i++) {
    ok(lchown(paths[i], 11 + i, 22 + i));
    expect_owner(paths[i], 11 + i, 22 + i);
  }
}

ROOT_CASE("ids above 2^16 and 2^31 are kept") {
  make_file("file");
  ok(chown("file", 70000, 70001));
  expect_owner("file", 70000, 70001);
  ok(chown("file", 4000000000u, 4000000001u));
  expect_owner("file", 4000000000u, 4000000001u);
}

ROOT_CASE("chown follows a symlink, lchown changes the symlink itself") {
  make_file("file");
  make_link("file", "link");
  ok(lchown("link", 11, 12));
  expect_owner("link", 11, 12);
  expect_owner("file", 0, 0);
  ok(chown("link", 21, 22));
  expect_owner("link", 11, 12);
  expect_owner("file", 21, 22);
}

ROOT_CASE("fchown changes the open file, also of a read-only descriptor") {
  make_file("file");
  const int fd = (int)ok(open("file", O_RDONLY));
  ok(fchown(fd, 31, 32));
  expect_owner("file", 31, 32);
}

ROOT_CASE("fchownat takes AT_SYMLINK_NOFOLLOW, and AT_EMPTY_PATH for the descriptor itself") {
  make_dir("dir");
  make_link("nowhere", "dir/link");
  const int directory = (int)ok(open("dir", O_RDONLY));
  ok(fchownat(directory, "link", 41, 42, AT_SYMLINK_NOFOLLOW));
  expect_owner("dir/link", 41, 42);
  ok(fchownat(directory, "", 51, 52, AT_EMPTY_PATH));
  expect_owner("dir", 51, 52);
}

ROOT_CASE("all names of a file show the new owner") {
  make_file("file");
  ok(link("file", "other"));
  give("other", BOB);
  expect_owner("file", BOB.uid, BOB.gid);
}

ROOT_CASE("an owner may set a group among the supplementary ones") {
  make_file("file");
  give("file", ALICE);
  AS(ALICE_IN_TEAM) { ok(chown("file", -1, TEAM)); }
  expect_owner("file", ALICE.uid, TEAM);
}

ROOT_CASE("EPERM for an owner who sets a group of others, and the group is kept") {
  make_file("file");
  give("file", ALICE);
  AS(ALICE_IN_TEAM) { expect_errno(EPERM, chown("file", -1, BOB.gid)); }
  AS(ALICE) { expect_errno(EPERM, chown("file", -1, TEAM)); }
  expect_owner("file", ALICE.uid, ALICE.gid);
}

ROOT_CASE("EPERM for who does not own the file, though they could write it") {
  make_file_mode("file", 0777);
  ok(chown("file", BOB.uid, TEAM));
  AS(ALICE_IN_TEAM) {
    expect_errno(EPERM, chown("file", ALICE.uid, -1));
    expect_errno(EPERM, chown("file", -1, ALICE.gid));
  }
  expect_owner("file", BOB.uid, TEAM);
}

ROOT_CASE("who was given a file may use it at once, and who gave it no more") {
  make_file_mode("file", 0600);
  give("file", ALICE);
  AS(ALICE) { ok(open("file", O_RDWR)); }
  give("file", BOB);
  AS(ALICE) { expect_errno(EACCES, open("file", O_RDWR)); }
  AS(BOB) { ok(open("file", O_RDWR)); }
}
