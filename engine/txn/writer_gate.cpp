#include "quire/engine/txn/writer_gate.hpp"

namespace quire {

Status WriterGate::enter() {
  std::unique_lock lock(mutex_);
  if (is_inside()) return fail(ErrorCode::wrong_thread);
  const std::uint64_t ticket = next_ticket_++;
  turn_.wait(lock, [&] { return serving_ == ticket; });
  inside_ = std::this_thread::get_id();
  return {};
}

Status WriterGate::try_enter() {
  const std::scoped_lock lock(mutex_);
  if (is_inside()) return fail(ErrorCode::wrong_thread);
  if (serving_ != next_ticket_) return fail(ErrorCode::busy);
  ++next_ticket_;
  inside_ = std::this_thread::get_id();
  return {};
}

void WriterGate::leave() {
  {
    const std::scoped_lock lock(mutex_);
    inside_ = {};
    ++serving_;
  }
  turn_.notify_all();
}

std::uint64_t WriterGate::queued() const {
  const std::scoped_lock lock(mutex_);
  return next_ticket_ - serving_;
}

}  // namespace quire
