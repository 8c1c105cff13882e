#include "peers/job.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "peers/engines.hpp"
#include "peers/entries.hpp"
#include "peers/loops.hpp"
#include "peers/memory_group.hpp"

namespace bench::peers {

namespace {

constexpr std::string_view job_to_be_killed = "fill";
constexpr std::string_view many_gets = "many gets";

/// The end that is read of a pipe into which a child prints.
class ChildOutput {
 public:
  ChildOutput() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
  }
  ChildOutput(const ChildOutput&) = delete;
  ChildOutput& operator=(const ChildOutput&) = delete;
  ~ChildOutput() { ::close(ends_[0]); }

  /// Starts the program with the arguments.
  pid_t start(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends_[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, ends_[0]);
    pid_t child = 0;
    const int failure =
        ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends_[1]);
    if (failure != 0) throw std::runtime_error("cannot start a child");
    return child;
  }
  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 256> piece;
    for (;;) {
      const ssize_t size = ::read(ends_[0], piece.data(), piece.size());
      if (size <= 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  std::array<int, 2> ends_{};
};

template <class P>
void fill_and_die(const Job& job, const Opening& opening) {
  P peer(opening);
  typename P::Session session(peer);
  const Data data(job.entries);
  ValueSource value(job_value_size);
  load<P>(session, data.random(), data.random(), value, Order::random);
  static_cast<void>(::raise(SIGKILL));
}

template <class P>
void get_and_print(const Job& job, const Opening& opening) {
  const Data data(job.entries);
  const Keys keys = data.hits(job.round, job.operations);
  P peer(opening);
  typename P::Session session(peer);
  typename P::Snapshot snapshot(session);
  const Stopwatch watch;
  const Sample sample = watch.stop(job.kind == many_gets ? sum_of_many_gets(snapshot, keys)
                                                         : sum_of_gets(snapshot, keys));
  std::cout << fmt::format("{} {} {}\n", sample.wall_seconds, sample.cpu_seconds, sample.sum);
}

}  // namespace

std::optional<Sample> run_in_child(const Job& job) {
  ChildOutput output;
  const pid_t child =
      output.start({"quire-peers", "--job", job.kind, "--engines", job.engine, "--directory",
                    job.directory, "--entries", std::to_string(job.entries), "--job-operations",
                    std::to_string(job.operations), "--job-round", std::to_string(job.round),
                    "--cache", std::to_string(job.cache_size >> 20), "--job-group", job.group});
  std::istringstream text(output.read_all());
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return {};
  Sample sample;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
      text >> sample.wall_seconds >> sample.cpu_seconds >> sample.sum)
    return sample;
  throw std::runtime_error(
      fmt::format("{}: the child for {} ended with status {:#x}", job.engine, job.kind, status));
}

void do_job(const Job& job) {
  if (!job.group.empty()) MemoryGroup::join(job.group);
  const Opening opening = {.directory = job.directory,
                           .entries = job.entries,
                           .value_size = job_value_size,
                           .cache_size = job.cache_size};
  for_each_peer<std::uint64_t, false>({}, [&]<class P>() {
    if (P::name != job.engine) return;
    if (job.kind == job_to_be_killed) {
      fill_and_die<P>(job, opening);
    } else {
      get_and_print<P>(job, opening);
    }
  });
}

}  // namespace bench::peers
