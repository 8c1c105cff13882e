// ForkWatch: what must not be inherited by a forked child.
//
// A child has the parent's memory and open files, but none of its threads, and none of its rights:
// a lock that it helps to hold would outlive the parent, and a mutex that some thread held is never
// unlocked. So what is open is closed there, before the child does anything else.
#pragma once

#include <atomic>
#include <memory>

namespace quire {

/// Is told in a forked child. Registers itself only when it is asked to: whoever is told must be
/// complete.
class ForkWatch {
 public:
  ForkWatch(const ForkWatch&) = delete;
  ForkWatch& operator=(const ForkWatch&) = delete;
  virtual ~ForkWatch() { ignore_forks(); }

 protected:
  ForkWatch() = default;

  /// Last thing of a constructor.
  void watch_forks();
  /// First thing of a destructor.
  void ignore_forks() noexcept;

 private:
  friend struct ForkWatches;
  /// In the child, with no other thread. Must wait for no lock, and fail at nothing.
  virtual void in_child() noexcept = 0;
  bool is_watching_ = false;
};

/// While it lives nobody forks: what is opened meanwhile is watched before a child can inherit it.
class ForkPause {
 public:
  ForkPause();
  ForkPause(const ForkPause&) = delete;
  ForkPause& operator=(const ForkPause&) = delete;
  ~ForkPause();
};

/// One object for each process, never destroyed: a forked child has another. Thread-safe.
template <class T>
class PerProcess final : ForkWatch {
 public:
  PerProcess() { watch_forks(); }

  T& get() {
    T* object = object_.load(std::memory_order_acquire);
    if (object != nullptr) return *object;
    auto made = std::make_unique<T>();
    // Another thread may have been faster: then object is its one.
    if (object_.compare_exchange_strong(object, made.get(), std::memory_order_acq_rel))
      object = made.release();
    return *object;
  }

 private:
  void in_child() noexcept override { object_.store(nullptr, std::memory_order_release); }
  std::atomic<T*> object_{nullptr};
};

}  // namespace quire
