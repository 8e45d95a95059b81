/* execve(2) of files of the file system, and ETXTBSY (open(2), truncate(2)) */
#include "../driver/battery.h"

#include <sys/statvfs.h>

/* A copy of this program; `--pause` makes it run until it is ended. */
static void make_program(const char *path) {
  struct statvfs system;
  ok(statvfs(".", &system));
  if (system.f_flag & ST_NOEXEC) skip("the file system is mounted noexec");
  const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (from < 0) skip("/proc/self/exe: %s", errno_name(errno));
  const int to = (int)ok(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
  static char bytes[65536];
  for (ssize_t part; (part = ok(read(from, bytes, sizeof bytes))) > 0;) {
    expect_equal(write(to, bytes, (size_t)part), part);
  }
  ok(close(to));
  ok(close(from));
}

/* Returns when the program runs: the pipe's other end is then closed by O_CLOEXEC. */
static pid_t start_program(const char *path) {
  int ends[2];
  ok(pipe2(ends, O_CLOEXEC));
  const pid_t pid = (pid_t)ok(fork());
  if (pid == 0) {
    execl(path, path, "--pause", (char *)NULL);
    const int error = errno;
    if (write(ends[1], &error, sizeof error) < 0) _exit(2);
    _exit(1);
  }
  close(ends[1]);
  int error = 0;
  if (ok(read(ends[0], &error, sizeof error)) > 0) {
    errno = error;
    ok(-1);
  }
  return pid;
}

static void end_program(pid_t pid) {
  int status;
  ok(kill(pid, SIGKILL));
  ok(waitpid(pid, &status, 0));
}

static int exec_error(const char *path) {
  int ends[2];
  ok(pipe2(ends, O_CLOEXEC));
  const pid_t pid = (pid_t)ok(fork());
  if (pid == 0) {
    execl(path, path, (char *)NULL);
    const int error = errno;
    _exit(write(ends[1], &error, sizeof error) < 0);
  }
  close(ends[1]);
  int error = 0, status;
  ok(read(ends[0], &error, sizeof error));
  ok(waitpid(pid, &status, 0));
  return error;
}

CASE("a program that was written here runs") {
  make_program("program");
  end_program(start_program("program"));
}

/* Linux 6.11 and 6.12 let a running program be written: execve(2) promises ETXTBSY only for the other direction. */
CASE("ETXTBSY from opening a running program for writing, or it works") {
  make_program("program");
  const pid_t pid = start_program("program");
  if (open("program", O_WRONLY) < 0) expect_equal(errno, ETXTBSY);
  ok(open("program", O_RDONLY));
  end_program(pid);
  ok(open("program", O_WRONLY));
}

CASE("ETXTBSY from truncating a running program, or it works") {
  make_program("program");
  const off_t size = stat_of("program").st_size;
  const pid_t pid = start_program("program");
  if (truncate("program", size) < 0) expect_equal(errno, ETXTBSY);
  end_program(pid);
}

CASE("a running program may be renamed and unlinked, and goes on") {
  make_program("program");
  const pid_t pid = start_program("program");
  ok(rename("program", "renamed"));
  ok(unlink("renamed"));
  expect_equal(waitpid(pid, NULL, WNOHANG), 0);
  end_program(pid);
}

CASE("ETXTBSY from executing a file that is open for writing") {
  make_program("program");
  const int fd = (int)ok(open("program", O_WRONLY | O_CLOEXEC));
  expect_equal(exec_error("program"), ETXTBSY);
  ok(close(fd));
  end_program(start_program("program"));
}

CASE("EACCES from executing a file without execute permission, root included") {
  make_program("program");
  ok(chmod("program", 0666));
  expect_equal(exec_error("program"), EACCES);
}

CASE("EACCES from executing a directory") {
  make_dir("dir");
  expect_equal(exec_error("dir"), EACCES);
}

CASE("ENOEXEC from executing what is no program") {
  make_program("program");
  ok(truncate("program", 0));
  expect_equal(exec_error("program"), ENOEXEC);
}
