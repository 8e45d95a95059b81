/* utimensat(2), futimens(3) */
#include "../driver/promises.h"

static const struct timespec SOME[2] = {{1000000000, 1}, {1500000000, 999999999}};

PATH_PROMISES(utimensat, utimensat(AT_FDCWD, path, SOME, 0))
FOLLOWED_PROMISES(utimensat)

static bool same(struct timespec a, struct timespec b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

static void expect_set(const char *path, struct timespec atime, struct timespec mtime) {
  const struct stat status = stat_of(path);
  expect_equal(status.st_atim.tv_sec, atime.tv_sec);
  expect_equal(status.st_atim.tv_nsec, atime.tv_nsec);
  expect_equal(status.st_mtim.tv_sec, mtime.tv_sec);
  expect_equal(status.st_mtim.tv_nsec, mtime.tv_nsec);
}

static void expect_kept(time_t seconds, long nanoseconds) {
  const struct timespec atime = {seconds, nanoseconds}, mtime = {seconds + 1, nanoseconds};
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", (const struct timespec[]){atime, mtime}, 0));
  expect_set("file", atime, mtime);
}

CASE("both times are set to the nanosecond") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  expect_set("file", SOME[0], SOME[1]);
}

CASE("directories, fifos and symlinks have times to be set") {
  make_dir("dir");
  ok(mkfifo("fifo", 0600));
  make_link("missing", "link");
  const char *const paths[] = {"dir", "fifo", "link"};
  for (int i = 0; i < 3; i++) {
    ok(utimensat(AT_FDCWD, paths[i], SOME, AT_SYMLINK_NOFOLLOW));
    expect_set(paths[i], SOME[0], SOME[1]);
  }
}

CASE("a symlink is followed without AT_SYMLINK_NOFOLLOW") {
  make_file("file");
  make_link("file", "link");
  const struct stat before = stat_of("link");
  ok(utimensat(AT_FDCWD, "link", SOME, 0));
  expect_set("file", SOME[0], SOME[1]);
  expect(same(stat_of("link").st_mtim, before.st_mtim));
}

CASE("futimens sets the times of the open file, read-only or not") {
  make_file("file");
  ok(futimens((int)ok(open("file", O_RDONLY)), SOME));
  expect_set("file", SOME[0], SOME[1]);
}

CASE("the time 0 is kept") { expect_kept(0, 0); }
CASE("a time before 1970 is kept") { expect_kept(-86400, 5); }
CASE("the second before 1970 is kept, with nanoseconds") { expect_kept(-2, 999999999); }
CASE("the earliest time of 32 bits is kept") { expect_kept(INT32_MIN, 0); }
CASE("the time 2^31 of the year 2038 is kept") { expect_kept(INT32_MAX, 7); }
CASE("a time beyond 2038 is kept") { expect_kept(2500000000, 123456789); }
CASE("a time beyond 2^32 is kept") { expect_kept(4294967295, 1); }
CASE("a time of the year 2400 is kept") { expect_kept(13569465600, 0); }

CASE("UTIME_NOW sets the time of now") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  tick();
  make_file("mark");
  tick();
  ok(utimensat(AT_FDCWD, "file", (const struct timespec[]){{0, UTIME_NOW}, {0, UTIME_NOW}}, 0));
  const struct stat status = stat_of("file");
  expect(status.st_mtim.tv_sec >= stat_of("mark").st_mtim.tv_sec);
  expect(same(status.st_atim, status.st_mtim));
}

CASE("no times at all is now for both") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  const struct stat mark = stat_of("file");
  ok(utimensat(AT_FDCWD, "file", NULL, 0));
  expect(stat_of("file").st_mtim.tv_sec >= mark.st_ctim.tv_sec);
  expect(stat_of("file").st_atim.tv_sec >= mark.st_ctim.tv_sec);
}

CASE("UTIME_OMIT leaves the access time") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  const struct timespec times[] = {{5, UTIME_OMIT}, {42, 43}};
  ok(utimensat(AT_FDCWD, "file", times, 0));
  expect_set("file", SOME[0], times[1]);
}

