#include "quire/engine/file/fork_watch.hpp"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace quire {

/// All that is watched. Never destroyed: programs fork to their very end.
struct ForkWatches {
  std::mutex mutex;
  std::vector<ForkWatch*> list;

  static ForkWatches& instance() {
    static ForkWatches& watches = *new ForkWatches;
    return watches;
  }

  /// Nobody comes or goes while the process forks.
  ForkWatches() {
    ::pthread_atfork([] { instance().mutex.lock(); }, [] { instance().mutex.unlock(); },
                     [] {
                       for (ForkWatch* watch : instance().list) watch->in_child();
                       instance().mutex.unlock();
                     });
  }
};

void ForkWatch::watch_forks() {
  ForkWatches& watches = ForkWatches::instance();
  const std::scoped_lock lock(watches.mutex);
  watches.list.push_back(this);
  is_watching_ = true;
}

void ForkWatch::ignore_forks() noexcept {
  if (!is_watching_) return;
  ForkWatches& watches = ForkWatches::instance();
  const std::scoped_lock lock(watches.mutex);
  std::erase(watches.list, this);
  is_watching_ = false;
}

}  // namespace quire
