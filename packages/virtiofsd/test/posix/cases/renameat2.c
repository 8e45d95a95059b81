/* renameat2(2): RENAME_NOREPLACE and RENAME_EXCHANGE. Not every file system has each (EINVAL). */
#include "../driver/battery.h"

#include <sys/syscall.h>

enum { NOREPLACE = 1, EXCHANGE = 2 };

static long move(const char *from, const char *to, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void need(unsigned flag) {
  make_file("one");
  make_file("two");
  if (flag == NOREPLACE) ok(unlink("two"));
  if (move("one", "two", flag) < 0) {
    if (errno == EINVAL || errno == ENOSYS) skip("flag %u of renameat2 is not supported here", flag);
    ok(-1);
  }
  ok(unlink("two"));
  if (flag == EXCHANGE) ok(unlink("one"));
}

CASE("NOREPLACE renames to a new name") {
  need(NOREPLACE);
  make_file_with("from", "text");
  ok(move("from", "to", NOREPLACE));
  expect_content("to", "text");
  expect(!exists("from"));
}

CASE("NOREPLACE: EEXIST over a file, which is kept") {
  need(NOREPLACE);
  make_file_with("from", "from");
  make_file_with("to", "to");
  expect_errno(EEXIST, move("from", "to", NOREPLACE));
  expect_content("from", "from");
  expect_content("to", "to");
}

CASE("NOREPLACE: EEXIST over an empty directory, a dangling symlink and itself") {
  need(NOREPLACE);
  make_file("from");
  make_dir("dir");
  make_link("missing", "link");
  expect_errno(EEXIST, move("from", "dir", NOREPLACE));
  expect_errno(EEXIST, move("from", "link", NOREPLACE));
  expect_errno(EEXIST, move("from", "from", NOREPLACE));
}

CASE("NOREPLACE: ENOENT of a missing file") {
  need(NOREPLACE);
  expect_errno(ENOENT, move("missing", "to", NOREPLACE));
}

CASE("NOREPLACE moves a directory to another") {
  need(NOREPLACE);
  make_dir("a");
  make_dir("b");
  make_file("b/file");
  ok(move("b", "a/b", NOREPLACE));
  expect(exists("a/b/file"));
}

CASE("EXCHANGE swaps two files") {
  need(EXCHANGE);
  make_file_with("a", "was a");
  make_file_with("b", "was b");
  const ino_t inode = stat_of("a").st_ino;
  ok(move("a", "b", EXCHANGE));
  expect_content("a", "was b");
  expect_content("b", "was a");
  expect_equal(stat_of("b").st_ino, inode);
}

CASE("EXCHANGE swaps a file and a directory that is not empty") {
  need(EXCHANGE);
  make_file_with("a", "text");
  make_dir("b");
  make_file("b/file");
  ok(move("a", "b", EXCHANGE));
  expect_content("b", "text");
  expect(exists("a/file"));
}

CASE("EXCHANGE swaps directories of two parents, and their ..") {
  need(EXCHANGE);
  make_dir("p");
  make_dir("q");
  make_dir("p/a");
  make_dir("q/b");
  make_file("p/a/in-a");
  ok(move("p/a", "q/b", EXCHANGE));
  expect(exists("q/b/in-a"));
  expect_equal(stat_of("q/b/..").st_ino, stat_of("q").st_ino);
  expect_equal(stat_of("p/a/..").st_ino, stat_of("p").st_ino);
}

CASE("EXCHANGE of a file and a directory in two parents moves the counts of links") {
  need(EXCHANGE);
  make_dir("p");
  make_dir("q");
  make_dir("p/dir");
  make_file("q/file");
  const bool counted = stat_of("p").st_nlink == 3;
  ok(move("p/dir", "q/file", EXCHANGE));
  expect_equal(stat_of("p").st_nlink, counted ? 2 : 1);
  expect_equal(stat_of("q").st_nlink, counted ? 3 : 1);
}

CASE("EXCHANGE swaps a symlink and a file, not what the symlink names") {
  need(EXCHANGE);
  make_file_with("file", "text");
  make_link("missing", "link");
  ok(move("file", "link", EXCHANGE));
  expect(S_ISLNK(stat_of("file").st_mode));
  expect_content("link", "text");
}

CASE("EXCHANGE: ENOENT when either is missing, and nothing is made") {
  need(EXCHANGE);
  make_file("file");
  expect_errno(ENOENT, move("file", "missing", EXCHANGE));
  expect_errno(ENOENT, move("missing", "file", EXCHANGE));
  expect_equal(count_entries("."), 1);
}

CASE("EXCHANGE: EINVAL of a directory and what is beneath it, in both orders") {
  need(EXCHANGE);
  make_dir("dir");
  make_dir("dir/sub");
  expect_errno(EINVAL, move("dir", "dir/sub", EXCHANGE));
  expect_either(EINVAL, ENOTEMPTY, move("dir/sub", "dir", EXCHANGE));
}

CASE("EXCHANGE updates the ctime of both") {
  need(EXCHANGE);
  make_file("a");
  make_file("b");
  const struct stat a = stat_of("a"), b = stat_of("b");
  tick();
  ok(move("a", "b", EXCHANGE));
  expect_equal(stat_of("b").st_ino, a.st_ino);
  check_times(&a, "b", CTIM, HERE);
  check_times(&b, "a", CTIM, HERE);
}

CASE("EINVAL of both flags together, and of flags that are not known") {
  make_file("a");
  make_file("b");
  expect_errno(EINVAL, move("a", "b", NOREPLACE | EXCHANGE));
  expect_errno(EINVAL, move("a", "b", 0x80));
}
