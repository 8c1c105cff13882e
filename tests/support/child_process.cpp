#include "support/child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <utility>

namespace quire::test {

Pipe::Pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe(ends.data()) != 0) std::perror("pipe");
  reading_ = ends[0];
  writing_ = ends[1];
}

Pipe::~Pipe() {
  ::close(reading_);
  if (writing_ >= 0) ::close(writing_);
}

void Pipe::send(std::uint64_t number) const {
  if (::write(writing_, &number, sizeof(number)) != sizeof(number)) std::perror("write");
}

std::optional<std::uint64_t> Pipe::receive() const {
  std::uint64_t number = 0;
  const bool is_there = ::read(reading_, &number, sizeof(number)) == sizeof(number);
  return is_there ? std::optional(number) : std::nullopt;
}

void Pipe::only_receive() { ::close(std::exchange(writing_, -1)); }

ChildProcess::ChildProcess(const std::function<int()>& run) : id_(::fork()) {
  if (id_ != 0) return;
  int status = 99;
  try {
    status = run();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "a child: %s\n", failure.what());
  } catch (...) {
    std::fprintf(stderr, "a child failed\n");
  }
  ::_exit(status);
}

ChildProcess::~ChildProcess() {
  if (id_ > 0) kill();
}

bool ChildProcess::has_ended() const {
  ::siginfo_t info{};
  const auto id = static_cast<::id_t>(id_);
  return ::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == id_;
}

int ChildProcess::wait() {
  int status = 0;
  ::waitpid(std::exchange(id_, -1), &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void ChildProcess::kill() {
  ::kill(id_, SIGKILL);
  wait();
}

}  // namespace quire::test
