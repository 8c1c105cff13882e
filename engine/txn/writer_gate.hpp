// WriterGate: one writer at a time, in the order in which they came.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "quire/engine/base/result.hpp"

namespace quire {

/// Thread-safe. Whoever enters may leave from another thread.
class WriterGate {
 public:
  /// Waits for its turn. wrong_thread: this thread entered and has not left.
  Status enter() { return enter_within({}); }
  /// The same, but not longer than this: busy.
  Status enter_for(std::chrono::nanoseconds timeout) { return enter_within(timeout); }
  /// Does not wait: busy.
  Status try_enter();
  void leave();

  /// How many are inside or waiting.
  [[nodiscard]] std::uint64_t queued() const;

 private:
  struct Waiter {
    std::condition_variable turn;
    bool has_turn = false;
  };

  Status enter_within(std::optional<std::chrono::nanoseconds> timeout);
  [[nodiscard]] Status try_enter_locked();

  mutable std::mutex mutex_;
  std::list<Waiter> waiters_;  ///< in the order in which they came; each removes itself
  bool is_taken_ = false;
  std::thread::id inside_;  ///< who entered; nobody between two turns
};

}  // namespace quire
