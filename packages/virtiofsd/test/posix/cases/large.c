/* Offsets that need more than 31, 32 and 53 bits: sparse files, as large as the file system has them (EFBIG, EINVAL) */
#include "../driver/battery.h"

static const off_t PLACES[] = {(1LL << 31) - 1, 1LL << 31,      (1LL << 32) - 1, 1LL << 32,
                               (1LL << 40) + 5, (1LL << 53) - 1, 1LL << 53,       (1LL << 53) + 1};

static bool too_large(void) { return errno == EFBIG || errno == EINVAL; }

/* Writes a mark across a place, and reads it and the hole before it back. */
static void write_around(off_t place) {
  const int fd = open_new("file");
  const off_t start = place - 3;
  /* Asked by truncate: a write may be refused as late as by fsync, where writes are cached. */
  if (ftruncate(fd, start + 7) < 0 && too_large()) skip("files are smaller here");
  ok(ftruncate(fd, 0));
  expect_equal(pwrite(fd, "0123456", 7, start), 7);
  expect_equal(stat_of_fd(fd).st_size, start + 7);
  char text[12];
  expect_equal(pread(fd, text, sizeof text, start - 4), 11);
  expect(memcmp(text, "\0\0\0\0" "0123456", 11) == 0);
  expect_equal(pread(fd, text, 1, start + 7), 0);
  expect_equal(pread(fd, text, 1, 0), 1);
  expect_equal(text[0], 0);
}

CASE("written and read across 2^31 - 1") { write_around(PLACES[0]); }
CASE("written and read across 2^31") { write_around(PLACES[1]); }
CASE("written and read across 2^32 - 1") { write_around(PLACES[2]); }
CASE("written and read across 2^32") { write_around(PLACES[3]); }
CASE("written and read across 2^40") { write_around(PLACES[4]); }
CASE("written and read across 2^53 - 1") { write_around(PLACES[5]); }
CASE("written and read across 2^53") { write_around(PLACES[6]); }
CASE("written and read across 2^53 + 1, which is not 2^53") { write_around(PLACES[7]); }

/* The places that the file system has. */
static int count_places(void) {
  int count = 0;
  make_file("probe");
  while (count < 8 && truncate("probe", PLACES[count] + 10) == 0) count++;
  if (count < 8 && !too_large()) ok(-1);
  ok(unlink("probe"));
  if (count == 0) skip("files are smaller here");
  return count;
}

CASE("truncate and ftruncate set sizes to the byte, up and down") {
  const int count = count_places(), fd = open_new("file");
  for (int i = 0; i < count; i++) {
    ok(truncate("file", PLACES[i]));
    expect_equal(stat_of("file").st_size, PLACES[i]);
  }
  for (int i = count - 1; i >= 0; i--) {
    ok(ftruncate(fd, PLACES[i] - 1));
    expect_equal(stat_of("file").st_size, PLACES[i] - 1);
  }
  expect(stat_of("file").st_blocks < 1024);
}

CASE("lseek answers offsets to the byte") {
  const int count = count_places(), fd = open_new("file");
  for (int i = 0; i < count; i++) {
    expect_equal(lseek(fd, PLACES[i], SEEK_SET), PLACES[i]);
    expect_equal(lseek(fd, 1, SEEK_CUR), PLACES[i] + 1);
    ok(ftruncate(fd, PLACES[i]));
    expect_equal(lseek(fd, -1, SEEK_END), PLACES[i] - 1);
  }
}

CASE("read and write at the offset of the descriptor") {
  const int count = count_places(), fd = open_new("file");
  for (int i = 0; i < count; i++) {
    char text[4];
    ok(lseek(fd, PLACES[i], SEEK_SET));
    put(fd, "mark");
    expect_equal(lseek(fd, 0, SEEK_CUR), PLACES[i] + 4);
    ok(lseek(fd, -4, SEEK_CUR));
    expect_equal(read(fd, text, 4), 4);
    expect(memcmp(text, "mark", 4) == 0);
  }
}

CASE("O_APPEND appends to a large file") {
  const int count = count_places();
  make_file("file");
  const int fd = (int)ok(open("file", O_RDWR | O_APPEND));
  for (int i = 0; i < count; i++) {
    char text[4];
    ok(ftruncate(fd, PLACES[i]));
    put(fd, "mark");
    expect_equal(stat_of_fd(fd).st_size, PLACES[i] + 4);
    expect_equal(pread(fd, text, 4, PLACES[i]), 4);
    expect(memcmp(text, "mark", 4) == 0);
  }
}

CASE("a mapping at an offset above 2^32 shows what is there") {
  if (count_places() < 5) skip("files are smaller here");
  const off_t place = (1LL << 32) + 4096;
  const int fd = open_new("file");
  expect_equal(pwrite(fd, "mark", 4, place), 4);
  char *bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, place);
  expect(bytes != MAP_FAILED);
  expect(memcmp(bytes, "mark", 4) == 0);
}

CASE("SEEK_DATA finds what is written at 2^32, or takes all for data") {
  if (count_places() < 5) skip("files are smaller here");
  const int fd = open_new("file");
  expect_equal(pwrite(fd, "mark", 4, 1LL << 32), 4);
  ok(fsync(fd));
  const off_t data = lseek(fd, 1LL << 32, SEEK_DATA);
  if (data < 0 && errno == EINVAL) skip("SEEK_DATA is not supported here");
  expect_equal(data, 1LL << 32);
  const off_t first = ok(lseek(fd, 0, SEEK_DATA));
  expect(first >= 0 && first <= 1LL << 32);
}

CASE("marks at all places stay apart, also 2^32 from each other") {
  const int count = count_places(), fd = open_new("file");
  char text[8];
  for (int i = 0; i < count; i++) expect_equal(pwrite(fd, (char[]){(char)('a' + i)}, 1, PLACES[i]), 1);
  for (int i = 0; i < count; i++) {
    expect_equal(pread(fd, text, 1, PLACES[i]), 1);
    expect_equal(text[0], 'a' + i);
  }
  expect_equal(pread(fd, text, 8, 0), 8);
  expect(memcmp(text, "\0\0\0\0\0\0\0\0", 8) == 0);
}

/* pwrite(2): EFBIG past the largest offset; EINVAL where the offset is not suitable. */
CASE("EFBIG or EINVAL for what would end past 2^63") {
  const int fd = open_new("file");
  expect_either(EFBIG, EINVAL, pwrite(fd, "0123", 4, INT64_MAX - 1));
  expect_equal(stat_of_fd(fd).st_size, 0);
}
