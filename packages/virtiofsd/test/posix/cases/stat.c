/* stat(2), lstat(2), fstat(2), fstatat(2), statx(2), statvfs(3) */
#include "../driver/promises.h"

#include <sys/statvfs.h>

static struct stat status;
static struct statvfs system_status;

PATH_PROMISES(stat, stat(path, &status))
FOLLOWED_PROMISES(stat)
PATH_PROMISES(lstat, lstat(path, &status))
EXISTING_PROMISES(lstat)
PATH_PROMISES(statvfs, statvfs(path, &system_status))
FOLLOWED_PROMISES(statvfs)

CASE("a new file has its type, one link, no size, no blocks, and the owner's ids") {
  make_file("file");
  status = stat_of("file");
  expect_equal(status.st_mode, S_IFREG | 0644);
  expect_equal(status.st_nlink, 1);
  expect_equal(status.st_size, 0);
  expect_equal(status.st_blocks, 0);
  expect_equal(status.st_uid, geteuid());
  expect(status.st_blksize > 0);
  expect(status.st_ino > 0);
}

CASE("all files are of the device of their directory") {
  make_file("file");
  make_dir("dir");
  make_link("file", "link");
  const dev_t device = stat_of(".").st_dev;
  expect_equal(stat_of("file").st_dev, device);
  expect_equal(stat_of("dir").st_dev, device);
  expect_equal(stat_of("link").st_dev, device);
}

CASE("stat, lstat, fstat and fstatat agree") {
  const int fd = open_new("file");
  put(fd, "text");
  struct stat one, two;
  ok(stat("file", &one));
  ok(fstatat(AT_FDCWD, "file", &two, 0));
  status = stat_of_fd(fd);
  const struct stat all[] = {two, status, stat_of("file")};
  for (int i = 0; i < 3; i++) {
    expect_equal(all[i].st_ino, one.st_ino);
    expect_equal(all[i].st_size, 4);
    expect_equal(all[i].st_mode, one.st_mode);
    expect(memcmp(&all[i].st_mtim, &one.st_mtim, sizeof one.st_mtim) == 0);
    expect(memcmp(&all[i].st_ctim, &one.st_ctim, sizeof one.st_ctim) == 0);
  }
}

CASE("a new file has three times that are near each other and not in the future") {
  struct timespec now;
  make_file("file");
  tick();
  ok(clock_gettime(CLOCK_REALTIME, &now));
  status = stat_of("file");
  /* The clock of the file system may be another machine's: what is promised is its order only. */
  expect(status.st_ctim.tv_sec - status.st_mtim.tv_sec <= 1);
  expect(status.st_ctim.tv_sec - status.st_atim.tv_sec <= 1);
  expect(status.st_mtim.tv_sec <= now.tv_sec + 2);
}

CASE("blocks are those of the data written, in units of 512 bytes") {
  enum { SIZE = 1 << 20 };
  unsigned char *bytes = malloc(SIZE);
  fill_pattern(bytes, SIZE, 0);
  const int fd = open_new("file");
  expect_equal(write(fd, bytes, SIZE), SIZE);
  ok(fsync(fd));
  const blkcnt_t blocks = stat_of("file").st_blocks;
  /* Not more than twice: file systems count their own blocks and trees too. */
  expect(blocks >= SIZE / 512 && blocks <= 2 * SIZE / 512);
}

CASE("a hole takes no blocks") {
  const int fd = open_new("file");
  expect_equal(pwrite(fd, "x", 1, 100 << 20), 1);
  ok(fsync(fd));
  expect_equal(stat_of("file").st_size, (100 << 20) + 1);
  expect(stat_of("file").st_blocks < (10 << 20) / 512);
}

CASE("the inode number stays through writing, chmod, rename and opening again") {
  make_file("file");
  const ino_t inode = stat_of("file").st_ino;
  put((int)ok(open("file", O_WRONLY)), "text");
  ok(chmod("file", 0600));
  ok(rename("file", "renamed"));
  expect_equal(stat_of("renamed").st_ino, inode);
  expect_equal(stat_of_fd((int)ok(open("renamed", O_RDONLY))).st_ino, inode);
}

