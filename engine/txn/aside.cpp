#include "quire/engine/txn/aside.hpp"

#include <exception>
#include <utility>

#include "quire/engine/file/posix_process.hpp"

namespace quire {

Aside::~Aside() {
  if (thread_.joinable() && process_ != posix_process_id()) thread_.detach();
}

bool Aside::start() try {
  if (thread_.joinable()) return true;
  process_ = posix_process_id();
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return true;
} catch (const std::exception&) {  // of the system, or of memory
  return false;
}

void Aside::begin(std::function<Status()> work) {
  if (!start()) {
    outcome_ = work();
    return;
  }
  const std::scoped_lock lock(mutex_);
  work_ = std::move(work);
  changed_.notify_all();
}

bool Aside::is_busy() {
  const std::scoped_lock lock(mutex_);
  return static_cast<bool>(work_);
}

void Aside::forget() noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !work_; });
  thrown_ = nullptr;
}

Status Aside::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !work_; });
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return outcome_;
}

void Aside::do_work() noexcept try { outcome_ = work_(); } catch (...) {
  thrown_ = std::current_exception();
}

void Aside::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  // Work that was begun is done, also when this is to end.
  while (changed_.wait(lock, stop, [&] { return static_cast<bool>(work_); })) {
    lock.unlock();
    do_work();
    lock.lock();
    work_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace quire
