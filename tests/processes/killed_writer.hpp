// A process that commits in turn, and is killed at one of its calls.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>

#include "processes/shared_file.hpp"
#include "support/child_process.hpp"
#include "support/killing_files.hpp"

namespace quire::test {

/// Commits in turn, and sends the number of each that has returned. How many calls it made.
using Steps = std::function<std::uint64_t(Death death, const Pipe& acknowledged)>;

/// How many calls a writer makes that is not killed.
inline std::uint64_t calls_of(const Steps& steps) {
  Pipe acknowledged;
  const Pipe calls;
  ChildProcess child([&] {
    calls.send(steps({}, acknowledged));
    return 0;
  });
  const std::uint64_t count = calls.receive().value();
  REQUIRE(child.wait() == 0);
  return count;
}

/// Runs a writer that is killed there; the last transaction that it was told of, if any.
inline std::optional<std::uint64_t> kill_writer(const Steps& steps, Death death) {
  Pipe acknowledged;
  ChildProcess child([&] {
    steps(death, acknowledged);
    return 0;
  });
  acknowledged.only_receive();
  std::optional<std::uint64_t> last;
  while (const auto number = acknowledged.receive()) last = number;
  const int status = child.wait();
  REQUIRE((status == -SIGKILL || status == 0));
  return last;
}

}  // namespace quire::test
