/* mknod(2), mkfifo(3), fifo(7), and sockets bound to a name (unix(7)) */
#include "../driver/promises.h"

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

PATH_PROMISES(mkfifo, mkfifo(path, 0644))
NEW_INODE_PROMISES(mkfifo)
PATH_PROMISES(mknod, mknod(path, S_IFREG | 0644, 0))
NEW_INODE_PROMISES(mknod)

CASE("mkfifo makes a fifo with the mode less the umask") {
  umask(026);
  ok(mkfifo("fifo", 0666));
  expect_mode("fifo", S_IFIFO | 0640);
  expect_equal(stat_of("fifo").st_nlink, 1);
  expect_equal(stat_of("fifo").st_size, 0);
}

CASE("mknod makes files, fifos and sockets") {
  ok(mknod("file", S_IFREG | 0640, 0));
  ok(mknod("fifo", S_IFIFO | 0600, 0));
  ok(mknod("socket", S_IFSOCK | 0644, 0));
  expect_mode("file", S_IFREG | 0640);
  expect_mode("fifo", S_IFIFO | 0600);
  expect_mode("socket", S_IFSOCK | 0644);
}

/* mknod(2): "Zero file type is equivalent to type S_IFREG." */
CASE("mknod without a type makes a file") {
  ok(mknod("file", 0640, 0));
  expect_mode("file", S_IFREG | 0640);
  const int fd = (int)ok(open("file", O_RDWR));
  put(fd, "text");
  expect_content("file", "text");
}

CASE("mknodat takes a path relative to a directory") {
  make_dir("dir");
  ok(mknodat((int)ok(open("dir", O_RDONLY)), "fifo", S_IFIFO | 0600, 0));
  expect_mode("dir/fifo", S_IFIFO | 0600);
}

/* mknod(2) has EINVAL for other types; Linux answers EPERM for a directory. */
CASE("EINVAL or EPERM from mknod of a directory, EINVAL of an impossible type") {
  expect_either(EPERM, EINVAL, mknod("dir", S_IFDIR | 0755, 0));
  expect_errno(EINVAL, mknod("odd", S_IFMT | 0644, 0));
}

USER_CASE("EPERM from mknod of a device for who is not root") {
  expect_errno(EPERM, mknod("char", S_IFCHR | 0600, makedev(1, 3)));
  expect_errno(EPERM, mknod("block", S_IFBLK | 0600, makedev(7, 0)));
  expect(!exists("char") && !exists("block"));
}

ROOT_CASE("device nodes keep type and number") {
  if (mknod("char", S_IFCHR | 0600, makedev(1, 3)) < 0 && errno == EPERM) skip("this root may not make devices");
  ok(mknod("block", S_IFBLK | 0640, makedev(259, 65537)));
  expect_mode("char", S_IFCHR | 0600);
  expect_mode("block", S_IFBLK | 0640);
  expect_equal(stat_of("char").st_rdev, makedev(1, 3));
  expect_equal(stat_of("block").st_rdev, makedev(259, 65537));
}

ROOT_CASE("the largest device number that Linux has is kept") {
  if (mknod("char", S_IFCHR | 0600, makedev(4095, 1048575)) < 0 && errno == EPERM) {
    skip("this root may not make devices");
  }
  expect_equal(stat_of("char").st_rdev, makedev(4095, 1048575));
}

CASE("what one process writes to a fifo, another reads") {
  ok(mkfifo("fifo", 0600));
  SPAWN { put((int)ok(open("fifo", O_WRONLY)), "through the fifo"); }
  const int fd = (int)ok(open("fifo", O_RDONLY));
  char text[64];
  size_t got = 0;
  for (ssize_t part; (part = ok(read(fd, text + got, sizeof text - got))) > 0;) got += (size_t)part;
  expect_equal(got, strlen("through the fifo"));
  expect(memcmp(text, "through the fifo", got) == 0);
}

