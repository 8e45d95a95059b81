/* What cases are made of. A failure here is reported with the line of the case (check.c). */
#include "battery.h"

#include <sys/statvfs.h>

void *const volatile bad_address = (void *)1;

int open_new(const char *path) { return (int)ok(open(path, O_RDWR | O_CREAT | O_EXCL, 0644)); }

void make_file(const char *path) { close(open_new(path)); }

void put(int fd, const char *text) { expect_equal(write(fd, text, strlen(text)), strlen(text)); }

void make_file_with(const char *path, const char *text) {
  const int fd = open_new(path);
  put(fd, text);
  ok(close(fd));
}

void make_file_mode(const char *path, mode_t mode) {
  make_file(path);
  ok(chmod(path, mode));
}

void make_dir(const char *path) { ok(mkdir(path, 0755)); }

void make_dir_mode(const char *path, mode_t mode) {
  make_dir(path);
  ok(chmod(path, mode));
}

void make_link(const char *target, const char *path) { ok(symlink(target, path)); }

struct stat stat_of(const char *path) {
  struct stat status;
  ok(lstat(path, &status));
  return status;
}

struct stat stat_of_fd(int fd) {
  struct stat status;
  ok(fstat(fd, &status));
  return status;
}

bool exists(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0;
}

static unsigned char pattern_at(uint64_t offset) { return (unsigned char)((offset * 2654435761u) >> 13 ^ offset); }

void fill_pattern(unsigned char *bytes, size_t length, uint64_t offset) {
  for (size_t i = 0; i < length; i++) bytes[i] = pattern_at(offset + i);
}

bool has_pattern(const unsigned char *bytes, size_t length, uint64_t offset) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] != pattern_at(offset + i)) return false;
  }
  return true;
}

size_t count_entries(const char *path) {
  DIR *directory = opendir(path);
  expect(directory != NULL);
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  }
  closedir(directory);
  return count;
}

char *name_of_length(size_t length) {
  static char *kept; /* so that the leak checker does not mind */
  kept = malloc(length + 1);
  expect(kept != NULL);
  memset(kept, 'n', length);
  kept[length] = 0;
  return kept;
}

void tick(void) {
  /* The coarse clock moves every 1 to 10 ms, as the kernel was configured (time(7)). */
  const struct timespec pause = {0, 25 * 1000 * 1000};
  nanosleep(&pause, NULL);
}

const char *other_file_system(void) {
  static const char *const candidates[] = {"/dev/shm", "/dev", "/tmp", "/"};
  const dev_t here = stat_of(".").st_dev;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    struct stat status;
    struct statvfs system;
    if (stat(candidates[i], &status) < 0 || status.st_dev == here) continue;
    if (statvfs(candidates[i], &system) < 0 || system.f_flag & ST_RDONLY) continue;
    return candidates[i];
  }
  skip("no other writable file system is mounted");
}
