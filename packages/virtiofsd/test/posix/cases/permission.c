/* Permission checks: path_resolution(7) "Permissions", access(2), credentials(7) */
#include "../driver/battery.h"

/* Whether this process may open the file so. */
static bool may(const char *path, int flags) {
  const int fd = open(path, flags);
  if (fd < 0 && errno != EACCES) ok(fd);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/* A file of bob and the team. */
static void prepare(mode_t mode) {
  make_file_with("file", "text");
  ok(chown("file", BOB.uid, TEAM));
  ok(chmod("file", mode));
}

ROOT_CASE("the owner's bits decide for the owner, in all eight combinations") {
  prepare(0);
  for (mode_t bits = 0; bits < 8; bits++) {
    ok(chmod("file", bits << 6));
    AS(BOB) {
      expect_equal(may("file", O_RDONLY), !!(bits & 4));
      expect_equal(may("file", O_WRONLY), !!(bits & 2));
      expect_equal(may("file", O_RDWR), (bits & 6) == 6);
      expect_equal(access("file", X_OK) == 0, bits & 1);
    }
  }
}

ROOT_CASE("the group's bits decide for who has the group as a supplementary one") {
  prepare(0);
  for (mode_t bits = 0; bits < 8; bits++) {
    ok(chmod("file", bits << 3));
    AS(ALICE_IN_TEAM) {
      expect_equal(may("file", O_RDONLY), !!(bits & 4));
      expect_equal(may("file", O_WRONLY), !!(bits & 2));
      expect_equal(may("file", O_RDWR), (bits & 6) == 6);
      expect_equal(access("file", X_OK) == 0, bits & 1);
    }
  }
}

ROOT_CASE("the others' bits decide for others") {
  prepare(0);
  for (mode_t bits = 0; bits < 8; bits++) {
    ok(chmod("file", bits));
    AS(ALICE) {
      expect_equal(may("file", O_RDONLY), !!(bits & 4));
      expect_equal(may("file", O_WRONLY), !!(bits & 2));
      expect_equal(may("file", O_RDWR), (bits & 6) == 6);
      expect_equal(access("file", X_OK) == 0, bits & 1);
    }
  }
}

ROOT_CASE("the group's bits decide for who has the group as their own") {
  prepare(0060);
  ok(chown("file", BOB.uid, ALICE.gid));
  AS(ALICE) { expect(may("file", O_RDWR)); }
}

ROOT_CASE("an owner is denied what group and others may") {
  prepare(0077);
  AS(BOB_IN_TEAM) { expect(!may("file", O_RDONLY) && !may("file", O_WRONLY)); }
}

ROOT_CASE("a member of the group is denied what others may") {
  prepare(0707);
  AS(ALICE_IN_TEAM) { expect(!may("file", O_RDONLY) && !may("file", O_WRONLY)); }
  AS(ALICE) { expect(may("file", O_RDWR)); }
}

ROOT_CASE("root reads and writes without any permission, and searches directories") {
  prepare(0);
  expect(may("file", O_RDWR));
  make_dir("dir");
  make_file("dir/file");
  ok(chmod("dir", 0));
  give("dir", BOB);
  ok(access("dir/file", R_OK | W_OK));
  expect_equal(count_entries("dir"), 1);
}

/* access(2): "X_OK [...] fails for root if no execute bit is set" */
ROOT_CASE("root may execute a file only if somebody may") {
  prepare(0666);
  expect_errno(EACCES, access("file", X_OK));
  ok(chmod("file", 0001));
  ok(access("file", X_OK));
}

ROOT_CASE("every directory of a path must be searchable") {
  make_dir("a");
  make_dir("a/b");
  make_dir("a/b/c");
  make_file("a/b/c/file");
  const char *const directories[] = {"a", "a/b", "a/b/c"};
  for (int i = 0; i < 3; i++) {
    ok(chmod(directories[i], 0666));
    AS(ALICE) { expect_errno(EACCES, access("a/b/c/file", F_OK)); }
    ok(chmod(directories[i], 0711));
    AS(ALICE) { ok(access("a/b/c/file", F_OK)); }
  }
}

ROOT_CASE("search by a supplementary group, and by the owner's bits only for the owner") {
  make_dir("dir");
  make_file("dir/file");
  ok(chown("dir", BOB.uid, TEAM));
  ok(chmod("dir", 0610));
  AS(ALICE_IN_TEAM) { ok(access("dir/file", F_OK)); }
  AS(BOB_IN_TEAM) { expect_errno(EACCES, access("dir/file", F_OK)); }
  AS(ALICE) { expect_errno(EACCES, access("dir/file", F_OK)); }
}

ROOT_CASE("a supplementary group that may write a directory makes and removes in it") {
  make_dir("dir");
  ok(chown("dir", 0, TEAM));
  ok(chmod("dir", 0770));
  AS(ALICE_IN_TEAM) {
    make_file("dir/file");
    make_dir("dir/sub");
    ok(rename("dir/file", "dir/sub/file"));
    ok(unlink("dir/sub/file"));
    ok(rmdir("dir/sub"));
  }
  AS(ALICE) { expect_errno(EACCES, open("dir/file", O_WRONLY | O_CREAT, 0644)); }
}

ROOT_CASE("a directory that may be searched and not written takes no entries and gives none") {
  make_dir_mode("dir", 0755);
  make_file_mode("dir/file", 0666);
  AS(ALICE) {
    expect_errno(EACCES, open("dir/new", O_WRONLY | O_CREAT, 0644));
    expect_errno(EACCES, mkdir("dir/new", 0755));
    expect_errno(EACCES, symlink("target", "dir/new"));
    expect_errno(EACCES, mkfifo("dir/new", 0600));
    expect_errno(EACCES, unlink("dir/file"));
    expect_errno(EACCES, rename("dir/file", "dir/new"));
    ok(open("dir/file", O_RDWR | O_CREAT, 0644));
  }
}

ROOT_CASE("a descriptor keeps what it was opened for when its process becomes another user") {
  prepare(0600);
  const int fd = (int)ok(open("file", O_RDWR));
  AS(ALICE) {
    char text[4];
    expect_equal(pread(fd, text, 4, 0), 4);
    expect_equal(pwrite(fd, "T", 1, 0), 1);
    expect(!may("file", O_RDONLY));
  }
  expect_content("file", "Text");
}

ROOT_CASE("the effective ids decide, and access asks for the real ones") {
  prepare(0600);
  SPAWN {
    ok(setresuid(ALICE.uid, BOB.uid, 0));
    expect(may("file", O_RDWR));
    expect_errno(EACCES, access("file", R_OK));
    ok(faccessat(AT_FDCWD, "file", R_OK | W_OK, AT_EACCESS));
  }
  join();
}

ROOT_CASE("the effective group decides") {
  prepare(0060);
  SPAWN {
    ok(setresgid(0, TEAM, 0));
    ok(setresuid(ALICE.uid, ALICE.uid, ALICE.uid));
    expect(may("file", O_RDWR));
  }
  join();
}

ROOT_CASE("what one user is allowed, another asking next is not") {
  prepare(0600);
  make_dir_mode("dir", 0700);
  make_file("dir/file");
  give("dir", BOB);
  for (int i = 0; i < 5; i++) {
    AS(BOB) { expect(may("file", O_RDONLY) && exists("dir/file")); }
    AS(ALICE) {
      expect(!may("file", O_RDONLY));
      expect_errno(EACCES, access("dir/file", F_OK));
    }
  }
}

ROOT_CASE("a permission that is given and taken holds at once, for directories too") {
  make_dir_mode("dir", 0700);
  make_file("dir/file");
  for (int i = 0; i < 5; i++) {
    AS(ALICE) { expect_errno(EACCES, access("dir/file", F_OK)); }
    ok(chmod("dir", 0711));
    AS(ALICE) { ok(access("dir/file", F_OK)); }
    ok(chmod("dir", 0700));
  }
}

USER_CASE("access answers for each bit, and for existence alone") {
  make_file_mode("file", 0400);
  ok(access("file", F_OK));
  ok(access("file", R_OK));
  expect_errno(EACCES, access("file", W_OK));
  expect_errno(EACCES, access("file", X_OK));
  expect_errno(EACCES, access("file", R_OK | W_OK));
}

CASE("EINVAL from access of bits that are not known") {
  make_file("file");
  expect_errno(EINVAL, access("file", 0x40));
}
