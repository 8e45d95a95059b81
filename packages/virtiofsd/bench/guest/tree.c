/* The folders of the measurements of scale, and the host's own part in these.
 *
 *   tree make PATH DIRECTORIES FILES    makes d0, d1, ... with f0, f1, ... in each
 *   tree flat PATH FILES                makes a directory with f0, f1, ...
 *   tree walk PATH DIRECTORIES FILES    opens each file by O_PATH and asks for its attributes, closing those of a directory before the next
 *   tree hold PATH DIRECTORIES FILES    the same, closing as many as may be open in the end
 *
 * walk and hold print a line of JSON: nanoseconds of each file. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int check(int result, const char *what) {
  if (result >= 0) return result;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void fill(const char *path, long files) {
  check(mkdir(path, 0755), path);
  const int directory = check(open(path, O_RDONLY | O_DIRECTORY), path);
  for (long i = 0; i < files; i++) {
    char name[32];
    snprintf(name, sizeof name, "f%ld", i);
    check(mknodat(directory, name, S_IFREG | 0644, 0), name);
  }
  close(directory);
}

static char *directory_name(const char *path, long index) {
  static char name[4096];
  snprintf(name, sizeof name, "%s/d%ld", path, index);
  return name;
}

static void make(const char *path, long directories, long files) {
  check(mkdir(path, 0755), path);
  for (long i = 0; i < directories; i++) fill(directory_name(path, i), files);
}

static void walk(const char *path, long directories, long files, int holds) {
  struct rlimit limit;
  check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  const long wanted = holds ? directories * files : files, allowed = (long)limit.rlim_max - 100;
  const long kept = wanted < allowed ? wanted : allowed;
  int *open_files = malloc((size_t)kept * sizeof *open_files);
  if (open_files == NULL) exit(1);
  double looking_up = 0, closing = 0;
  long count = 0;
  /* The first time fills the caches of the host. */
  for (int turn = 0; turn < 2; turn++) {
    looking_up = closing = 0;
    for (long i = 0; i < directories; i++) {
      const int directory = check(open(directory_name(path, i), O_PATH | O_DIRECTORY), path);
      double since = now();
      for (long n = 0; n < files; n++) {
        char name[32];
        struct statx attributes;
        snprintf(name, sizeof name, "f%ld", n);
        const int file = check(openat(directory, name, O_PATH | O_NOFOLLOW), name);
        check(statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &attributes), name);
        if (count == kept) check(close(open_files[--count]), "close");
        open_files[count++] = file;
      }
      looking_up += now() - since;
      since = now();
      if (!holds || i == directories - 1) {
        while (count > 0) close(open_files[--count]);
      }
      closing += now() - since;
      close(directory);
    }
  }
  const double all = (double)directories * (double)files;
  printf("{\"what\":\"%s\",\"open\":%.1f,\"close\":%.1f,\"held\":%ld}\n", holds ? "many" : "few", looking_up / all,
         closing / (double)(holds ? kept : directories * files), kept);
}

int main(int count, char **arguments) {
  const char *command = count > 3 ? arguments[1] : "";
  const long first = count > 3 ? atol(arguments[3]) : 0, second = count > 4 ? atol(arguments[4]) : 0;
  if (strcmp(command, "flat") == 0 && first > 0) fill(arguments[2], first);
  else if (strcmp(command, "make") == 0 && first > 0 && second > 0) make(arguments[2], first, second);
  else if (strcmp(command, "walk") == 0 && first > 0 && second > 0) walk(arguments[2], first, second, 0);
  else if (strcmp(command, "hold") == 0 && first > 0 && second > 0) walk(arguments[2], first, second, 1);
  else {
    fprintf(stderr, "usage: tree make|walk|hold PATH DIRECTORIES FILES, or tree flat PATH FILES\n");
    return 1;
  }
  return 0;
}
