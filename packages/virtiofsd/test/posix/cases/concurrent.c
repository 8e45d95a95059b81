/* Several processes at once: what is atomic by the man pages is so. */
#include "../driver/battery.h"

enum { PROCESSES = 4 };

CASE("O_APPEND writers of four processes lose nothing and mix nothing") {
  enum { RECORDS = 250, LENGTH = 32 };
  make_file("file");
  for (int who = 0; who < PROCESSES; who++) {
    SPAWN {
      const int fd = (int)ok(open("file", O_WRONLY | O_APPEND));
      char record[2 * LENGTH];
      for (int i = 0; i < RECORDS; i++) {
        snprintf(record, sizeof record, "%d:%029d\n", who, i);
        expect_equal(write(fd, record, LENGTH), LENGTH);
      }
    }
  }
  join();
  static char all[PROCESSES * RECORDS * LENGTH + 1];
  expect_equal(read((int)ok(open("file", O_RDONLY)), all, sizeof all), PROCESSES * RECORDS * LENGTH);
  int next[PROCESSES] = {0};
  for (int i = 0; i < PROCESSES * RECORDS; i++) {
    const char *record = all + i * LENGTH;
    const int who = record[0] - '0';
    expect(who >= 0 && who < PROCESSES && record[1] == ':' && record[LENGTH - 1] == '\n');
    expect_equal(atoi(record + 2), next[who]);
    next[who] += 1;
  }
}

CASE("writers of separate pieces of a file do not disturb each other") {
  enum { PIECE = 3001, ROUNDS = 100 };
  make_file("file");
  for (int who = 0; who < PROCESSES; who++) {
    SPAWN {
      const int fd = (int)ok(open("file", O_WRONLY));
      unsigned char bytes[PIECE];
      for (int i = who; i < ROUNDS; i += PROCESSES) {
        fill_pattern(bytes, PIECE, (uint64_t)i * PIECE);
        expect_equal(pwrite(fd, bytes, PIECE, (off_t)i * PIECE), PIECE);
      }
    }
  }
  join();
  static unsigned char all[PIECE * ROUNDS];
  expect_equal(pread((int)ok(open("file", O_RDONLY)), all, sizeof all, 0), sizeof all);
  expect(has_pattern(all, sizeof all, 0));
}

CASE("of processes that make one file with O_EXCL, one succeeds") {
  enum { ROUNDS = 100 };
  make_dir("won");
  for (int who = 0; who < PROCESSES; who++) {
    SPAWN {
      char path[64];
      for (int i = 0; i < ROUNDS; i++) {
        snprintf(path, sizeof path, "file%d", i);
        const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (fd < 0) {
          expect_equal(errno, EEXIST);
          continue;
        }
        close(fd);
        /* A second winner fails here. */
        snprintf(path, sizeof path, "won/%d", i);
        make_dir(path);
      }
    }
  }
  join();
  expect_equal(count_entries("won"), ROUNDS);
}

/* Runs a call in all processes for the same names, and counts the successes by a byte each. */
static void race(int rounds, long long (*call)(const char *path), int otherwise) {
  make_file("count");
  for (int who = 0; who < PROCESSES; who++) {
    SPAWN {
      const int count = (int)ok(open("count", O_WRONLY | O_APPEND));
      char path[64];
      for (int i = 0; i < rounds; i++) {
        snprintf(path, sizeof path, "name%d", i);
        if (call(path) == 0) put(count, "x");
        else expect_equal(errno, otherwise);
      }
    }
  }
  join();
  expect_equal(stat_of("count").st_size, rounds);
}

static long long make_one_dir(const char *path) { return mkdir(path, 0755); }
static long long remove_one_dir(const char *path) { return rmdir(path); }
static long long link_one(const char *path) { return link("source", path); }
static long long unlink_one(const char *path) { return unlink(path); }
static long long rename_one(const char *path) {
  char to[64];
  snprintf(to, sizeof to, "renamed-%s", path);
  return rename(path, to);
}

static void make_names(int count) {
  char path[64];
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "name%d", i);
    make_file(path);
  }
}

CASE("of processes that make one directory, one succeeds") { race(100, make_one_dir, EEXIST); }

