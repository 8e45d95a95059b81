/* Set-user-ID and set-group-ID bits: inode(7), chown(2), write(2): who may not keep them loses them with a change of the file. */
#include "../driver/battery.h"

#include <linux/falloc.h>
#include <sys/uio.h>

enum { BOTH = 06755 };

/* A file of bob that all may write, with the bits set. */
static void prepare(mode_t mode) {
  make_file_with("file", "0123456789");
  give("file", BOB);
  ok(chmod("file", mode));
}

static void expect_bits(mode_t mode) { expect_mode("file", S_IFREG | mode); }

ROOT_CASE("write by another user clears both") {
  prepare(06777);
  AS(ALICE) { put((int)ok(open("file", O_WRONLY)), "x"); }
  expect_bits(0777);
}

ROOT_CASE("write by the owner clears both") {
  prepare(BOTH);
  AS(BOB) { put((int)ok(open("file", O_WRONLY)), "x"); }
  expect_bits(0755);
}

ROOT_CASE("write by root keeps both") {
  prepare(BOTH);
  put((int)ok(open("file", O_WRONLY)), "x");
  expect_bits(BOTH);
}

ROOT_CASE("the descriptor that wrote shows that they are cleared") {
  prepare(06777);
  AS(ALICE) {
    const int fd = (int)ok(open("file", O_WRONLY));
    put(fd, "x");
    expect_equal(stat_of_fd(fd).st_mode, S_IFREG | 0777);
  }
}

ROOT_CASE("pwrite, writev and O_APPEND clear both") {
  prepare(06777);
  for (int i = 0; i < 3; i++) {
    ok(chmod("file", 06777));
    AS(ALICE) {
      const int fd = (int)ok(open("file", O_WRONLY | (i == 2 ? O_APPEND : 0)));
      const struct iovec piece = {"x", 1};
      if (i == 0) expect_equal(pwrite(fd, "x", 1, 5), 1);
      else if (i == 1) expect_equal(writev(fd, &piece, 1), 1);
      else put(fd, "x");
    }
    expect_bits(0777);
  }
}

ROOT_CASE("opening to write, without writing, keeps both") {
  prepare(06777);
  AS(ALICE) { ok(open("file", O_RDWR)); }
  expect_bits(06777);
}

ROOT_CASE("truncate and ftruncate clear both") {
  prepare(06777);
  AS(ALICE) { ok(truncate("file", 5)); }
  expect_bits(0777);
  ok(chmod("file", 06777));
  AS(ALICE) { ok(ftruncate((int)ok(open("file", O_WRONLY)), 3)); }
  expect_bits(0777);
}

ROOT_CASE("O_TRUNC clears both") {
  prepare(06777);
  AS(ALICE) { ok(open("file", O_WRONLY | O_TRUNC)); }
  expect_bits(0777);
  expect_equal(stat_of("file").st_size, 0);
}

ROOT_CASE("fallocate clears both") {
  prepare(06777);
  AS(ALICE) {
    const int result = fallocate((int)ok(open("file", O_WRONLY)), 0, 0, 5000);
    skip_if_unsupported(result, "fallocate");
    ok(result);
  }
  expect_bits(0777);
}

ROOT_CASE("copy_file_range clears both") {
  prepare(06777);
  make_file_with("source", "copied");
  AS(ALICE) {
    const int from = (int)ok(open("source", O_RDONLY)), to = (int)ok(open("file", O_WRONLY));
    const ssize_t copied = copy_file_range(from, NULL, to, NULL, 6, 0);
    skip_if_unsupported((int)copied, "copy_file_range");
    expect_equal(copied, 6);
  }
  expect_bits(0777);
}

ROOT_CASE("truncate by root keeps both") {
  prepare(BOTH);
  ok(truncate("file", 5));
  expect_bits(BOTH);
}

/* chown(2): "the S_ISUID and S_ISGID mode bits are cleared [...] since Linux 2.2.13, root is treated like other users" */
ROOT_CASE("chown clears both, by root and by the owner") {
  prepare(BOTH);
  ok(chown("file", ALICE.uid, -1));
  expect_bits(0755);
  ok(chmod("file", BOTH));
  AS(ALICE_IN_TEAM) { ok(chown("file", -1, TEAM)); }
  expect_bits(0755);
}

ROOT_CASE("chown of a directory keeps both") {
  make_dir_mode("dir", BOTH);
  give("dir", BOB);
  expect_mode("dir", S_IFDIR | BOTH);
}

/* inode(7): without group execution the bit once meant mandatory locking, and is not cleared by chown(2). */
ROOT_CASE("chown by root keeps set-group-ID of a file that its group may not execute") {
  prepare(02644);
  ok(chown("file", ALICE.uid, -1));
  expect_bits(02644);
}

ROOT_CASE("write keeps set-group-ID of a file that its group may not execute, for a member of the group") {
  prepare(02666);
  AS(BOB) { put((int)ok(open("file", O_WRONLY)), "x"); }
  expect_bits(02666);
}

ROOT_CASE("reading, linking and renaming keep both") {
  prepare(BOTH);
  make_dir_mode("dir", 0777);
  ok(link("file", "dir/other"));
  AS(ALICE) {
    char byte;
    expect_equal(read((int)ok(open("dir/other", O_RDONLY)), &byte, 1), 1);
    ok(rename("dir/other", "dir/renamed"));
  }
  expect_bits(BOTH);
}

ROOT_CASE("the sticky bit is kept by write, truncate and chown") {
  prepare(01777);
  AS(ALICE) {
    put((int)ok(open("file", O_WRONLY)), "x");
    ok(truncate("file", 1));
  }
  give("file", ALICE);
  expect_bits(01777);
}

/* inode(7): set-group-ID on a directory: files get its group, directories its bit too. */
ROOT_CASE("directories made in a set-group-ID directory of another group inherit group and bit") {
  make_dir("dir");
  ok(chown("dir", 0, TEAM));
  ok(chmod("dir", 02777));
  AS(ALICE) {
    make_dir("dir/sub");
    make_dir("dir/sub/sub");
  }
  expect_equal(stat_of("dir/sub/sub").st_gid, TEAM);
  expect_mode("dir/sub/sub", S_IFDIR | 02755);
}

ROOT_CASE("files made in a set-group-ID directory do not inherit the bit") {
  make_dir("dir");
  ok(chown("dir", 0, TEAM));
  ok(chmod("dir", 02777));
  AS(ALICE) { make_file("dir/file"); }
  expect_mode("dir/file", S_IFREG | 0644);
}

ROOT_CASE("a program made set-group-ID in such a directory, by who is not in the group, loses the bit") {
  make_dir("dir");
  ok(chown("dir", 0, TEAM));
  ok(chmod("dir", 02777));
  AS(ALICE) { ok(open("dir/program", O_WRONLY | O_CREAT | O_EXCL, 02755)); }
  expect_mode("dir/program", S_IFREG | 0755);
  AS(ALICE_IN_TEAM) { ok(open("dir/mine", O_WRONLY | O_CREAT | O_EXCL, 02755)); }
  expect_mode("dir/mine", S_IFREG | 02755);
}

USER_CASE("the owner's own write clears set-user-ID") {
  make_file_mode("file", 04755);
  put((int)ok(open("file", O_WRONLY)), "x");
  expect_bits(0755);
}

USER_CASE("the owner's own truncate clears set-user-ID") {
  make_file_with("file", "text");
  ok(chmod("file", 04755));
  ok(truncate("file", 1));
  expect_bits(0755);
}
