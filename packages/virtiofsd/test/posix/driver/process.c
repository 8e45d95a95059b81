/* Processes of a case: of other users, and beside each other. */
#include "battery.h"

#include <grp.h>

const struct user ALICE = {60001, 60001, 0}, BOB = {60002, 60002, 0};
const struct user ALICE_IN_TEAM = {60001, 60001, TEAM}, BOB_IN_TEAM = {60002, 60002, TEAM};

enum { CHILDREN_MAX = 64 };
static pid_t children[CHILDREN_MAX];
static int child_count;

void become(const struct user *user) {
  ok(setgroups(user->team ? 1 : 0, &user->team));
  ok(setresgid(user->gid, user->gid, user->gid));
  ok(setresuid(user->uid, user->uid, user->uid));
}

int spawn(void) {
  expect(child_count < CHILDREN_MAX);
  const pid_t pid = (pid_t)ok(fork());
  if (pid == 0) {
    child_count = 0;
    return 1;
  }
  children[child_count++] = pid;
  return 0;
}

void finish_child(void) { _exit(0); }

void join(void) {
  while (child_count > 0) {
    int status;
    ok(waitpid(children[--child_count], &status, 0));
    if (WIFSIGNALED(status)) fail(HERE, "a process of the case was ended by signal %d", WTERMSIG(status));
    /* It has said why. */
    if (WEXITSTATUS(status) != 0) _exit(1);
  }
}

int begin_as(const struct user *user) {
  if (spawn()) {
    become(user);
    return 1;
  }
  join();
  return 0;
}

void give(const char *path, struct user user) { ok(lchown(path, user.uid, user.gid)); }
