/* chmod(2), fchmod(2), fchmodat(2) */
#include "../driver/promises.h"

PATH_PROMISES(chmod, chmod(path, 0600))
FOLLOWED_PROMISES(chmod)

CASE("every combination of permission bits is kept, the type too") {
  make_file("file");
  for (mode_t mode = 0; mode <= 0777; mode++) {
    ok(chmod("file", mode));
    expect_mode("file", S_IFREG | mode);
  }
}

CASE("set-user-ID, set-group-ID and sticky bits are kept") {
  make_file("file");
  make_dir("dir");
  for (mode_t special = 1; special < 8; special++) {
    ok(chmod("file", special << 9 | 0751));
    expect_mode("file", S_IFREG | special << 9 | 0751);
    ok(chmod("dir", special << 9 | 0751));
    expect_mode("dir", S_IFDIR | special << 9 | 0751);
  }
}

CASE("a symlink is followed, and keeps its own mode") {
  make_file("file");
  make_link("file", "link");
  const mode_t before = stat_of("link").st_mode;
  ok(chmod("link", 0400));
  expect_mode("file", S_IFREG | 0400);
  expect_mode("link", before);
}

CASE("fchmod changes the open file") {
  const int fd = open_new("file");
  ok(fchmod(fd, 0123));
  expect_mode("file", S_IFREG | 0123);
  expect_equal(stat_of_fd(fd).st_mode, S_IFREG | 0123);
}

CASE("fchmod works on a descriptor of a directory") {
  make_dir("dir");
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  ok(fchmod(fd, 0711));
  expect_mode("dir", S_IFDIR | 0711);
}

CASE("fchmodat takes a path relative to a directory") {
  make_dir("dir");
  make_file("dir/file");
  ok(fchmodat((int)ok(open("dir", O_RDONLY)), "file", 0640, 0));
  expect_mode("dir/file", S_IFREG | 0640);
}

CASE("all names of a file show the new mode") {
  make_file("file");
  ok(link("file", "other"));
  ok(chmod("other", 0604));
  expect_mode("file", S_IFREG | 0604);
}

CASE("the ctime is updated, the mtime is not") {
  make_file("file");
  expect_times("file", CTIM, chmod("file", 0600));
  make_dir("dir");
  expect_times("dir", CTIM, chmod("dir", 0700));
}

CASE("a failed chmod leaves mode and times") {
  make_file_mode("file", 0640);
  make_dir("dir");
  const struct stat before = stat_of("file");
  tick();
  expect_errno(ENOTDIR, chmod("file/", 0600));
  const struct stat after = stat_of("file");
  expect_equal(after.st_mode, before.st_mode);
  expect(memcmp(&after.st_ctim, &before.st_ctim, sizeof after.st_ctim) == 0);
}

CASE("a fifo and a socket-less node have modes too") {
  ok(mkfifo("fifo", 0600));
  ok(chmod("fifo", 0642));
  expect_mode("fifo", S_IFIFO | 0642);
}

CASE("an open descriptor goes on after the permission is taken") {
  const int fd = open_new("file");
  ok(chmod("file", 0));
  put(fd, "text");
  char text[4];
  expect_equal(pread(fd, text, 4, 0), 4);
  expect(memcmp(text, "text", 4) == 0);
}

CASE("EBADF from fchmod of a descriptor that is not open") { expect_errno(EBADF, fchmod(-1, 0600)); }

CASE("EBADF from fchmod of a descriptor opened with O_PATH") {
  make_file("file");
  expect_errno(EBADF, fchmod((int)ok(open("file", O_PATH)), 0600));
}

USER_CASE("an owner without any permission may give it back") {
  make_file_mode("file", 0);
  ok(chmod("file", 0600));
  close((int)ok(open("file", O_RDWR)));
}

ROOT_CASE("EPERM for who does not own the file, group and others alike") {
  make_file_mode("file", 0777);
  give("file", BOB);
  AS(ALICE) { expect_errno(EPERM, chmod("file", 0600)); }
  ok(chown("file", BOB.uid, TEAM));
  AS(ALICE_IN_TEAM) { expect_errno(EPERM, chmod("file", 0600)); }
  expect_mode("file", S_IFREG | 0777);
}

ROOT_CASE("root may change the mode of the file of any user") {
  make_file("file");
  give("file", BOB);
  ok(chmod("file", 06711));
  expect_mode("file", S_IFREG | 06711);
}

/* chmod(2): "the S_ISGID bit will be turned off, but this will not cause an error to be returned" */
ROOT_CASE("the set-group-ID bit is dropped for an owner outside the group of the file") {
  make_file("file");
  ok(chown("file", ALICE.uid, TEAM));
  AS(ALICE) { ok(chmod("file", 02755)); }
  expect_mode("file", S_IFREG | 0755);
}

ROOT_CASE("the set-group-ID bit is kept for an owner with the group among the supplementary ones") {
  make_file("file");
  ok(chown("file", ALICE.uid, TEAM));
  AS(ALICE_IN_TEAM) { ok(chmod("file", 02755)); }
  expect_mode("file", S_IFREG | 02755);
}

ROOT_CASE("the new mode holds at once for a process of another user") {
  make_file_mode("file", 0600);
  AS(ALICE) { expect_errno(EACCES, open("file", O_RDONLY)); }
  ok(chmod("file", 0604));
  AS(ALICE) { ok(open("file", O_RDONLY)); }
  ok(chmod("file", 0600));
  AS(ALICE) { expect_errno(EACCES, open("file", O_RDONLY)); }
}
