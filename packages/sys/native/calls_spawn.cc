// Forking a child that carries out a plan: system calls in a given order, another fork, exec. What the steps are is the
// caller's business; what is here must happen between fork and exec, where no JavaScript can run.
//
// In the child only system calls are made, on memory that was prepared before the fork: other threads may have held locks.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "call.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace sys {
namespace {

enum Op : int32_t {
  kCall = 0,    // a raw call
  kFork = 1,    // the new process goes on at step args[0], this one with the next; the result is its pid. args[1] is CLONE_FS and
                // CLONE_PARENT, or 0
  kExec = 2,    // path, argument table, count, environment table, count: see Strings
  kWait = 3,    // reads one byte from the descriptor args[0], the end of the stream is -EPIPE; goes on as kReap with the process
                // args[2] when that ends first, whose pidfd is args[1], unless that is -1
  kReport = 4,  // tells the parent the value args[0]
  kReap = 5,    // waits for the process args[0], passing signals on to it, and ends as it ended
  kExit = 6,    // ends with the status args[0]
  kBind = 7,    // arranges that the signal args[0] comes when the parent ends, even if it already has
};

// How the TypeScript side writes it.
struct Step {
  int32_t op;
  int32_t call;        // kCall: the position in AllCalls()
  int32_t references;  // bit i: args[i] is the number of an earlier step, whose result is meant
  int32_t tolerated;   // the errno that does not end the process, 0 for none, -1 for any
  int32_t args[kMaxArgs];
};
static_assert(sizeof(Step) == 52, "STEP_WORDS of the TypeScript side");

// What travels to the parent. Shorter than PIPE_BUF: never mixed with another.
struct Report {
  int32_t process;  // 0 the child, 1 its child
  int32_t step;
  int32_t error;  // an errno, or 0: `value` was reported
  int32_t value;
};

constexpr int32_t kMaxSteps = 4096;
constexpr int32_t kMaxStrings = 1 << 20;
constexpr int kFailed = 127;
constexpr int32_t kForkFlags = CLONE_FS | CLONE_PARENT;

// A list of strings as execve(2) wants it.
struct Strings {
  std::vector<std::string> text;
  std::vector<char*> pointers;

  void Finish() {
    for (std::string& each : text) pointers.push_back(each.data());
    pointers.push_back(nullptr);
  }
};

struct Program {
  std::string path;
  Strings arguments;
  Strings environment;
};

// A plan, copied and checked before the fork.
class Plan {
 public:
  Plan(Env& env, int report) : env_(env), report_(report) {}
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() { Forget(); }

  int32_t Load(Args place, int32_t count);
  // Forks: the pid of the child, or -errno. Carries out the plan in the child.
  int32_t Start();

 private:
  bool LoadText(int32_t window, uint32_t offset, std::string* text) const;
  bool LoadStrings(int32_t window, uint32_t table, int32_t count, Strings* strings) const;
  int32_t Fork(int32_t flags);
  void Forget();
  [[noreturn]] void Run(size_t at);
  int32_t RunStep(size_t at, const int32_t* args);
  void Tell(size_t step, int32_t error, int32_t value) const;
  int32_t Exec(const Program& program) const;
  int32_t Wait(int fd, int pidfd, pid_t pid) const;
  int32_t Bind(int32_t signal) const;
  [[noreturn]] void Reap(pid_t pid) const;

