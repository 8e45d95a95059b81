/* flock(2), fcntl(2) locks and open file description locks, within one machine. Optional (ENOSYS, EOPNOTSUPP, ENOLCK). */
#include "../driver/battery.h"

#include <sys/file.h>

static int open_file(void) {
  if (!exists("file")) make_file_with("file", "0123456789");
  return (int)ok(open("file", O_RDWR));
}

static void need(long long result) {
  skip_if_unsupported(result, "this kind of lock");
  if (result < 0 && errno == ENOLCK) skip("there are no locks here");
  ok(result);
}

static struct flock range(short type, off_t start, off_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static long long set(int fd, int command, short type, off_t start, off_t length) {
  const struct flock lock = range(type, start, length);
  return fcntl(fd, command, &lock);
}

CASE("flock: an exclusive lock keeps others out until it is given up") {
  const int a = open_file(), b = open_file();
  need(flock(a, LOCK_EX));
  expect_errno(EWOULDBLOCK, flock(b, LOCK_EX | LOCK_NB));
  expect_errno(EWOULDBLOCK, flock(b, LOCK_SH | LOCK_NB));
  ok(flock(a, LOCK_UN));
  ok(flock(b, LOCK_EX | LOCK_NB));
}

CASE("flock: shared locks go together, and keep an exclusive one out") {
  const int a = open_file(), b = open_file(), c = open_file();
  need(flock(a, LOCK_SH));
  ok(flock(b, LOCK_SH | LOCK_NB));
  expect_errno(EWOULDBLOCK, flock(c, LOCK_EX | LOCK_NB));
}

CASE("flock: closing the last descriptor gives the lock up, a duplicate keeps it") {
  const int a = open_file(), b = open_file();
  need(flock(a, LOCK_EX));
  const int duplicate = (int)ok(dup(a));
  ok(close(a));
  expect_errno(EWOULDBLOCK, flock(b, LOCK_EX | LOCK_NB));
  ok(close(duplicate));
  ok(flock(b, LOCK_EX | LOCK_NB));
}

CASE("flock: a child process shares the lock, and may give it up") {
  const int a = open_file(), b = open_file();
  need(flock(a, LOCK_EX));
  SPAWN { ok(flock(a, LOCK_UN)); }
  join();
  ok(flock(b, LOCK_EX | LOCK_NB));
}

CASE("flock: the end of a process gives its lock up") {
  SPAWN { need(flock(open_file(), LOCK_EX)); }
  join();
  ok(flock(open_file(), LOCK_EX | LOCK_NB));
}

CASE("flock: a waiting process goes on when the lock is given up") {
  const int a = open_file();
  need(flock(a, LOCK_EX));
  SPAWN {
    ok(flock(open_file(), LOCK_EX));
    expect(exists("released"));
  }
  tick();
  make_file("released");
  ok(flock(a, LOCK_UN));
  join();
}

CASE("flock: a lock is changed from exclusive to shared") {
  const int a = open_file(), b = open_file();
  need(flock(a, LOCK_EX));
  ok(flock(a, LOCK_SH));
  ok(flock(b, LOCK_SH | LOCK_NB));
  expect_errno(EWOULDBLOCK, flock(a, LOCK_EX | LOCK_NB));
}

CASE("flock: EBADF of no descriptor, EINVAL of an operation that is none") {
  expect_errno(EBADF, flock(-1, LOCK_EX));
  expect_errno(EINVAL, flock(open_file(), 0));
}

/* fcntl(2): "EACCES or EAGAIN: operation is prohibited by locks held by other processes" */
CASE("fcntl: a write lock keeps another process out of the range, and not beside it") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 2, 4));
  SPAWN {
    const int own = open_file();
    expect_either(EACCES, EAGAIN, set(own, F_SETLK, F_WRLCK, 5, 1));
    expect_either(EACCES, EAGAIN, set(own, F_SETLK, F_RDLCK, 0, 3));
    ok(set(own, F_SETLK, F_WRLCK, 0, 2));
    ok(set(own, F_SETLK, F_WRLCK, 6, 0));
  }
  join();
}

