/* Sticky directories: unlink(2), rmdir(2), rename(2), "EPERM or EACCES: the directory has the sticky bit (S_ISVTX) set and the
 * process's effective user ID is neither the user ID of the file to be deleted nor that of the directory containing it" */
#include "../driver/battery.h"

/* A directory of root that all may write, with a file and a directory of bob, open to all. */
static void prepare(mode_t mode) {
  make_dir_mode("dir", mode);
  make_file_mode("dir/file", 0666);
  make_dir_mode("dir/sub", 0777);
  give("dir/file", BOB);
  give("dir/sub", BOB);
}

ROOT_CASE("EPERM or EACCES when a user removes what belongs to another") {
  prepare(01777);
  AS(ALICE) {
    expect_either(EPERM, EACCES, unlink("dir/file"));
    expect_either(EPERM, EACCES, rmdir("dir/sub"));
  }
  expect(exists("dir/file") && exists("dir/sub"));
}

ROOT_CASE("EPERM or EACCES when a user renames what belongs to another, in it and out of it") {
  prepare(01777);
  make_dir_mode("other", 0777);
  AS(ALICE) {
    expect_either(EPERM, EACCES, rename("dir/file", "dir/renamed"));
    expect_either(EPERM, EACCES, rename("dir/file", "other/file"));
    expect_either(EPERM, EACCES, rename("dir/sub", "other/sub"));
  }
}

ROOT_CASE("EPERM or EACCES when a user replaces what belongs to another") {
  prepare(01777);
  AS(ALICE) {
    make_file("dir/mine");
    expect_either(EPERM, EACCES, rename("dir/mine", "dir/file"));
    make_dir("dir/mine-too");
    expect_either(EPERM, EACCES, rename("dir/mine-too", "dir/sub"));
  }
}

ROOT_CASE("a user removes, renames and replaces what is their own") {
  prepare(01777);
  AS(BOB) {
    ok(rename("dir/file", "dir/renamed"));
    make_file("dir/other");
    ok(rename("dir/other", "dir/renamed"));
    ok(unlink("dir/renamed"));
    ok(rmdir("dir/sub"));
  }
}

ROOT_CASE("the owner of the directory removes what belongs to others") {
  prepare(01777);
  give("dir", ALICE);
  AS(ALICE) {
    ok(unlink("dir/file"));
    ok(rename("dir/sub", "dir/renamed"));
    ok(rmdir("dir/renamed"));
  }
}

ROOT_CASE("root removes what belongs to others in a directory of others") {
  prepare(01777);
  give("dir", ALICE);
  ok(unlink("dir/file"));
  ok(rmdir("dir/sub"));
}

ROOT_CASE("without the sticky bit a user removes what belongs to another") {
  prepare(0777);
  AS(ALICE) {
    ok(rename("dir/file", "dir/renamed"));
    ok(unlink("dir/renamed"));
    ok(rmdir("dir/sub"));
  }
}

ROOT_CASE("the group of the file does not help") {
  prepare(01777);
  ok(chown("dir/file", BOB.uid, TEAM));
  AS(ALICE_IN_TEAM) { expect_either(EPERM, EACCES, unlink("dir/file")); }
}

ROOT_CASE("others may still make, write and link in it") {
  prepare(01777);
  AS(ALICE) {
    make_file("dir/new");
    make_dir("dir/new-dir");
    ok(open("dir/file", O_RDWR));
    ok(link("dir/new", "dir/linked"));
  }
}

ROOT_CASE("a symlink of another is kept as a file is") {
  prepare(01777);
  make_link("file", "dir/link");
  give("dir/link", BOB);
  AS(ALICE) { expect_either(EPERM, EACCES, unlink("dir/link")); }
  AS(BOB) { ok(unlink("dir/link")); }
}
