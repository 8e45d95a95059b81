// Opens a file with O_DIRECT, fills it through a shared mapping, up to an end within a page, and then by writes that are not aligned.
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kSize = 4096 + 904 };

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int fd = open(argv[1], O_RDWR | O_CREAT | O_DIRECT, 0600);
  if (fd < 0 || ftruncate(fd, kSize) != 0) return 3;
  char* const map = mmap(NULL, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) return 4;
  memset(map, 'm', kSize);
  if (msync(map, kSize, MS_SYNC) != 0 || munmap(map, kSize) != 0 || fsync(fd) != 0) return 5;
  if (pwrite(fd, "written", 7, kSize - 3) != 7) return 6;
  char read_back[8] = "";
  if (pread(fd, read_back, 8, kSize - 4) != 8 || memcmp(read_back, "mwritten", 8) != 0) return 7;
  return close(fd) == 0 ? 0 : 8;
}