CASE("500 files have 500 inode numbers, twice the same") {
  static ino_t seen[500];
  char path[32];
  for (int i = 0; i < 500; i++) {
    snprintf(path, sizeof path, "%d", i);
    make_file(path);
    seen[i] = stat_of(path).st_ino;
  }
  for (int i = 0; i < 500; i++) {
    snprintf(path, sizeof path, "%d", i);
    expect_equal(stat_of(path).st_ino, seen[i]);
    for (int j = 0; j < i; j++) expect(seen[j] != seen[i]);
  }
}

CASE("the size of a symlink is the length of its target") {
  make_link("0123456789", "link");
  expect_equal(stat_of("link").st_size, 10);
}

CASE("fstatat takes a relative path, AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH") {
  make_dir("dir");
  make_link("missing", "dir/link");
  const int directory = (int)ok(open("dir", O_RDONLY));
  ok(fstatat(directory, "link", &status, AT_SYMLINK_NOFOLLOW));
  expect(S_ISLNK(status.st_mode));
  ok(fstatat(directory, "", &status, AT_EMPTY_PATH));
  expect_equal(status.st_ino, stat_of("dir").st_ino);
  expect_errno(ENOENT, fstatat(directory, "", &status, 0));
}

CASE("EBADF, ENOTDIR and EINVAL from fstatat") {
  const int fd = open_new("file");
  expect_errno(EBADF, fstatat(-1, "file", &status, 0));
  expect_errno(ENOTDIR, fstatat(fd, "file", &status, 0));
  expect_errno(EINVAL, fstatat(AT_FDCWD, "file", &status, 0x8000));
  expect_errno(EBADF, fstat(-1, &status));
}

CASE("EFAULT for a result at a bad address") {
#ifdef __SANITIZE_ADDRESS__
  skip("the sanitizer writes the results of some calls");
#endif
  make_file("file");
  expect_errno(EFAULT, stat("file", bad_address));
}

CASE("statx answers the basic fields as stat does") {
  make_file_with("file", "text");
  ok(link("file", "other"));
  struct statx extended;
  ok(statx(AT_FDCWD, "file", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &extended));
  status = stat_of("file");
  expect_equal(extended.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
  expect_equal(extended.stx_mode, status.st_mode);
  expect_equal(extended.stx_nlink, 2);
  expect_equal(extended.stx_size, 4);
  expect_equal(extended.stx_ino, status.st_ino);
  expect_equal(extended.stx_mtime.tv_nsec, status.st_mtim.tv_nsec);
  if (extended.stx_mask & STATX_BTIME) expect(extended.stx_btime.tv_sec <= extended.stx_ctime.tv_sec);
}

CASE("statx with AT_STATX_FORCE_SYNC sees what was just written") {
  const int fd = open_new("file");
  struct statx extended;
  for (int i = 1; i <= 20; i++) {
    put(fd, "x");
    ok(statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_SIZE, &extended));
    expect_equal(extended.stx_size, i);
  }
}

CASE("statvfs answers sizes that fit together") {
  ok(statvfs(".", &system_status));
  expect(system_status.f_bsize > 0 && system_status.f_frsize > 0);
  expect(system_status.f_bfree <= system_status.f_blocks);
  expect(system_status.f_bavail <= system_status.f_bfree);
  expect(system_status.f_ffree <= system_status.f_files);
  expect(system_status.f_namemax >= 255);
}

CASE("fstatvfs of a file and statvfs of its directory agree") {
  struct statvfs other;
  ok(fstatvfs(open_new("file"), &system_status));
  ok(statvfs(".", &other));
  expect_equal(system_status.f_blocks, other.f_blocks);
  expect_equal(system_status.f_namemax, other.f_namemax);
  expect_errno(EBADF, fstatvfs(-1, &other));
}

USER_CASE("stat needs no permission on the file") {
  make_file_mode("file", 0);
  ok(stat("file", &status));
  expect_equal(status.st_mode, S_IFREG);
}