CASE("of processes that remove one directory, one succeeds") {
  char path[64];
  for (int i = 0; i < 100; i++) {
    snprintf(path, sizeof path, "name%d", i);
    make_dir(path);
  }
  race(100, remove_one_dir, ENOENT);
}

CASE("of processes that link to one name, one succeeds") {
  make_file("source");
  race(100, link_one, EEXIST);
  expect_equal(stat_of("source").st_nlink, 101);
}

CASE("of processes that unlink one file, one succeeds") {
  make_names(100);
  race(100, unlink_one, ENOENT);
}

CASE("of processes that rename one file, one succeeds") {
  make_names(100);
  race(100, rename_one, ENOENT);
}

/* rename(2): "there is no point at which another process attempting to access newpath will find it missing" */
CASE("a file that is replaced by rename again and again is never missing, never half") {
  enum { ROUNDS = 300 };
  make_file_with("file", "aaaaaaaa");
  SPAWN {
    for (int i = 0; i < ROUNDS; i++) {
      make_file_with("new", i % 2 ? "aaaaaaaa" : "bbbbbbbb");
      ok(rename("new", "file"));
    }
    make_file("done");
  }
  char text[9];
  while (!exists("done")) {
    const int fd = (int)ok(open("file", O_RDONLY));
    expect_equal(read(fd, text, sizeof text), 8);
    for (int i = 1; i < 8; i++) expect_equal(text[i], text[0]);
    ok(close(fd));
  }
}

CASE("four processes make, rename and remove in one directory, which is empty after") {
  make_dir("dir");
  for (int who = 0; who < PROCESSES; who++) {
    SPAWN {
      char from[64], to[64];
      for (int i = 0; i < 100; i++) {
        snprintf(from, sizeof from, "dir/%d-%d", who, i);
        snprintf(to, sizeof to, "dir/%d-%d-renamed", who, i);
        make_file_with(from, from);
        ok(rename(from, to));
        expect_content(to, from);
        ok(unlink(to));
      }
    }
  }
  join();
  expect_equal(count_entries("dir"), 0);
  ok(rmdir("dir"));
}

CASE("entries that stay are listed once each while others come and go") {
  make_dir("dir");
  char path[64];
  for (int i = 0; i < 200; i++) {
    snprintf(path, sizeof path, "dir/stays%d", i);
    make_file(path);
  }
  SPAWN {
    for (int i = 0; i < 500; i++) {
      snprintf(path, sizeof path, "dir/goes%d", i % 50);
      make_file(path);
      ok(unlink(path));
    }
    make_file("done");
  }
  do {
    int seen[200] = {0};
    DIR *directory = opendir("dir");
    expect(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory));) {
      if (strncmp(entry->d_name, "stays", 5) == 0) seen[atoi(entry->d_name + 5)] += 1;
    }
    closedir(directory);
    for (int i = 0; i < 200; i++) expect_equal(seen[i], 1);
  } while (!exists("done"));
}

/* rename(2): EINVAL, "an attempt was made to make a directory a subdirectory of itself": also when two do half of it each. */
CASE("two directories that are moved into each other never become a loop") {
  for (int i = 0; i < 50; i++) {
    make_dir("a");
    make_dir("b");
    SPAWN {
      if (rename("a", "b/a") < 0) expect(errno == EINVAL || errno == ENOENT);
    }
    SPAWN {
      if (rename("b", "a/b") < 0) expect(errno == EINVAL || errno == ENOENT);
    }
    join();
    expect(exists("a") != exists("b"));
    ok(rmdir(exists("a") ? "a/b" : "b/a"));
    ok(rmdir(exists("a") ? "a" : "b"));
  }
}

CASE("readers of a file that grows see a start of what is written, never zeros") {
  enum { ROUNDS = 200, PIECE = 777 };
  const int fd = open_new("file");
  SPAWN {
    unsigned char bytes[PIECE];
    for (int i = 0; i < ROUNDS; i++) {
      fill_pattern(bytes, PIECE, (uint64_t)i * PIECE);
      expect_equal(pwrite(fd, bytes, PIECE, (off_t)i * PIECE), PIECE);
    }
  }
  static unsigned char all[ROUNDS * PIECE];
  for (ssize_t got = 0; got < ROUNDS * PIECE;) {
    got = (ssize_t)ok(pread(fd, all, sizeof all, 0));
    expect(has_pattern(all, (size_t)got, 0));
  }
}
