/* opendir(3), readdir(3), telldir(3), seekdir(3), rewinddir(3), getdents64(2) */
#include "../driver/promises.h"

#include <sys/syscall.h>

static long long open_and_close(const char *path) {
  DIR *directory = opendir(path);
  return directory ? closedir(directory) : -1;
}

/* opendir itself looks at the name first, which a bad address does not survive. */
PATH_PROMISES(open_directory, open(path, O_RDONLY | O_DIRECTORY))
FOLLOWED_PROMISES(open_directory)

/* More than one call of getdents64 answers, whatever the buffer of the C library. */
enum { MANY = 1200, HALF = MANY / 2 };

static DIR *opened(const char *path) {
  DIR *directory = opendir(path);
  if (!directory) ok(-1);
  return directory;
}

static void make_many(int count) {
  char path[32];
  make_dir("dir");
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "dir/%d", i);
    ok(mknod(path, S_IFREG | 0644, 0));
  }
}

static bool is_dot(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

/* The next entry that is not . or .., or NULL at the end. */
static struct dirent *next(DIR *directory) {
  struct dirent *entry;
  do {
    errno = 0;
    entry = readdir(directory);
    if (!entry && errno) ok(-1);
  } while (entry && is_dot(entry->d_name));
  return entry;
}

/* Counts how often each number below MANY is listed, from here to the end. */
static void count_rest(DIR *directory, int *seen) {
  for (struct dirent *entry; (entry = next(directory));) seen[atoi(entry->d_name)] += 1;
}

CASE("every entry is listed once, with . and ..") {
  make_dir("dir");
  make_file("dir/file");
  make_dir("dir/sub");
  make_link("file", "dir/link");
  int dots = 0, others = 0;
  DIR *directory = opened("dir");
  for (struct dirent *entry; (entry = readdir(directory));) *(is_dot(entry->d_name) ? &dots : &others) += 1;
  expect_equal(others, 3);
  expect_equal(dots, 2);
}

CASE("1,200 entries are listed once each") {
  static int seen[MANY];
  make_many(MANY);
  count_rest(opened("dir"), seen);
  for (int i = 0; i < MANY; i++) expect_equal(seen[i], 1);
}

CASE("inode numbers are those of stat") {
  make_dir("dir");
  make_file("dir/file");
  make_dir("dir/sub");
  make_link("missing", "dir/link");
  DIR *directory = opened("dir");
  for (struct dirent *entry; (entry = next(directory));) {
    struct stat status;
    ok(fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW));
    expect_equal(entry->d_ino, status.st_ino);
  }
}

/* readdir(3): "all applications must properly handle a return of DT_UNKNOWN" */
CASE("types are those of stat, or not known") {
  make_dir("dir");
  make_file("dir/file");
  make_dir("dir/sub");
  make_link("missing", "dir/link");
  ok(mkfifo("dir/fifo", 0600));
  ok(mknod("dir/socket", S_IFSOCK | 0600, 0));
  DIR *directory = opened("dir");
  for (struct dirent *entry; (entry = next(directory));) {
    struct stat status;
    ok(fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW));
    expect(entry->d_type == DT_UNKNOWN || entry->d_type == IFTODT(status.st_mode));
  }
}

CASE("rewinddir lists what has been made and not what has been removed since") {
  make_dir("dir");
  make_file("dir/old");
  DIR *directory = opened("dir");
  while (next(directory)) continue;
  make_file("dir/new");
  ok(unlink("dir/old"));
  rewinddir(directory);
  struct dirent *entry = next(directory);
  expect(entry && strcmp(entry->d_name, "new") == 0);
  expect(!next(directory));
}

CASE("seekdir goes back to where telldir was, for every place of 300 entries") {
  enum { COUNT = 300 };
  static long places[COUNT];
  static char names[COUNT][256];
  make_many(COUNT);
  DIR *directory = opened("dir");
  for (int i = 0; i < COUNT; i++) {
    /* The place of the next entry, which is found by going past . and .. */
    struct dirent *entry;
    do {
      places[i] = telldir(directory);
      entry = readdir(directory);
      expect(entry != NULL);
    } while (is_dot(entry->d_name));
    strcpy(names[i], entry->d_name);
  }
  for (int i = COUNT - 1; i >= 0; i -= 7) {
    seekdir(directory, places[i]);
    struct dirent *entry = readdir(directory);
    expect(entry && strcmp(entry->d_name, names[i]) == 0);
  }
}

CASE("a place of telldir stays right when entries before and after it are removed") {
  static int seen[MANY];
  char path[32], here[256];
  make_many(MANY);
  DIR *directory = opened("dir");
  for (int i = 0; i < HALF; i++) seen[atoi(next(directory)->d_name)] += 1;
  const long place = telldir(directory);
  strcpy(here, next(directory)->d_name);
  for (int i = 0; i < MANY; i++) {
    if (i == atoi(here) || (!seen[i] && i % 2)) continue;
    snprintf(path, sizeof path, "dir/%d", i);
    ok(unlink(path));
    seen[i] = -1;
  }
  seekdir(directory, place);
  struct dirent *entry = next(directory);
  expect(entry && strcmp(entry->d_name, here) == 0);
  /* What was not removed and not listed is all still to come. */
  for (; (entry = next(directory));) {
    if (seen[atoi(entry->d_name)] == 0) seen[atoi(entry->d_name)] = 1;
  }
  for (int i = 0; i < MANY; i++) expect(seen[i] != 0 || i == atoi(here));
}