  Env& env_;
  const int report_;
  int32_t process_ = -1;
  int parent_ = -1;  // a pidfd
  std::vector<Step> steps_;
  std::vector<int32_t> results_;
  std::vector<Program> programs_;  // one per step
};

int32_t Spawn(Env& env, Args a);

int32_t Plan::Load(Args place, int32_t count) {
  if (count < 1 || count > kMaxSteps) return -EINVAL;
  const uint8_t* const bytes = At(env_, place, static_cast<uint32_t>(count) * sizeof(Step));
  if (bytes == nullptr) return -EFAULT;
  const size_t size = static_cast<size_t>(count);
  steps_.resize(size);
  memcpy(steps_.data(), bytes, size * sizeof(Step));
  results_.resize(size);
  programs_.resize(size);
  const std::vector<const Call*>& calls = AllCalls();
  for (size_t i = 0; i < size; i++) {
    const Step& step = steps_[i];
    for (size_t arg = 0; arg < kMaxArgs; arg++) {
      if ((step.references >> arg & 1) != 0 && (step.args[arg] < 0 || static_cast<size_t>(step.args[arg]) >= i)) {
        return -EINVAL;
      }
    }
    switch (step.op) {
      case kCall:
        if (step.call < 0 || static_cast<size_t>(step.call) >= calls.size() ||
            calls[static_cast<size_t>(step.call)]->run == Spawn) {
          return -EINVAL;
        }
        break;
      case kFork:
        if (step.args[0] <= static_cast<int32_t>(i) || step.args[0] >= count) return -EINVAL;
        if ((step.args[1] & ~kForkFlags) != 0) return -EINVAL;
        break;
      case kExec: {
        const int32_t* const a = step.args;
        Program& program = programs_[i];
        if (!LoadText(a[0], static_cast<uint32_t>(a[1]), &program.path) ||
            !LoadStrings(a[0], static_cast<uint32_t>(a[2]), a[3], &program.arguments) ||
            !LoadStrings(a[0], static_cast<uint32_t>(a[4]), a[5], &program.environment)) {
          return -EFAULT;
        }
        break;
      }
      case kWait:
      case kReport:
      case kReap:
      case kExit:
      case kBind:
        break;
      default:
        return -EINVAL;
    }
  }
  return 0;
}

bool Plan::LoadText(int32_t window, uint32_t offset, std::string* text) const {
  uint32_t rest;
  const uint8_t* const from = env_.windows.ResolveRest(window, offset, &rest);
  if (from == nullptr) return false;
  const void* const end = memchr(from, '\0', rest);
  if (end == nullptr) return false;
  text->assign(reinterpret_cast<const char*>(from), static_cast<const uint8_t*>(end) - from);
  return true;
}

// A table of u32 offsets of strings in the same window.
bool Plan::LoadStrings(int32_t window, uint32_t table, int32_t count, Strings* strings) const {
  if (count < 0 || count > kMaxStrings) return false;
  const uint32_t size = static_cast<uint32_t>(count) * sizeof(uint32_t);
  const uint8_t* const offsets = env_.windows.Resolve(window, table, size);
  if (offsets == nullptr) return false;
  strings->text.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < strings->text.size(); i++) {
    uint32_t offset;
    memcpy(&offset, offsets + i * sizeof offset, sizeof offset);
    if (!LoadText(window, offset, &strings->text[i])) return false;
  }
  strings->Finish();
  return true;
}

// The handlers of Node write to pipes that parent and child share: no signal may be delivered to the child before they are
// gone.
int32_t Plan::Start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int32_t pid = Fork(0);
  if (pid == 0) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, nullptr);
    Run(0);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

// fork(2), or clone(2) with flags, whose arguments but the first are 0; the child gets a descriptor of its parent, to see later
// whether that still lives. With CLONE_PARENT it has the parent that this process has.
int32_t Plan::Fork(int32_t flags) {
  const bool inherited = (flags & CLONE_PARENT) != 0 && parent_ >= 0;
  const int parent = inherited ? fcntl(parent_, F_DUPFD_CLOEXEC, 0) : static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (parent < 0) return -errno;
  const pid_t pid =
      flags == 0 ? fork() : static_cast<pid_t>(syscall(SYS_clone, static_cast<unsigned long>(flags) | SIGCHLD, 0UL, 0UL, 0UL, 0UL));
  const int error = errno;
  if (pid == 0) {
    process_++;
    Forget();
    // Out of the way of the numbers that the plan gives away.
    parent_ = fcntl(parent, F_DUPFD_CLOEXEC, report_);
  }
  close(parent);
  return pid < 0 ? -error : pid;
}

void Plan::Forget() {
  if (parent_ >= 0) close(parent_);
  parent_ = -1;
}

