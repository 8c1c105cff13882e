// Workers: threads that wait for the disk, so that threads with an event loop need not.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace quire {

/// Names who does the waiting; cheap to copy. Work may block for as long as a disk takes, so give
/// it threads that do nothing else that is urgent. Thread-safe.
class Workers {
 public:
  /// Threads that all of the program shares, as many as two streams or commits keep busy; they
  /// start at the first use and are never ended. A forked child has none of them.
  Workers() = default;

  /// A pool of your own, which must outlive all that uses it. What it has not begun when it ends is
  /// cancelled.
  // NOLINTNEXTLINE(google-explicit-constructor): options say `.workers = pool`
  Workers(boost::asio::thread_pool& pool) : executor_(pool.get_executor()) {}
  explicit Workers(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Runs work, which may be move-only, some time later on one of the threads.
  template <class Work>
  void run(Work work) const {
    boost::asio::post(executor(), std::move(work));
  }

  /// For handlers that name no executor of their own.
  [[nodiscard]] boost::asio::any_io_executor executor() const {
    return executor_ ? executor_ : shared().get_executor();
  }

 private:
  static boost::asio::thread_pool& shared() {
    // Never destroyed: objects with static lifetime may use it to the very end.
    static boost::asio::thread_pool& pool = *new boost::asio::thread_pool(2);
    return pool;
  }

  boost::asio::any_io_executor executor_;  ///< none: the shared ones
};

}  // namespace quire
