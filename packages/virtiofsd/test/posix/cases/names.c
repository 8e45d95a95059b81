/* Names and paths: path_resolution(7), readdir(3), pathconf(3) */
#include "../driver/battery.h"

/* Whether a directory lists this name, byte for byte. */
static bool lists(const char *path, const char *name) {
  DIR *directory = opendir(path);
  expect(directory != NULL);
  bool found = false;
  for (struct dirent *entry; (entry = readdir(directory));) found |= strcmp(entry->d_name, name) == 0;
  closedir(directory);
  return found;
}

/* A name is made, found, listed, renamed and removed as any other. */
static void expect_usable(const char *name) {
  make_file_with(name, "text");
  expect_content(name, "text");
  expect(lists(".", name));
  ok(rename(name, "renamed"));
  expect(!exists(name));
  ok(rename("renamed", name));
  ok(unlink(name));
  ok(mkdir(name, 0755));
  expect(lists(".", name));
  ok(rmdir(name));
  ok(symlink(name, "link"));
  char target[512];
  expect_equal(readlink("link", target, sizeof target), strlen(name));
  ok(unlink("link"));
  expect_equal(count_entries("."), 0);
}

CASE("each byte but / and NUL is a name, and stays what it is") {
  char name[4] = "x.x";
  for (int byte = 1; byte < 256; byte++) {
    if (byte == '/') continue;
    name[1] = (char)byte;
    make_file(name);
    expect(lists(".", name));
    ok(unlink(name));
  }
}

CASE("256 names of one byte that differ in it are different files") {
  char name[2] = "";
  int made = 0;
  for (int byte = 1; byte < 256; byte++) {
    if (byte == '/' || byte == '.') continue;
    name[0] = (char)byte;
    make_file_with(name, name);
    made += 1;
  }
  expect_equal(count_entries("."), made);
  for (int byte = 1; byte < 256; byte++) {
    if (byte == '/' || byte == '.') continue;
    name[0] = (char)byte;
    expect_content(name, name);
  }
}

CASE("names with spaces, at either end too") {
  expect_usable("a name with spaces");
  expect_usable(" ");
  expect_usable(" before");
  expect_usable("after ");
}

CASE("names with a newline, a tab and other control characters") {
  expect_usable("new\nline");
  expect_usable("\n");
  expect_usable("a\tb\rc\033[2Jd\x7f");
}

CASE("names in UTF-8") {
  expect_usable("na\xc3\xafve-caf\xc3\xa9");
  expect_usable("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
  expect_usable("\xf0\x9f\x90\x8b");
}

CASE("names that are not UTF-8") {
  expect_usable("\xff\xfe");
  expect_usable("\x80");
  expect_usable("cut-short-\xe2\x82");
  expect_usable("overlong-\xc0\xaf");
  expect_usable("surrogate-\xed\xa0\x80");
}

CASE("two names that are not UTF-8 are two files, the replacement character a third") {
  make_file_with("\xff", "one");
  make_file_with("\xfe", "two");
  make_file_with("\xef\xbf\xbd", "three");
  expect_content("\xff", "one");
  expect_content("\xfe", "two");
  expect_content("\xef\xbf\xbd", "three");
  expect_equal(count_entries("."), 3);
}

CASE("composed and decomposed letters are two names") {
  make_file_with("\xc3\xa9", "composed");
  make_file_with("e\xcc\x81", "decomposed");
  expect_content("\xc3\xa9", "composed");
  expect_content("e\xcc\x81", "decomposed");
}

CASE("upper and lower case are two names") {
  make_file_with("name", "lower");
  make_file_with("NAME", "upper");
  expect_content("name", "lower");
  ok(rename("name", "Name"));
  expect_equal(count_entries("."), 2);
}

CASE("names that mean something elsewhere are names") {
  expect_usable("...");
  expect_usable(".hidden");
  expect_usable("-rf");
  expect_usable("back\\slash");
  expect_usable("*?[]$`'\";|&<>");
  expect_usable("c:name");
  expect_usable("CON");
  expect_usable("name.");
  expect_usable("%41%2f");
}

CASE("a name of NAME_MAX bytes, one more is ENAMETOOLONG") {
  const long longest = pathconf(".", _PC_NAME_MAX);
  expect(longest >= 255);
  expect_usable(name_of_length((size_t)longest));
  expect_errno(ENAMETOOLONG, open(name_of_length((size_t)longest + 1), O_WRONLY | O_CREAT, 0644));
  expect_equal(count_entries("."), 0);
}

CASE("a name of 255 bytes in UTF-8 and in bytes that are not") {
  char name[256] = "";
  for (int i = 0; i < 85; i++) strcat(name, "\xe2\x82\xac");
  expect_usable(name);
  memset(name, 0xff, 255);
  expect_usable(name);
}

CASE("a path of PATH_MAX - 1 bytes is found") {
  char path[PATH_MAX];
  make_file("file");
  for (size_t i = 0; i + 5 < PATH_MAX; i += 2) memcpy(path + i, "./", 2);
  const char *name = "file";
  memset(path + PATH_MAX - 6, '/', 2);
  memcpy(path + PATH_MAX - 5, name, 5);
  expect_equal(strlen(path), PATH_MAX - 1);
  ok(access(path, F_OK));
}

CASE("a tree deeper than PATH_MAX is walked by relative paths") {
  char *name = strdup(name_of_length(200));
  for (int i = 0; i < 25; i++) {
    make_dir(name);
    ok(chdir(name));
  }
  make_file_with("file", "deep");
  expect_content("file", "deep");
  for (int i = 0; i < 25; i++) ok(chdir(".."));
  expect(exists(name));
}

CASE("slashes repeat, and . and .. lead where they should") {
  make_dir("dir");
  make_dir("dir/sub");
  make_file_with("dir/file", "text");
  expect_content("dir//file", "text");
  expect_content(".///dir/./file", "text");
  expect_content("dir/sub/../file", "text");
  expect_content("dir/sub/../../dir/file", "text");
  expect_errno(ENOENT, access("dir/missing/../file", F_OK));
  expect_errno(ENOTDIR, access("dir/file/../file", F_OK));
  expect_errno(ENOTDIR, access("dir/file/.", F_OK));
}

CASE("a missing name is found once it is made, and missing again when removed") {
  for (int i = 0; i < 20; i++) {
    expect_errno(ENOENT, access("name", F_OK));
    make_file("name");
    ok(access("name", F_OK));
    ok(unlink("name"));
  }
}

CASE("getcwd answers the path that leads here") {
  char path[PATH_MAX];
  make_dir("a dir");
  ok(chdir("a dir"));
  expect(getcwd(path, sizeof path) != NULL);
  struct stat status;
  if (stat(path, &status) < 0 && errno == EACCES) skip("a directory above may not be searched");
  expect_equal(status.st_ino, stat_of(".").st_ino);
}

CASE("ENOTDIR from chdir to a file, ENOENT to a missing directory") {
  make_file("file");
  expect_errno(ENOTDIR, chdir("file"));
  expect_errno(ENOENT, chdir("missing"));
}

USER_CASE("EACCES from chdir to a directory without search permission") {
  make_dir_mode("closed", 0600);
  expect_errno(EACCES, chdir("closed"));
  ok(chmod("closed", 0100));
  ok(chdir("closed"));
}