CASE("each entry may be removed as it is listed, and none is left out") {
  make_many(MANY);
  DIR *directory = opened("dir");
  int count = 0;
  for (struct dirent *entry; (entry = next(directory)); count++) ok(unlinkat(dirfd(directory), entry->d_name, 0));
  expect_equal(count, MANY);
  expect_equal(count_entries("dir"), 0);
}

/* readdir(3p): what is added or removed after opendir may or may not be listed; the rest is, once. */
CASE("entries made while listing do not make others come twice or never") {
  static int seen[MANY];
  char path[32];
  make_many(HALF);
  DIR *directory = opened("dir");
  for (int i = 0; i < HALF; i++) {
    struct dirent *entry = next(directory);
    if (entry) seen[atoi(entry->d_name)] += 1;
    snprintf(path, sizeof path, "dir/%d", HALF + i);
    make_file(path);
  }
  count_rest(directory, seen);
  for (int i = 0; i < HALF; i++) expect_equal(seen[i], 1);
  for (int i = HALF; i < MANY; i++) expect(seen[i] <= 1);
}

CASE("entries renamed away while listing do not make others come twice or never") {
  static int seen[MANY];
  char from[32], to[32];
  make_many(HALF);
  make_dir("away");
  DIR *directory = opened("dir");
  for (int i = 0; i < 100; i++) seen[atoi(next(directory)->d_name)] += 1;
  for (int i = 0; i < HALF; i += 2) {
    snprintf(from, sizeof from, "dir/%d", i);
    snprintf(to, sizeof to, "away/%d", i);
    ok(rename(from, to));
  }
  count_rest(directory, seen);
  for (int i = 1; i < HALF; i += 2) expect_equal(seen[i], 1);
}

CASE("two streams of a directory are independent") {
  static int first[MANY], second[MANY];
  make_many(500);
  DIR *a = opened("dir"), *b = opened("dir");
  for (int i = 0; i < 200; i++) first[atoi(next(a)->d_name)] += 1;
  count_rest(b, second);
  count_rest(a, first);
  for (int i = 0; i < 500; i++) expect(first[i] == 1 && second[i] == 1);
}

/* One call need not return as much as fits: getdents(2) promises only that 0 means the end. */
static long listed_bytes(int fd) {
  static char bytes[65536];
  long sum = 0;
  for (long got; (got = ok(syscall(SYS_getdents64, fd, bytes, sizeof bytes))) > 0;) sum += got;
  return sum;
}

CASE("a listing is complete again after lseek to 0") {
  make_many(50);
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  const long first = listed_bytes(fd);
  expect(first > 0);
  expect_equal(lseek(fd, 0, SEEK_SET), 0);
  expect_equal(listed_bytes(fd), first);
}

CASE("a small buffer lists one after the other, and none twice") {
  static int seen[MANY];
  make_many(200);
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  char bytes[64];
  for (long got; (got = ok(syscall(SYS_getdents64, fd, bytes, sizeof bytes))) > 0;) {
    for (long at = 0; at < got;) {
      /* struct linux_dirent64: d_ino, d_off, d_reclen at 16, d_type, d_name at 19 */
      uint16_t length;
      memcpy(&length, bytes + at + 16, sizeof length);
      if (!is_dot(bytes + at + 19)) seen[atoi(bytes + at + 19)] += 1;
      at += length;
    }
  }
  for (int i = 0; i < 200; i++) expect_equal(seen[i], 1);
}

CASE("EINVAL from getdents64 with a buffer too small for an entry") {
  make_dir("dir");
  make_file("dir/a-name-that-is-longer-than-the-buffer");
  char bytes[20];
  const int fd = (int)ok(open("dir", O_RDONLY | O_DIRECTORY));
  expect_errno(EINVAL, syscall(SYS_getdents64, fd, bytes, sizeof bytes));
}

CASE("ENOTDIR from getdents64 of a file and from opendir of one, EBADF of no descriptor") {
  char bytes[64];
  const int fd = open_new("file");
  expect_errno(ENOTDIR, syscall(SYS_getdents64, fd, bytes, sizeof bytes));
  expect_errno(ENOTDIR, open_and_close("file"));
  expect_errno(EBADF, syscall(SYS_getdents64, -1, bytes, sizeof bytes));
}

CASE("names of all lengths are listed") {
  make_dir("dir");
  ok(chdir("dir"));
  for (size_t length = 1; length <= 255; length++) make_file(name_of_length(length));
  static int seen[256];
  DIR *directory = opened(".");
  for (struct dirent *entry; (entry = next(directory));) seen[strlen(entry->d_name)] += 1;
  for (int length = 1; length <= 255; length++) expect_equal(seen[length], 1);
}

CASE("a removed directory that is open lists nothing") {
  make_dir("dir");
  DIR *directory = opened("dir");
  ok(rmdir("dir"));
  errno = 0;
  expect(next(directory) == NULL);
}

USER_CASE("EACCES from opendir without read permission, which names in it do not need") {
  make_dir("dir");
  make_file_with("dir/file", "text");
  ok(chmod("dir", 0311));
  expect_errno(EACCES, open_and_close("dir"));
  expect_content("dir/file", "text");
}

USER_CASE("a directory without search permission is listed, and its entries have no stat") {
  make_dir("dir");
  make_file("dir/file");
  ok(chmod("dir", 0444));
  DIR *directory = opened("dir");
  struct dirent *entry = next(directory);
  expect(entry && strcmp(entry->d_name, "file") == 0);
  struct stat status;
  expect_errno(EACCES, lstat("dir/file", &status));
}
