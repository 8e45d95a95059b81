/* rm -rf, that reports what resists: being able to remove all is a part of the battery. */
#include "supervise.h"

/* A listing that shows what is gone must not keep the battery here for ever. */
enum { PASSES_MAX = 1000 };

static bool resists(const char *what, const char *name, char *reason, size_t room) {
  snprintf(reason, room, "cannot clean up: %s %.100s: %s", what, name, errno_name(errno));
  return false;
}

static bool is_dot(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

static bool remove_content(int directory, const char *name, char *reason, size_t room) {
  DIR *stream = fdopendir(directory);
  if (!stream) {
    close(directory);
    return resists("fdopendir", name, reason, room);
  }
  bool removed = true;
  /* What is removed while listing may make others be left out: again until nothing is found. */
  bool found = true;
  for (int pass = 0; removed && found && pass < PASSES_MAX; pass++) {
    found = false;
    rewinddir(stream);
    for (struct dirent *entry; removed && (entry = readdir(stream));) {
      if (is_dot(entry->d_name)) continue;
      found = true;
      removed = remove_tree(dirfd(stream), entry->d_name, reason, room);
    }
  }
  closedir(stream);
  return removed;
}

bool remove_tree(int parent, const char *name, char *reason, size_t room) {
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
  struct stat status;
  const int error = errno;
  if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return resists("lstat", name, reason, room);
  if (!S_ISDIR(status.st_mode)) {
    errno = error;
    return resists("unlink", name, reason, room);
  }
  if (unlinkat(parent, name, AT_REMOVEDIR) == 0) return true;
  fchmodat(parent, name, 0700, 0);
  const int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return resists("open", name, reason, room);
  if (!remove_content(directory, name, reason, room)) return false;
  if (unlinkat(parent, name, AT_REMOVEDIR) < 0) return resists("rmdir", name, reason, room);
  return true;
}
