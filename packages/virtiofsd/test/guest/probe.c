/* What the guest's busybox cannot do: single system calls, and their outcome in words. Built static, for the guest only.
 *
 *   probe COMMAND ARGUMENT...     prints what it found; a call that fails prints the name of its errno, and the status is 1
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static long try(long result) {
  if (result < 0) {
    puts(strerrorname_np(errno));
    exit(1);
  }
  return result;
}

static void expect(int condition, const char *what) {
  if (condition) return;
  printf("not so: %s\n", what);
  exit(1);
}

/* exclusive PATH: creates a file that must not exist */
static void exclusive(char **a) { try(open(a[0], O_CREAT | O_EXCL | O_WRONLY, 0644)); }

/* extents PATH: where the data is, by SEEK_DATA and SEEK_HOLE */
static void extents(char **a) {
  int fd = try(open(a[0], O_RDONLY));
  off_t start, end = 0;
  while ((start = lseek(fd, end, SEEK_DATA)) >= 0) {
    end = try(lseek(fd, start, SEEK_HOLE));
    printf("%lld-%lld\n", (long long)start, (long long)end);
  }
  expect(errno == ENXIO, "SEEK_DATA ends with ENXIO");
}

/* rename FROM TO noreplace|exchange */
static void rename_with(char **a) {
  unsigned flags = strcmp(a[2], "exchange") == 0 ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  try(renameat2(AT_FDCWD, a[0], AT_FDCWD, a[1], flags));
}

/* fallocate PATH MODE OFFSET LENGTH: mode 0 allocates, 1 keeps the size, 3 punches a hole */
static void allocate(char **a) {
  int fd = try(open(a[0], O_RDWR));
  try(fallocate(fd, atoi(a[1]), atoll(a[2]), atoll(a[3])));
}

/* times PATH SECONDS NANOSECONDS: of access and, one nanosecond later, of modification */
static void times(char **a) {
  struct timespec t[2] = {{atoll(a[1]), atol(a[2])}, {atoll(a[1]), atol(a[2]) + 1}};
  try(utimensat(AT_FDCWD, a[0], t, AT_SYMLINK_NOFOLLOW));
}

/* many create|rename|unlink FOLDER COUNT: on one file after the other */
static void many(char **a) {
  char old[4096], new[4096];
  for (int i = 0; i < atoi(a[2]); i++) {
    snprintf(old, sizeof old, "%s/old-%d", a[1], i);
    snprintf(new, sizeof new, "%s/new-%d", a[1], i);
    if (strcmp(a[0], "create") == 0) {
      int fd = try(open(old, O_CREAT | O_EXCL | O_WRONLY, 0644));
      try(dprintf(fd, "file %d\n", i));
      try(close(fd));
    } else if (strcmp(a[0], "rename") == 0) {
      try(rename(old, new));
    } else {
      try(unlink(new));
    }
  }
}

/* append PATH LETTER COUNT: that many lines of 99 letters, each written by one call */
static void append(char **a) {
  char line[100];
  memset(line, a[1][0], 99);
  line[99] = '\n';
  int fd = try(open(a[0], O_WRONLY | O_APPEND | O_CREAT, 0644));
  for (int i = 0; i < atoi(a[2]); i++) expect(try(write(fd, line, 100)) == 100, "a whole line was written");
  try(close(fd));
}

/* unlinked PATH: goes on with a file that has no name any more */
static void unlinked(char **a) {
  char text[32] = {0};
  struct stat st;
  int fd = try(open(a[0], O_CREAT | O_EXCL | O_RDWR, 0644));
  expect(try(write(fd, "before ", 7)) == 7, "written before");
  try(unlink(a[0]));
  expect(access(a[0], F_OK) < 0 && errno == ENOENT, "the name is gone");
  expect(try(write(fd, "after", 5)) == 5, "written after");
  expect(try(pread(fd, text, sizeof text, 0)) == 12 && strcmp(text, "before after") == 0, "both can be read");
  try(fstat(fd, &st));
  expect(st.st_size == 12 && st.st_nlink == 0, "its size is 12, it has no links");
  try(fchmod(fd, 0600));
  try(ftruncate(fd, 3));
  try(fsync(fd));
  try(fstat(fd, &st));
  expect(st.st_size == 3 && (st.st_mode & 0777) == 0600, "its size and mode can be changed");
  int other = try(open(a[0], O_CREAT | O_EXCL | O_RDWR, 0644));
  struct stat st2;
  try(fstat(other, &st2));
  expect(st2.st_size == 0 && st2.st_ino != st.st_ino, "the name is free for another file");
}

/* replaced PATH OTHER: reads on in a file that another was renamed over */
static void replaced(char **a) {
  char text[64] = {0};
  int fd = try(open(a[0], O_RDONLY));
  try(rename(a[1], a[0]));
  try(read(fd, text, sizeof text - 1));
  printf("%s", text);
}

/* mapped PATH OFFSET TEXT: writes through a shared mapping, and reads it back by a call */
static void mapped(char **a) {
  int fd = try(open(a[0], O_RDWR));
  struct stat st;
  try(fstat(fd, &st));
  char *memory = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) try(-1);
  long offset = atol(a[1]), length = strlen(a[2]);
  memcpy(memory + offset, a[2], length);
  try(msync(memory, st.st_size, MS_SYNC));
  char back[256] = {0};
  expect(try(pread(fd, back, length, offset)) == length && memcmp(back, a[2], length) == 0, "reads see the mapping");
  expect(try(pwrite(fd, "!", 1, offset)) == 1 && memory[offset] == '!', "the mapping sees writes");
}

