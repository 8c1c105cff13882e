// WriterGate: one writer at a time, in the order in which they came.
//
// Where processes share the file, whoever has his turn in his own process then waits for that of
// the process: a lock on the data file, before which waits another one, so that a process that
// comes back at once does not pass by those that wait already.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"

namespace quire {

/// Thread-safe. Whoever enters may leave from another thread.
class WriterGate {
 public:
  /// What a turn among processes begins and ends with.
  struct Turn {
    std::function<Status()> begin;  ///< what fails ends it, without `end`
    std::function<void()> end;
  };
  /// Over all processes that share the file from now on.
  void share(File& file, Turn turn);

  /// Waits for its turn. wrong_thread: this thread entered and has not left.
  Status enter() { return enter_by({}); }
  /// The same, but not longer than this: busy.
  Status enter_for(std::chrono::nanoseconds timeout);
  /// The same for who has little to do there, and no transaction.
  Status enter_in_passing(std::chrono::nanoseconds timeout);
  /// Does not wait: busy.
  Status try_enter();
  /// Enters only among the threads of this process: others may be inside. Waits for its turn.
  Status enter_here() { return enter_here_by({}); }
  /// The same, but waits for nobody except who is there in passing: busy.
  Status enter_here_after_passing();
  void leave();
  /// Of the one inside: leaves, and nobody enters any more, nor does who waits: closed.
  void close();

  /// Whether this thread entered and has not left.
  [[nodiscard]] bool is_inside() const;
  /// How many are inside or waiting.
  [[nodiscard]] std::uint64_t queued() const;

 private:
  enum class Stay : std::uint8_t { transaction, passing };
  struct Waiter {
    Stay stay;
    std::condition_variable turn;
    bool has_turn = false;
  };

  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  Status enter_by(Deadline deadline, Stay stay = Stay::transaction);
  Status enter_here_by(Deadline deadline, Stay stay = Stay::transaction);
  Status enter_among_processes(Deadline deadline);
  Status take_locks(Deadline deadline);
  Status lock_by(LockPlace place, Deadline deadline);
  [[nodiscard]] Status try_enter_locked(Stay stay);
  Status try_enter_here();
  void pass_on();

  mutable std::mutex mutex_;
  std::list<Waiter> waiters_;  ///< in the order in which they came; each removes itself
  bool is_taken_ = false;
  bool is_closed_ = false;
  Stay stay_ = Stay::transaction;  ///< of the one who has the place
  std::thread::id inside_;         ///< who entered; nobody between two turns
  File* file_ = nullptr;           ///< that processes share
  Turn turn_;
  bool has_lock_ = false;  ///< of the file; of the one inside
};

}  // namespace quire
