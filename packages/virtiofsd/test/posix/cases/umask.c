/* umask(2): taken from the mode of what is made, and of nothing else */
#include "../driver/battery.h"

CASE("every mask of a file, a directory, a fifo and a node") {
  for (mode_t mask = 0; mask <= 0777; mask += 0111 / 3 + 7) {
    umask(mask);
    ok(open("file", O_WRONLY | O_CREAT | O_EXCL, 0777));
    ok(mkdir("dir", 0777));
    ok(mkfifo("fifo", 0777));
    ok(mknod("node", S_IFREG | 0777, 0));
    expect_mode("file", S_IFREG | (0777 & ~mask));
    expect_mode("dir", S_IFDIR | (0777 & ~mask));
    expect_mode("fifo", S_IFIFO | (0777 & ~mask));
    expect_mode("node", S_IFREG | (0777 & ~mask));
    ok(unlink("file"));
    ok(rmdir("dir"));
    ok(unlink("fifo"));
    ok(unlink("node"));
  }
}

CASE("a mask of 0 takes nothing, one of 0777 all") {
  umask(0);
  ok(mkdir("all", 0777));
  umask(0777);
  ok(mkdir("none", 0777));
  expect_mode("all", S_IFDIR | 0777);
  expect_mode("none", S_IFDIR);
}

CASE("chmod and fchmod are not masked") {
  umask(077);
  const int fd = open_new("file");
  ok(chmod("file", 0666));
  expect_mode("file", S_IFREG | 0666);
  ok(fchmod(fd, 0777));
  expect_mode("file", S_IFREG | 0777);
}

CASE("O_CREAT of a file that exists, and O_TRUNC, are not masked") {
  make_file_mode("file", 0666);
  umask(077);
  ok(open("file", O_WRONLY | O_CREAT | O_TRUNC, 0644));
  expect_mode("file", S_IFREG | 0666);
}

CASE("the mask is that of the process that makes the file") {
  umask(022);
  SPAWN {
    umask(077);
    ok(open("theirs", O_WRONLY | O_CREAT, 0666));
  }
  join();
  ok(open("mine", O_WRONLY | O_CREAT, 0666));
  expect_mode("theirs", S_IFREG | 0600);
  expect_mode("mine", S_IFREG | 0644);
}

CASE("a mode less than the mask allows is kept") {
  umask(022);
  ok(open("file", O_WRONLY | O_CREAT, 0440));
  expect_mode("file", S_IFREG | 0440);
}
