// Process: a program that was started, until it has ended.
//
// For a driver with one thread, which hears of ends by SIGCHLD (EndOfChildren).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quire::test {

/// What a process sees of the others.
enum class Namespace : std::uint8_t {
  same,  ///< as the driver
  own,   ///< a PID namespace of its own, in which its id is 1 (in a user namespace of its own, too)
};

/// Whether the system lets us make processes in namespaces of their own.
bool are_namespaces_allowed();

/// How a process ended: its exit status, or the signal that ended it.
struct End {
  int exit_status = 0;
  int signal = 0;
  [[nodiscard]] std::string describe() const;
};

/// Killed by its destructor if it still lives.
class Process {
 public:
  /// Its standard error goes to the file. It starts with SIGTERM blocked, so that none is lost
  /// before it listens, and it dies with the driver.
  Process(const std::vector<std::string>& command, const std::string& error_path, Namespace space);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// To nobody, once it is known to have ended.
  void send(int signal) const;
  /// How it ended; nothing while it lives.
  [[nodiscard]] std::optional<End> end();
  /// The stacks of its threads, when there is a debugger to ask.
  [[nodiscard]] std::string stacks() const;

 private:
  pid_t id_ = 0;
  std::optional<End> end_;
};

/// As long as it lives, SIGCHLD waits to be waited for.
class EndOfChildren {
 public:
  EndOfChildren();
  EndOfChildren(const EndOfChildren&) = delete;
  EndOfChildren& operator=(const EndOfChildren&) = delete;
  ~EndOfChildren();

  /// Until some child ends or stops, or the time is over.
  void wait_for(std::chrono::microseconds timeout) const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace quire::test