void Plan::Run(size_t at) {
  while (at < steps_.size()) {
    const Step& step = steps_[at];
    int32_t args[kMaxArgs];
    for (size_t i = 0; i < kMaxArgs; i++) {
      const bool reference = (step.references >> i & 1) != 0;
      args[i] = reference ? results_[static_cast<size_t>(step.args[i])] : step.args[i];
    }
    const int32_t result = RunStep(at, args);
    if (result < 0 && step.tolerated != -1 && result != -step.tolerated) {
      Tell(at, -result, 0);
      _exit(kFailed);
    }
    results_[at] = result;
    at = step.op == kFork && result == 0 ? static_cast<size_t>(step.args[0]) : at + 1;
  }
  _exit(0);
}

int32_t Plan::RunStep(size_t at, const int32_t* args) {
  switch (steps_[at].op) {
    case kFork:
      return Fork(args[1]);
    case kExec:
      return Exec(programs_[at]);
    case kWait:
      return Wait(args[0], args[1], args[2]);
    case kReport:
      Tell(at, 0, args[0]);
      return 0;
    case kReap:
      Reap(args[0]);
    case kExit:
      _exit(args[0]);
    case kBind:
      return Bind(args[0]);
    default:
      return AllCalls()[static_cast<size_t>(steps_[at].call)]->run(env_, args);
  }
}

void Plan::Tell(size_t step, int32_t error, int32_t value) const {
  const Report report{process_, static_cast<int32_t>(step), error, value};
  Retry([&] { return write(report_, &report, sizeof report); });
}

int32_t Plan::Exec(const Program& program) const {
  sigset_t none;
  sigset_t before;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, &before);
  execve(program.path.c_str(), program.arguments.pointers.data(), program.environment.pointers.data());
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return -error;
}

int32_t Plan::Wait(int fd, int pidfd, pid_t pid) const {
  pollfd entries[] = {{fd, POLLIN, 0}, {pidfd, POLLIN, 0}};
  const int32_t ready = Retry([&] { return poll(entries, 2, -1); });
  if (ready < 0) return ready;
  if (entries[1].revents != 0) Reap(pid);
  uint8_t byte;
  const int32_t result = Retry([&] { return read(fd, &byte, 1); });
  return result == 0 ? -EPIPE : result;
}

int32_t Plan::Bind(int32_t signal) const {
  if (prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal)) != 0) return -errno;
  pollfd parent{parent_, POLLIN, 0};
  // It may have ended before; the number it had says nothing, as it may be in another pid namespace.
  return poll(&parent, 1, 0) == 0 ? 0 : -ESRCH;
}

void Plan::Reap(pid_t pid) const {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&awaited, signal);
  int status;
  for (;;) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) _exit(kFailed);
    siginfo_t info;
    const int signal = sigwaitinfo(&awaited, &info);
    // One that a terminal sent has reached the whole group already.
    if (signal > 0 && signal != SIGCHLD && info.si_code != SI_KERNEL) kill(pid, signal);
  }
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  kill(getpid(), signal);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);
  _exit(128 + signal);
}

// spawn(plan, count, report, out: one i32, the pid): a pidfd of the child
int32_t Spawn(Env& env, Args a) {
  uint8_t* const out = At(env, a + 4, sizeof(int32_t));
  if (out == nullptr) return -EFAULT;
  Plan plan(env, a[3]);
  const int32_t error = plan.Load(a, a[2]);
  if (error != 0) return error;
  const int32_t pid = plan.Start();
  if (pid < 0) return pid;
  const int32_t pidfd = Result(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    kill(pid, SIGKILL);
    Retry([&] { return waitpid(pid, nullptr, 0); });
    return pidfd;
  }
  memcpy(out, &pid, sizeof pid);
  return pidfd;
}

const Call kCalls[] = {{"spawn", 6, Spawn, Where::kThisThread}};

}  // namespace

CallTable SpawnCalls() { return {kCalls, sizeof kCalls / sizeof *kCalls}; }

}  // namespace sys
