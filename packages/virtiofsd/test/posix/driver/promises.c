/* The bodies of the cases of promises.h. */
#include "promises.h"

static void prepare(void) {
  make_file_with("file", "kept");
  make_dir("dir");
  make_link("loop", "loop");
  make_link("missing", "dangling");
}

void path_empty(path_call call) {
  prepare();
  expect_errno(ENOENT, call(""));
}

void path_through_missing(path_call call) {
  prepare();
  expect_errno(ENOENT, call("missing/name"));
  expect_errno(ENOENT, call("dir/missing/name"));
}

void path_through_dangling_link(path_call call) {
  prepare();
  expect_errno(ENOENT, call("dangling/name"));
}

void path_through_file(path_call call) {
  prepare();
  expect_errno(ENOTDIR, call("file/name"));
  expect_errno(ENOTDIR, call("dir/../file/name"));
}

void path_with_long_name(path_call call) {
  prepare();
  const long longest = pathconf(".", _PC_NAME_MAX);
  expect(longest >= _POSIX_NAME_MAX);
  expect_errno(ENAMETOOLONG, call(name_of_length((size_t)longest + 1)));
}

void path_too_long(path_call call) {
  prepare();
  char path[PATH_MAX + 1];
  for (size_t i = 0; i < PATH_MAX - 4; i += 2) memcpy(path + i, "./", 2);
  /* PATH_MAX counts the NUL (limits.h(0p)). */
  memcpy(path + PATH_MAX - 4, "long", 5);
  expect_errno(ENAMETOOLONG, call(path));
}

void path_through_loop(path_call call) {
  prepare();
  make_link("there", "here");
  make_link("here", "there");
  expect_errno(ELOOP, call("loop/name"));
  expect_errno(ELOOP, call("here/name"));
}

void path_unsearchable(path_call call) {
  prepare();
  make_dir("closed");
  make_file("closed/file");
  ok(chmod("closed", 0600));
  expect_errno(EACCES, call("closed/file"));
  expect_errno(EACCES, call("closed/missing"));
}

void path_unreadable(path_call call) {
#ifdef __SANITIZE_ADDRESS__
  skip("the sanitizer reads the arguments of some calls");
#endif
  prepare();
  expect_errno(EFAULT, call(bad_address));
}

void existing_missing(path_call call) {
  prepare();
  expect_errno(ENOENT, call("absent"));
  expect_errno(ENOENT, call("dir/absent"));
}

void existing_file_with_slash(path_call call) {
  prepare();
  expect_errno(ENOTDIR, call("file/"));
}

void followed_dangling(path_call call) {
  prepare();
  expect_errno(ENOENT, call("dangling"));
}

void followed_loop(path_call call) {
  prepare();
  expect_errno(ELOOP, call("loop"));
}

void new_over_file(path_call call) {
  prepare();
  expect_errno(EEXIST, call("file"));
  expect_content("file", "kept");
}

void new_over_directory(path_call call) {
  prepare();
  expect_errno(EEXIST, call("dir"));
  expect_errno(EEXIST, call("dir/."));
}

void new_over_dangling_link(path_call call) {
  prepare();
  expect_errno(EEXIST, call("dangling"));
  expect(S_ISLNK(stat_of("dangling").st_mode));
  expect(!exists("missing"));
}

void new_in_unwritable(path_call call) {
  prepare();
  ok(chmod("dir", 0555));
  expect_errno(EACCES, call("dir/new"));
  ok(chmod("dir", 0755));
  expect(!exists("dir/new"));
}

void new_in_removed(path_call call) {
  prepare();
  make_dir("gone");
  ok(chdir("gone"));
  ok(rmdir("../gone"));
  expect_errno(ENOENT, call("new"));
}

void new_updates_directory(path_call call) {
  prepare();
  expect_times("dir", MTIM | CTIM, call("dir/new"));
}

void new_has_owner(path_call call) {
  make_dir_mode("home", 0777);
  give("home", BOB);
  AS(ALICE) {
    ok(call("home/new"));
    expect_equal(stat_of("home/new").st_uid, ALICE.uid);
    expect_equal(stat_of("home/new").st_gid, ALICE.gid);
  }
  AS(ALICE_IN_TEAM) {
    ok(call("home/newer"));
    expect_equal(stat_of("home/newer").st_gid, ALICE.gid);
  }
}

void new_has_group_of_directory(path_call call) {
  make_dir("home");
  ok(chown("home", 0, TEAM));
  ok(chmod("home", 02777));
  AS(ALICE) {
    ok(call("home/new"));
    expect_equal(stat_of("home/new").st_uid, ALICE.uid);
    expect_equal(stat_of("home/new").st_gid, TEAM);
  }
}

void removed_from_unwritable(path_call make, path_call call) {
  prepare();
  ok(make("dir/old"));
  ok(chmod("dir", 0555));
  expect_errno(EACCES, call("dir/old"));
  expect(exists("dir/old"));
}

void removed_updates_directory(path_call make, path_call call) {
  prepare();
  ok(make("dir/old"));
  expect_times("dir", MTIM | CTIM, call("dir/old"));
}
