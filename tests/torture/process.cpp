#include "torture/process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace quire::test {
namespace {

/// fork() that may begin namespaces; so the driver knows the id of the process itself, and not
/// that of one in between.
pid_t fork_into(Namespace space) {
  const unsigned long flags = space == Namespace::own ? CLONE_NEWUSER | CLONE_NEWPID : 0;
  return static_cast<pid_t>(
      ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

[[noreturn]] void become(std::vector<std::string> command, const std::string& error_path) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int errors = ::open(error_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ::dup2(errors, STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::dprintf(STDERR_FILENO, "cannot run %s: %s\n", arguments.front(), std::strerror(errno));
  ::_exit(127);
}

End end_of(int status) {
  return WIFSIGNALED(status) ? End{.signal = WTERMSIG(status)}
                             : End{.exit_status = WEXITSTATUS(status)};
}

}  // namespace

bool are_namespaces_allowed() {
  const pid_t child = fork_into(Namespace::own);
  if (child == 0) ::_exit(0);
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

std::string End::describe() const {
  if (signal == 0) return "with exit status " + std::to_string(exit_status);
  return std::string("by SIG") + ::sigabbrev_np(signal);
}

Process::Process(const std::vector<std::string>& command, const std::string& error_path,
                 Namespace space) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  id_ = fork_into(space);
  if (id_ == 0) become(command, error_path);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (id_ < 0) end_ = End{.exit_status = 127};
}

Process::~Process() {
  if (end()) return;
  send(SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void Process::send(int signal) const {
  if (!end_) ::kill(id_, signal);
}

std::string Process::stacks() const {
  const std::string command =
      "gdb -p " + std::to_string(id_) + " -batch -ex 'thread apply all backtrace' 2>/dev/null";
  std::FILE* const output = ::popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> room{};
  while (output != nullptr && std::fgets(room.data(), room.size(), output) != nullptr)
    text += room.data();
  if (output != nullptr) ::pclose(output);
  return text;
}

std::optional<End> Process::end() {
  int status = 0;
  if (!end_ && ::waitpid(id_, &status, WNOHANG) == id_) end_ = end_of(status);
  return end_;
}

EndOfChildren::EndOfChildren() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &signals_, &before_);
}

EndOfChildren::~EndOfChildren() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

void EndOfChildren::wait_for(std::chrono::microseconds timeout) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec time = {.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
  ::sigtimedwait(&signals_, nullptr, &time);
}

}  // namespace quire::test
