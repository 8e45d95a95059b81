/* open(2), openat(2), creat(2): flags of access and creation. O_TMPFILE has its own file. */
#include "../driver/promises.h"

#include <sys/resource.h>

PATH_PROMISES(open_read, open(path, O_RDONLY))
FOLLOWED_PROMISES(open_read)
PATH_PROMISES(open_exclusive, open(path, O_WRONLY | O_CREAT | O_EXCL, 0644))
NEW_INODE_PROMISES(open_exclusive)
PATH_PROMISES(open_create, open(path, O_WRONLY | O_CREAT, 0644))

CASE("O_CREAT makes an empty file, with the mode less the umask") {
  umask(027);
  ok(open("file", O_WRONLY | O_CREAT, 0666));
  expect_mode("file", S_IFREG | 0640);
  expect_equal(stat_of("file").st_size, 0);
  expect_equal(stat_of("file").st_nlink, 1);
}

CASE("O_CREAT of a file that exists opens it, and leaves mode and content") {
  make_file_with("file", "text");
  ok(chmod("file", 0640));
  ok(open("file", O_RDWR | O_CREAT, 0777));
  expect_mode("file", S_IFREG | 0640);
  expect_content("file", "text");
}

CASE("O_CREAT through a dangling symlink makes what it names") {
  make_dir("dir");
  make_link("dir/target", "link");
  put((int)ok(open("link", O_WRONLY | O_CREAT, 0644)), "text");
  expect_content("dir/target", "text");
}

CASE("set-user-ID and sticky bits may be set at creation") {
  ok(open("file", O_WRONLY | O_CREAT, 05755));
  expect_mode("file", S_IFREG | 05755);
}

USER_CASE("a descriptor of a new file is writable though its mode is not") {
  const int fd = (int)ok(open("file", O_RDWR | O_CREAT | O_EXCL, 0));
  put(fd, "text");
  expect_errno(EACCES, open("file", O_RDONLY));
  ok(chmod("file", 0400));
  expect_content("file", "text");
}

CASE("EEXIST from O_CREAT | O_EXCL of a symlink to a file") {
  make_file("file");
  make_link("file", "link");
  expect_errno(EEXIST, open("link", O_WRONLY | O_CREAT | O_EXCL, 0644));
}

CASE("O_TRUNC empties a file that exists, and keeps its inode") {
  make_file_with("file", "text");
  const ino_t inode = stat_of("file").st_ino;
  ok(open("file", O_WRONLY | O_TRUNC));
  expect_equal(stat_of("file").st_size, 0);
  expect_equal(stat_of("file").st_ino, inode);
  expect_content("file", "");
}

CASE("O_TRUNC updates mtime and ctime") {
  make_file_with("file", "text");
  expect_times("file", MTIM | CTIM, open("file", O_WRONLY | O_TRUNC));
}

CASE("O_TRUNC is seen by a descriptor that was open before") {
  const int fd = open_new("file");
  put(fd, "text");
  ok(open("file", O_WRONLY | O_TRUNC));
  char byte;
  expect_equal(pread(fd, &byte, 1, 0), 0);
  expect_equal(stat_of_fd(fd).st_size, 0);
}

CASE("O_CREAT | O_TRUNC of creat empties a file, and makes one") {
  make_file_with("file", "text");
  ok(creat("file", 0600));
  ok(creat("new", 0600));
  expect_equal(stat_of("file").st_size, 0);
  expect_mode("new", S_IFREG | 0600);
}

USER_CASE("EACCES from O_TRUNC without write permission, and the content is kept") {
  make_file_with("file", "text");
  ok(chmod("file", 0444));
  expect_errno(EACCES, open("file", O_WRONLY | O_TRUNC));
  expect_errno(EACCES, open("file", O_RDONLY | O_TRUNC));
  expect_content("file", "text");
}

CASE("opening for reading changes neither mtime nor ctime") {
  make_file_with("file", "text");
  expect_times("file", NOTHING, open("file", O_RDONLY));
  expect_times("file", NOTHING, open("file", O_RDWR | O_CREAT, 0600));
}

CASE("O_DIRECTORY opens a directory, and a symlink to one") {
  make_dir("dir");
  make_link("dir", "link");
  ok(open("dir", O_RDONLY | O_DIRECTORY));
  ok(open("link", O_RDONLY | O_DIRECTORY));
}

CASE("ENOTDIR from O_DIRECTORY of a file and of a fifo") {
  make_file("file");
  ok(mkfifo("fifo", 0600));
  expect_errno(ENOTDIR, open("file", O_RDONLY | O_DIRECTORY));
  expect_errno(ENOTDIR, open("fifo", O_RDONLY | O_DIRECTORY | O_NONBLOCK));
}

CASE("ELOOP from O_NOFOLLOW of a symlink, dangling or not") {
  make_file("file");
  make_link("file", "link");
  make_link("missing", "dangling");
  expect_errno(ELOOP, open("link", O_RDONLY | O_NOFOLLOW));
  expect_errno(ELOOP, open("dangling", O_RDONLY | O_NOFOLLOW));
  ok(open("file", O_RDONLY | O_NOFOLLOW));
}

CASE("O_NOFOLLOW follows symlinks before the last name") {
  make_dir("dir");
  make_file("dir/file");
  make_link("dir", "link");
  ok(open("link/file", O_RDONLY | O_NOFOLLOW));
}

