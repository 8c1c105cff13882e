// BackgroundSyncer: the thread that syncs buffered commits in time.
#pragma once

#include <mutex>
#include <thread>

#include "quire/engine/txn/group_sync.hpp"

namespace quire {

/// Thread-safe. The thread begins when it is first needed: most databases never need one.
class BackgroundSyncer {
 public:
  explicit BackgroundSyncer(GroupSync& group) : group_(group) {}

  /// Begins unless it has begun, or was stopped. False where the system has no more threads.
  [[nodiscard]] bool start();
  /// Ends it; what is not synced yet stays so. No thread begins after it.
  void stop();

 private:
  GroupSync& group_;
  std::mutex mutex_;
  bool is_stopped_ = false;
  std::jthread thread_;
};

}  // namespace quire
