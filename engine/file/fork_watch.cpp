#include "quire/engine/file/fork_watch.hpp"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace quire {
namespace {

/// How often this thread has locked the watches. Not a recursive mutex: that would not take a
/// forked child's thread for its owner.
thread_local int lock_depth = 0;

}  // namespace

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
    ::pthread_atfork([] { instance().lock(); }, [] { instance().unlock(); },
                     [] {
                       for (ForkWatch* watch : instance().list) watch->in_child();
                       instance().unlock();
                     });
  }

  void lock() {
    if (lock_depth++ == 0) mutex.lock();
  }
  void unlock() {
    if (--lock_depth == 0) mutex.unlock();
  }
};

ForkPause::ForkPause() { ForkWatches::instance().lock(); }
ForkPause::~ForkPause() { ForkWatches::instance().unlock(); }

void ForkWatch::watch_forks() {
  const ForkPause pause;
  ForkWatches::instance().list.push_back(this);
  is_watching_ = true;
}

void ForkWatch::ignore_forks() noexcept {
  if (!is_watching_) return;
  const ForkPause pause;
  std::erase(ForkWatches::instance().list, this);
  is_watching_ = false;
}

}  // namespace quire
