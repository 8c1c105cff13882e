#include "quire/engine/txn/writer_gate.hpp"

#include <algorithm>

namespace quire {
namespace {

/// Nobody waits longer, and a deadline that far away can still be told.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::days(365);

}  // namespace

Status WriterGate::try_enter_locked() {
  if (inside_ == std::this_thread::get_id()) return fail(ErrorCode::wrong_thread);
  if (is_taken_) return fail(ErrorCode::busy);
  is_taken_ = true;
  inside_ = std::this_thread::get_id();
  return {};
}

Status WriterGate::try_enter() {
  const std::scoped_lock lock(mutex_);
  return try_enter_locked();
}

Status WriterGate::enter_within(std::optional<std::chrono::nanoseconds> timeout) {
  std::unique_lock lock(mutex_);
  Status entered = try_enter_locked();
  if (entered || entered.error().code() != ErrorCode::busy) return entered;
  const auto waiter = waiters_.emplace(waiters_.end());
  const auto has_turn = [&] { return waiter->has_turn; };
  bool is_inside = true;
  if (timeout)
    is_inside = waiter->turn.wait_for(lock, std::min(*timeout, longest_wait), has_turn);
  else
    waiter->turn.wait(lock, has_turn);
  waiters_.erase(waiter);
  if (!is_inside) return entered;
  inside_ = std::this_thread::get_id();
  return {};
}

/// The place goes straight to who has waited longest.
void WriterGate::leave() {
  const std::scoped_lock lock(mutex_);
  inside_ = {};
  is_taken_ = !waiters_.empty();
  if (!is_taken_) return;
  waiters_.front().has_turn = true;
  waiters_.front().turn.notify_one();  // under the lock, without which the waiter cannot go
}

std::uint64_t WriterGate::queued() const {
  const std::scoped_lock lock(mutex_);
  const bool is_passing = !waiters_.empty() && waiters_.front().has_turn;
  return waiters_.size() + (is_taken_ && !is_passing ? 1 : 0);
}

}  // namespace quire
