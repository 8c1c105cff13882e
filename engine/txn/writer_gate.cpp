#include "quire/engine/txn/writer_gate.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace quire {
namespace {

/// Nobody waits longer, and a deadline that far away can still be told.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::days(365);

std::chrono::steady_clock::time_point deadline_after(std::chrono::nanoseconds timeout) {
  return std::chrono::steady_clock::now() + std::min(timeout, longest_wait);
}

}  // namespace

Status WriterGate::try_enter_locked(Stay stay) {
  if (is_closed_) return fail(ErrorCode::closed);
  if (inside_ == std::this_thread::get_id()) return fail(ErrorCode::wrong_thread);
  if (is_taken_) return fail(ErrorCode::busy);
  is_taken_ = true;
  stay_ = stay;
  inside_ = std::this_thread::get_id();
  return {};
}

void WriterGate::share(File& file, Turn turn) {
  file_ = &file;
  turn_ = std::move(turn);
}

Status WriterGate::try_enter_here() {
  const std::scoped_lock lock(mutex_);
  return try_enter_locked(Stay::transaction);
}

/// Looks again and again, since a transaction may follow who is there in passing.
Status WriterGate::enter_here_after_passing() {
  constexpr std::chrono::milliseconds pause{20};
  while (true) {
    {
      const std::scoped_lock lock(mutex_);
      Status entered = try_enter_locked(Stay::transaction);
      const bool is_busy = !entered && entered.error().code() == ErrorCode::busy;
      if (!is_busy || stay_ != Stay::passing) return entered;
    }
    Status entered = enter_here_by(deadline_after(pause));
    if (entered || entered.error().code() != ErrorCode::busy) return entered;
  }
}

Status WriterGate::try_enter() {
  if (Status entered = try_enter_here(); !entered) return entered;
  return enter_among_processes(std::chrono::steady_clock::time_point::min());
}

Status WriterGate::enter_for(std::chrono::nanoseconds timeout) {
  return enter_by(deadline_after(timeout));
}

Status WriterGate::enter_in_passing(std::chrono::nanoseconds timeout) {
  return enter_by(deadline_after(timeout), Stay::passing);
}

Status WriterGate::enter_by(Deadline deadline, Stay stay) {
  if (Status entered = enter_here_by(deadline, stay); !entered) return entered;
  return enter_among_processes(deadline);
}

Status WriterGate::enter_here_by(Deadline deadline, Stay stay) {
  std::unique_lock lock(mutex_);
  Status entered = try_enter_locked(stay);
  if (entered || entered.error().code() != ErrorCode::busy) return entered;
  const auto waiter = waiters_.emplace(waiters_.end(), stay);
  const auto has_turn = [&] { return waiter->has_turn; };
  bool is_inside = true;
  if (deadline)
    is_inside = waiter->turn.wait_until(lock, *deadline, has_turn);
  else
    waiter->turn.wait(lock, has_turn);
  waiters_.erase(waiter);
  if (!is_inside) return entered;
  if (is_closed_) {
    pass_on();
    return fail(ErrorCode::closed);
  }
  inside_ = std::this_thread::get_id();
  return {};
}

/// Needs the turn of this process, and gives it up when it fails, or is interrupted by an
/// exception.
Status WriterGate::enter_among_processes(Deadline deadline) {
  if (file_ == nullptr) return {};
  const auto give_up = [this](File* file) {
    file->unlock(LockPlace::queue);
    file->unlock(LockPlace::writer);
    leave();
  };
  std::unique_ptr<File, std::decay_t<decltype(give_up)>> unless_begun(file_, give_up);
  if (Status taken = take_locks(deadline); !taken) return taken;
  if (Status begun = turn_.begin(); !begun) return begun;
  has_lock_ = true;
  [[maybe_unused]] const File* const kept = unless_begun.release();
  return {};
}

Status WriterGate::take_locks(Deadline deadline) {
  Status taken = lock_by(LockPlace::queue, deadline);
  if (!taken) return taken;
  taken = lock_by(LockPlace::writer, deadline);
  file_->unlock(LockPlace::queue);
  return taken;
}

/// The system's locks have no time limit: with one, they are asked for now and then.
Status WriterGate::lock_by(LockPlace place, Deadline deadline) {
  if (!deadline) return file_->lock(place, LockKind::exclusive, LockWait::yes);
  constexpr std::chrono::microseconds longest_pause{1000};
  for (std::chrono::microseconds pause{20};; pause = std::min(2 * pause, longest_pause)) {
    Status locked = file_->lock(place, LockKind::exclusive, LockWait::no);
    const bool is_over = std::chrono::steady_clock::now() >= *deadline;
    if (locked || locked.error().code() != ErrorCode::busy || is_over) return locked;
    std::this_thread::sleep_for(pause);
  }
}

void WriterGate::leave() {
  if (has_lock_) {
    has_lock_ = false;
    turn_.end();
    file_->unlock(LockPlace::writer);
  }
  const std::scoped_lock lock(mutex_);
  pass_on();
}

void WriterGate::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  pass_on();
}

/// The place goes straight to who has waited longest.
void WriterGate::pass_on() {
  inside_ = {};
  is_taken_ = !waiters_.empty();
  if (!is_taken_) return;
  stay_ = waiters_.front().stay;
  waiters_.front().has_turn = true;
  waiters_.front().turn.notify_one();  // under the lock, without which the waiter cannot go
}

bool WriterGate::is_inside() const {
  const std::scoped_lock lock(mutex_);
  return inside_ == std::this_thread::get_id();
}

std::uint64_t WriterGate::queued() const {
  const std::scoped_lock lock(mutex_);
  const bool is_passing = !waiters_.empty() && waiters_.front().has_turn;
  return waiters_.size() + (is_taken_ && !is_passing ? 1 : 0);
}

}  // namespace quire
