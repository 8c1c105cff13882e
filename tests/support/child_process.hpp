// A forked child of a test, and a pipe to speak with it.
//
// Both ends wait for each other's bytes, never for time. A child that is left over is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace quire::test {

/// Bytes from one process to another, in order.
class Pipe {
 public:
  Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();

  void send(std::uint64_t number) const;
  /// Nothing: the other end is gone, or said nothing before it died.
  [[nodiscard]] std::optional<std::uint64_t> receive() const;
  /// Only the child writes from here on, so that its death is seen.
  void only_receive();

 private:
  int reading_;
  int writing_;
};

class ChildProcess {
 public:
  /// The child runs this and ends with what it gives; 99 when something was thrown.
  explicit ChildProcess(const std::function<int()>& run);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Whether wait() would not wait.
  [[nodiscard]] bool has_ended() const;
  /// Its status, or the signal that ended it as a negative number.
  int wait();
  /// Kills it, and waits until it is gone.
  void kill();

 private:
  ::pid_t id_;
};

}  // namespace quire::test