CASE("UTIME_OMIT leaves the modification time") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  const struct timespec times[] = {{42, 43}, {5, UTIME_OMIT}};
  ok(utimensat(AT_FDCWD, "file", times, 0));
  expect_set("file", times[0], SOME[1]);
}

CASE("UTIME_OMIT for one and UTIME_NOW for the other") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  ok(utimensat(AT_FDCWD, "file", (const struct timespec[]){{0, UTIME_OMIT}, {0, UTIME_NOW}}, 0));
  expect(same(stat_of("file").st_atim, SOME[0]));
  expect(stat_of("file").st_mtim.tv_sec > SOME[1].tv_sec);
}

/* utimensat(2): "the file status is not changed, even the ctime" when both are UTIME_OMIT */
CASE("UTIME_OMIT for both changes nothing, the ctime included") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  const struct timespec neither[] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  expect_times("file", NOTHING, utimensat(AT_FDCWD, "file", neither, 0));
}

CASE("the ctime is updated to now, whatever the times set") {
  make_file("file");
  const struct stat before = stat_of("file");
  tick();
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  const struct timespec now = stat_of("file").st_ctim;
  expect(now.tv_sec > before.st_ctim.tv_sec ||
         (now.tv_sec == before.st_ctim.tv_sec && now.tv_nsec > before.st_ctim.tv_nsec));
}

CASE("a write after the times were set moves the mtime, not back") {
  const int fd = open_new("file");
  ok(futimens(fd, SOME));
  put(fd, "text");
  ok(fsync(fd));
  expect(stat_of("file").st_mtim.tv_sec > SOME[1].tv_sec);
}

CASE("times set after a write are kept when the file is closed") {
  const int fd = open_new("file");
  put(fd, "text");
  ok(futimens(fd, SOME));
  ok(close(fd));
  tick();
  expect_set("file", SOME[0], SOME[1]);
}

CASE("times set by path while a descriptor has written are kept") {
  const int fd = open_new("file");
  put(fd, "text");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  ok(fsync(fd));
  ok(close(fd));
  expect_set("file", SOME[0], SOME[1]);
}

CASE("EINVAL for nanoseconds out of range, and nothing is set") {
  make_file("file");
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  expect_errno(EINVAL, utimensat(AT_FDCWD, "file", (const struct timespec[]){{1, 1000000000}, {1, 0}}, 0));
  expect_errno(EINVAL, utimensat(AT_FDCWD, "file", (const struct timespec[]){{1, 0}, {1, -1}}, 0));
  expect_set("file", SOME[0], SOME[1]);
}

CASE("EINVAL for a flag that is not known, EBADF for a directory that is none") {
  make_file("file");
  expect_errno(EINVAL, utimensat(AT_FDCWD, "file", SOME, 0x8000));
  expect_errno(EBADF, utimensat(-1, "file", SOME, 0));
  expect_errno(EBADF, futimens(-1, SOME));
}

ROOT_CASE("who may write a file of another may set it to now, and EPERM for other times") {
  make_file_mode("file", 0666);
  give("file", BOB);
  const struct timespec half[] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  AS(ALICE) {
    ok(utimensat(AT_FDCWD, "file", NULL, 0));
    expect_errno(EPERM, utimensat(AT_FDCWD, "file", SOME, 0));
    expect_errno(EPERM, utimensat(AT_FDCWD, "file", half, 0));
  }
}

ROOT_CASE("EACCES for who may not write a file of another, even for now") {
  make_file_mode("file", 0644);
  give("file", BOB);
  AS(ALICE) {
    expect_errno(EACCES, utimensat(AT_FDCWD, "file", NULL, 0));
    expect_errno(EPERM, utimensat(AT_FDCWD, "file", SOME, 0));
  }
}

USER_CASE("an owner may set times without write permission") {
  make_file_mode("file", 0444);
  ok(utimensat(AT_FDCWD, "file", SOME, 0));
  ok(utimensat(AT_FDCWD, "file", NULL, 0));
}
