#include "quire/engine/txn/background_syncer.hpp"

#include <exception>
#include <utility>

namespace quire {

bool BackgroundSyncer::start() try {
  const std::scoped_lock lock(mutex_);
  if (thread_.joinable() || is_stopped_) return true;
  thread_ = std::jthread([this](const std::stop_token& stop) { group_.sync_in_background(stop); });
  return true;
} catch (const std::exception&) {  // of the system, or of memory
  return false;
}

void BackgroundSyncer::stop() {
  std::jthread ending;
  const std::scoped_lock lock(mutex_);
  is_stopped_ = true;
  ending = std::exchange(thread_, {});
}

}  // namespace quire