/* open(2) has ELOOP for O_NOFOLLOW and ENOTDIR for O_DIRECTORY: with both, either is said. */
CASE("ENOTDIR or ELOOP from O_NOFOLLOW | O_DIRECTORY of a symlink to a directory") {
  make_dir("dir");
  make_link("dir", "link");
  expect_either(ENOTDIR, ELOOP, open("link", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
}

CASE("O_PATH | O_NOFOLLOW opens a symlink itself") {
  make_link("missing", "link");
  expect(S_ISLNK(stat_of_fd((int)ok(open("link", O_PATH | O_NOFOLLOW))).st_mode));
}

CASE("EBADF from reading and writing a descriptor opened with O_PATH, which fstat takes") {
  make_file_with("file", "text");
  const int fd = (int)ok(open("file", O_PATH));
  char byte = 0;
  expect_errno(EBADF, read(fd, &byte, 1));
  expect_errno(EBADF, write(fd, &byte, 1));
  expect_equal(stat_of_fd(fd).st_size, 4);
}

USER_CASE("O_PATH needs no permission on the file") {
  make_file_mode("file", 0);
  ok(open("file", O_PATH));
}

CASE("EISDIR from opening a directory for writing") {
  make_dir("dir");
  expect_errno(EISDIR, open("dir", O_WRONLY));
  expect_errno(EISDIR, open("dir", O_RDWR));
  expect_errno(EISDIR, open("dir", O_WRONLY | O_TRUNC));
  expect_errno(EISDIR, open("dir", O_RDONLY | O_CREAT, 0644));
}

CASE("EISDIR from O_CREAT of a path with a trailing slash") {
  expect_errno(EISDIR, open("new/", O_WRONLY | O_CREAT, 0644));
  expect(!exists("new"));
}

CASE("EBADF from writing what was opened to read, and from reading what was opened to write") {
  make_file_with("file", "text");
  char byte = 0;
  expect_errno(EBADF, write((int)ok(open("file", O_RDONLY)), &byte, 1));
  expect_errno(EBADF, read((int)ok(open("file", O_WRONLY)), &byte, 1));
}

CASE("openat takes a path relative to a directory, and AT_FDCWD") {
  make_dir("dir");
  const int directory = (int)ok(open("dir", O_RDONLY));
  put((int)ok(openat(directory, "file", O_WRONLY | O_CREAT, 0644)), "text");
  expect_content("dir/file", "text");
  ok(openat(AT_FDCWD, "dir/file", O_RDONLY));
  ok(openat(directory, "../dir/file", O_RDONLY));
}

CASE("EBADF and ENOTDIR from openat of a directory that is none") {
  const int fd = open_new("file");
  expect_errno(EBADF, openat(-1, "file", O_RDONLY));
  expect_errno(ENOTDIR, openat(fd, "file", O_RDONLY));
}

CASE("O_CLOEXEC is kept with the descriptor") {
  make_file("file");
  expect_equal(fcntl((int)ok(open("file", O_RDONLY | O_CLOEXEC)), F_GETFD), FD_CLOEXEC);
  expect_equal(fcntl((int)ok(open("file", O_RDONLY)), F_GETFD), 0);
}

CASE("F_GETFL answers the access mode and O_APPEND") {
  make_file("file");
  const int fd = (int)ok(open("file", O_RDWR | O_APPEND));
  const int flags = (int)ok(fcntl(fd, F_GETFL));
  expect_equal(flags & O_ACCMODE, O_RDWR);
  expect(flags & O_APPEND);
}

CASE("O_SYNC and O_DSYNC write as others do") {
  make_file("file");
  put((int)ok(open("file", O_WRONLY | O_SYNC)), "sync");
  expect_content("file", "sync");
  put((int)ok(open("file", O_WRONLY | O_DSYNC)), "data");
  expect_content("file", "data");
}

/* open(2): EINVAL where the file system does not support O_DIRECT. */
CASE("O_DIRECT reads and writes aligned blocks, where supported") {
  const int fd = open("file", O_RDWR | O_CREAT | O_DIRECT, 0644);
  if (fd < 0 && errno == EINVAL) skip("O_DIRECT is not supported here");
  ok(fd);
  unsigned char *block = aligned_alloc(4096, 8192);
  expect(block != NULL);
  fill_pattern(block, 8192, 0);
  expect_equal(pwrite(fd, block, 8192, 4096), 8192);
  memset(block, 0, 8192);
  expect_equal(pread(fd, block, 8192, 4096), 8192);
  expect(has_pattern(block, 8192, 0));
  expect_equal(stat_of_fd(fd).st_size, 12288);
}

USER_CASE("O_NOATIME is allowed for the owner") {
  make_file("file");
  ok(open("file", O_RDONLY | O_NOATIME));
}

ROOT_CASE("EPERM from O_NOATIME for who does not own the file") {
  make_file_mode("file", 0666);
  give("file", BOB);
  AS(ALICE) { expect_errno(EPERM, open("file", O_RDONLY | O_NOATIME)); }
}

CASE("EMFILE when the limit of descriptors is reached, and a later open works") {
  make_file("file");
  const struct rlimit limit = {16, 16};
  ok(setrlimit(RLIMIT_NOFILE, &limit));
  int last = -1;
  for (int fd = 0; fd >= 0; fd = open("file", O_RDONLY)) last = fd;
  expect_equal(errno, EMFILE);
  ok(close(last));
  ok(open("file", O_RDONLY));
}

CASE("500 descriptors of one file are independent") {
  const struct rlimit limit = {1024, 1024};
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) skip("setrlimit: %s", errno_name(errno));
  make_file_with("file", "0123456789");
  int fds[500];
  for (int i = 0; i < 500; i++) {
    fds[i] = (int)ok(open("file", O_RDONLY));
    ok(lseek(fds[i], i % 10, SEEK_SET));
  }
  for (int i = 0; i < 500; i++) {
    char byte;
    expect_equal(read(fds[i], &byte, 1), 1);
    expect_equal(byte, '0' + i % 10);
  }
}