CASE("a fifo has no size and keeps nothing") {
  ok(mkfifo("fifo", 0600));
  const int reader = (int)ok(open("fifo", O_RDONLY | O_NONBLOCK));
  const int writer = (int)ok(open("fifo", O_WRONLY | O_NONBLOCK));
  put(writer, "text");
  expect_equal(stat_of("fifo").st_size, 0);
  ok(close(writer));
  ok(close(reader));
  char byte;
  expect_equal(read((int)ok(open("fifo", O_RDONLY | O_NONBLOCK)), &byte, 1), 0);
}

CASE("a fifo is the same by each of its names") {
  ok(mkfifo("fifo", 0600));
  ok(link("fifo", "other"));
  const int reader = (int)ok(open("fifo", O_RDONLY | O_NONBLOCK));
  put((int)ok(open("other", O_WRONLY | O_NONBLOCK)), "x");
  char byte;
  expect_equal(read(reader, &byte, 1), 1);
}

CASE("ENXIO from opening a fifo that nobody reads, for writing and without blocking") {
  ok(mkfifo("fifo", 0600));
  expect_errno(ENXIO, open("fifo", O_WRONLY | O_NONBLOCK));
  ok(open("fifo", O_RDONLY | O_NONBLOCK));
  ok(open("fifo", O_WRONLY | O_NONBLOCK));
}

CASE("EPIPE from writing to a fifo whose reader is gone") {
  ok(mkfifo("fifo", 0600));
  const int reader = (int)ok(open("fifo", O_RDONLY | O_NONBLOCK));
  const int writer = (int)ok(open("fifo", O_WRONLY));
  ok(close(reader));
  expect_errno(EPIPE, write(writer, "x", 1));
}

CASE("EAGAIN from reading a fifo that is empty, without blocking") {
  ok(mkfifo("fifo", 0600));
  const int reader = (int)ok(open("fifo", O_RDONLY | O_NONBLOCK));
  ok(open("fifo", O_WRONLY | O_NONBLOCK));
  char byte;
  expect_errno(EAGAIN, read(reader, &byte, 1));
}

CASE("ESPIPE from seeking, pread and pwrite in a fifo") {
  ok(mkfifo("fifo", 0600));
  const int fd = (int)ok(open("fifo", O_RDWR));
  char byte = 0;
  expect_errno(ESPIPE, lseek(fd, 0, SEEK_SET));
  expect_errno(ESPIPE, pread(fd, &byte, 1, 0));
  expect_errno(ESPIPE, pwrite(fd, &byte, 1, 0));
}

static const struct sockaddr_un NAME = {AF_UNIX, "socket"};

CASE("a socket is bound to a name, and reached by it") {
  const int server = (int)ok(socket(AF_UNIX, SOCK_STREAM, 0));
  ok(bind(server, (const struct sockaddr *)&NAME, sizeof NAME));
  expect(S_ISSOCK(stat_of("socket").st_mode));
  ok(listen(server, 1));
  const int client = (int)ok(socket(AF_UNIX, SOCK_STREAM, 0));
  ok(connect(client, (const struct sockaddr *)&NAME, sizeof NAME));
  const int accepted = (int)ok(accept(server, NULL, NULL));
  put(client, "hello");
  char text[5];
  expect_equal(read(accepted, text, 5), 5);
}

CASE("EADDRINUSE from binding to a name that exists") {
  make_file("socket");
  const int server = (int)ok(socket(AF_UNIX, SOCK_STREAM, 0));
  expect_errno(EADDRINUSE, bind(server, (const struct sockaddr *)&NAME, sizeof NAME));
}

CASE("ECONNREFUSED from connecting to a socket that nobody holds, or to a file") {
  ok(mknod("socket", S_IFSOCK | 0777, 0));
  const int client = (int)ok(socket(AF_UNIX, SOCK_STREAM, 0));
  expect_errno(ECONNREFUSED, connect(client, (const struct sockaddr *)&NAME, sizeof NAME));
  ok(unlink("socket"));
  make_file("socket");
  expect_errno(ECONNREFUSED, connect(client, (const struct sockaddr *)&NAME, sizeof NAME));
}

CASE("ENXIO from opening a socket") {
  ok(mknod("socket", S_IFSOCK | 0777, 0));
  expect_errno(ENXIO, open("socket", O_RDWR));
}
