// WriterGate: one writer at a time, in the order in which they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "quire/engine/base/result.hpp"

namespace quire {

/// Thread-safe. Whoever enters may leave from another thread.
class WriterGate {
 public:
  /// Waits for its turn. wrong_thread: this thread entered and has not left.
  Status enter();
  /// Does not wait: busy.
  Status try_enter();
  void leave();

  /// How many are inside or waiting.
  [[nodiscard]] std::uint64_t queued() const;

 private:
  [[nodiscard]] bool is_inside() const { return inside_ == std::this_thread::get_id(); }

  mutable std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;
  std::thread::id inside_;
};

}  // namespace quire