CASE("fcntl: read locks go together") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_RDLCK, 0, 0));
  SPAWN {
    const int own = open_file();
    ok(set(own, F_SETLK, F_RDLCK, 0, 0));
    expect_either(EACCES, EAGAIN, set(own, F_SETLK, F_WRLCK, 3, 1));
  }
  join();
}

CASE("fcntl: F_GETLK tells who is in the way, and where") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 3, 4));
  const pid_t parent = getpid();
  SPAWN {
    struct flock lock = range(F_WRLCK, 0, 0);
    ok(fcntl(open_file(), F_GETLK, &lock));
    expect_equal(lock.l_type, F_WRLCK);
    expect_equal(lock.l_start, 3);
    expect_equal(lock.l_len, 4);
    expect_equal(lock.l_pid, parent);
    lock = range(F_WRLCK, 0, 3);
    ok(fcntl(open_file(), F_GETLK, &lock));
    expect_equal(lock.l_type, F_UNLCK);
  }
  join();
}

CASE("fcntl: unlocking the middle leaves both ends") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 0, 10));
  ok(set(fd, F_SETLK, F_UNLCK, 4, 2));
  SPAWN {
    const int own = open_file();
    ok(set(own, F_SETLK, F_WRLCK, 4, 2));
    expect_either(EACCES, EAGAIN, set(own, F_SETLK, F_WRLCK, 3, 1));
    expect_either(EACCES, EAGAIN, set(own, F_SETLK, F_WRLCK, 6, 1));
  }
  join();
}

/* fcntl_locking(2): locks are "released when the process closes any file descriptor referring to the file" */
CASE("fcntl: closing any descriptor of the file gives the locks up") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 0, 0));
  ok(close(open_file()));
  SPAWN { ok(set(open_file(), F_SETLK, F_WRLCK, 0, 0)); }
  join();
}

CASE("fcntl: a child process does not inherit the locks") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 0, 0));
  SPAWN { expect_either(EACCES, EAGAIN, set(fd, F_SETLK, F_WRLCK, 0, 0)); }
  join();
}

CASE("fcntl: F_SETLKW waits until the lock is given up") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 0, 0));
  SPAWN {
    ok(set(open_file(), F_SETLKW, F_WRLCK, 0, 0));
    expect(exists("released"));
  }
  tick();
  make_file("released");
  ok(set(fd, F_SETLK, F_UNLCK, 0, 0));
  join();
}

CASE("fcntl: EBADF for a write lock of a descriptor to read, EINVAL for a range below 0") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 0, 0));
  const int reader = (int)ok(open("file", O_RDONLY));
  expect_errno(EBADF, set(reader, F_SETLK, F_WRLCK, 0, 0));
  expect_errno(EINVAL, set(fd, F_SETLK, F_WRLCK, -1, 1));
}

CASE("fcntl: locks past the end and at 2^40 are locks") {
  const int fd = open_file();
  need(set(fd, F_SETLK, F_WRLCK, 1LL << 40, 1));
  SPAWN {
    expect_either(EACCES, EAGAIN, set(open_file(), F_SETLK, F_WRLCK, 1LL << 40, 1));
    ok(set(open_file(), F_SETLK, F_WRLCK, (1LL << 40) + 1, 1));
  }
  join();
}

CASE("open file description locks are of the descriptor, in one process too") {
  const int a = open_file(), b = open_file();
  need(set(a, F_OFD_SETLK, F_WRLCK, 0, 4));
  expect_either(EACCES, EAGAIN, set(b, F_OFD_SETLK, F_WRLCK, 0, 1));
  ok(set(b, F_OFD_SETLK, F_WRLCK, 4, 1));
  ok(close(open_file()));
  expect_either(EACCES, EAGAIN, set(b, F_OFD_SETLK, F_WRLCK, 0, 1));
  ok(close(a));
  ok(set(b, F_OFD_SETLK, F_WRLCK, 0, 1));
}
