// Aside: a thread that does one thing after the other for another thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "quire/engine/base/result.hpp"

namespace quire {

/// For one thread at a time. The thread begins with the first work.
class Aside {
 public:
  Aside() = default;
  /// Waits for what is being done.
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  /// Does the work there, or, where the system has no more threads, here. Needs that nothing is
  /// being done; what work uses must stay until wait() has returned.
  void begin(std::function<Status()> work);
  [[nodiscard]] bool is_busy();
  /// Until nothing is being done, whatever it comes to.
  void forget() noexcept;
  /// Until nothing is being done; what the last work came to. Throws what that threw.
  Status wait();

 private:
  [[nodiscard]] bool start();
  void run(const std::stop_token& stop);
  void do_work() noexcept;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<Status()> work_;  ///< none: nothing is to be done
  Status outcome_;
  std::exception_ptr thrown_;  ///< by the last work
  std::int64_t process_ = 0;   ///< where the thread is: not in a child that was forked since
  std::jthread thread_;
};

}  // namespace quire