/* synced PATH READY GO: writes and syncs, makes READY, and keeps the file open until GO is there */
static void synced(char **a) {
  int fd = try(open(a[0], O_CREAT | O_WRONLY, 0644));
  expect(try(write(fd, "safe\n", 5)) == 5, "written");
  try(fsync(fd));
  try(close(try(open(a[1], O_CREAT | O_WRONLY, 0644))));
  while (access(a[2], F_OK) < 0) usleep(1000);
}

/* seekdir FOLDER: goes back to every place in a folder, and finds there what was there */
static void seek_folder(char **a) {
  enum { MAX = 4096 };
  static char names[MAX][256];
  static long places[MAX];
  int count = 0;
  DIR *folder = opendir(a[0]);
  if (folder == NULL) try(-1);
  for (;;) {
    long place = telldir(folder);
    struct dirent *entry = readdir(folder);
    if (entry == NULL) break;
    expect(count < MAX, "the folder is not too large for this test");
    places[count] = place;
    strcpy(names[count++], entry->d_name);
  }
  for (int i = count - 1; i >= 0; i -= 7) {
    seekdir(folder, places[i]);
    struct dirent *entry = readdir(folder);
    expect(entry != NULL && strcmp(entry->d_name, names[i]) == 0, names[i]);
  }
  rewinddir(folder);
  int again = 0;
  while (readdir(folder) != NULL) again++;
  expect(again == count, "as many entries after rewinddir");
  printf("%d\n", count - 2);
}

/* socket PATH: a server and a client that find each other by a socket in the share */
static void local_socket(char **a) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, a[0], sizeof address.sun_path - 1);
  int server = try(socket(AF_UNIX, SOCK_STREAM, 0));
  try(bind(server, (struct sockaddr *)&address, sizeof address));
  try(listen(server, 1));
  if (try(fork()) == 0) {
    int client = try(socket(AF_UNIX, SOCK_STREAM, 0));
    try(connect(client, (struct sockaddr *)&address, sizeof address));
    try(write(client, "met", 3));
    _exit(0);
  }
  char text[8] = {0};
  try(read(try(accept(server, NULL, NULL)), text, sizeof text - 1));
  puts(text);
  wait(NULL);
}

/* direct PATH: writes and reads past the guest's cache */
static void direct(char **a) {
  char *block = NULL;
  expect(posix_memalign((void **)&block, 4096, 65536) == 0, "aligned memory");
  memset(block, 'd', 65536);
  int fd = try(open(a[0], O_CREAT | O_RDWR | O_DIRECT, 0644));
  expect(try(pwrite(fd, block, 65536, 4096)) == 65536, "written");
  memset(block, 0, 65536);
  expect(try(pread(fd, block, 65536, 0)) == 65536, "read");
  expect(block[4095] == 0 && block[4096] == 'd' && block[65535] == 'd', "what was written is read");
  expect(try(pread(fd, block, 65536, 65536)) == 4096, "a read across the end is short");
}

/* locks PATH: what one process has locked, another cannot lock */
static void locks(char **a) {
  int fd = try(open(a[0], O_CREAT | O_RDWR, 0644));
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
  try(flock(fd, LOCK_EX));
  try(fcntl(fd, F_SETLK, &range));
  if (try(fork()) == 0) {
    int other = try(open(a[0], O_RDWR));
    expect(flock(other, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK, "the file is locked");
    expect(fcntl(other, F_SETLK, &range) < 0 && errno == EAGAIN, "the range is locked");
    range.l_start = 20;
    try(fcntl(other, F_SETLK, &range));
    _exit(0);
  }
  int status;
  wait(&status);
  expect(status == 0, "the other process found what it should");
  try(flock(fd, LOCK_UN));
  try(flock(try(open(a[0], O_RDWR)), LOCK_EX | LOCK_NB));
}

/* open-many FOLDER COUNT: has that many files open at once, and reads each by its descriptor */
static void open_many(char **a) {
  char path[4096], text[32];
  int count = atoi(a[1]), descriptors[1000];
  expect(count <= 1000, "not more than fit");
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/file-%d", a[0], i);
    descriptors[i] = try(open(path, O_CREAT | O_EXCL | O_RDWR, 0644));
    try(dprintf(descriptors[i], "%d", i));
  }
  for (int i = count - 1; i >= 0; i--) {
    long length = try(pread(descriptors[i], text, sizeof text - 1, 0));
    text[length] = 0;
    expect(atoi(text) == i, "each file has its own content");
  }
}

static const struct {
  const char *name;
  int arguments;
  void (*run)(char **arguments);
} commands[] = {
    {"exclusive", 1, exclusive}, {"extents", 1, extents},     {"rename", 3, rename_with}, {"fallocate", 4, allocate},
    {"times", 3, times},         {"many", 3, many},           {"append", 3, append},      {"unlinked", 1, unlinked},
    {"replaced", 2, replaced},   {"mapped", 3, mapped},       {"synced", 3, synced},      {"seekdir", 1, seek_folder},
    {"socket", 1, local_socket}, {"direct", 1, direct},       {"locks", 1, locks},        {"open-many", 2, open_many},
};

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (argc >= 2 && strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].arguments) {
      commands[i].run(argv + 2);
      return 0;
    }
  }
  fprintf(stderr, "probe: no such command, or not with that many arguments\n");
  return 2;
}
