#include "quire/engine/txn/single_edits.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "quire/engine/base/attempt.hpp"
#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {
namespace {

/// More are not made one commit, so that none waits long for the work of the others.
constexpr std::uint32_t most_joined = 256;
constexpr std::size_t most_joined_size = std::size_t{1} << 20;

std::size_t size_of(const SingleEdit& edit) {
  return edit.key.size() + (edit.value ? edit.value->size() : 0);
}

Result<bool> apply(OpenTransaction& open, const SingleEdit& edit) {
  if (!edit.value) return open.erase(edit.id, edit.name, edit.key);
  return open.put(edit.id, edit.name, edit.key, *edit.value, edit.mode);
}

}  // namespace

class SingleEdits::Lead {
 public:
  explicit Lead(SingleEdits& edits) : edits_(edits) {}
  Lead(const Lead&) = delete;
  Lead& operator=(const Lead&) = delete;
  ~Lead() { edits_.hand_on(); }

 private:
  SingleEdits& edits_;
};

Result<bool> SingleEdits::commit(const SingleEdit& edit, Durability durability) {
  // Who leads would wait for this thread's transaction, and this thread for him.
  if (core_.gate().is_inside()) return fail(ErrorCode::wrong_thread);
  Waiter self{.edit = edit, .durability = durability};
  if (takes_lead(self)) return lead(self);
  switch (wait_for_turn(self)) {
    case Turn::is_done: return std::move(self.answer);
    case Turn::goes_alone: return commit_alone(self);
    default: return lead(self);
  }
}

bool SingleEdits::takes_lead(Waiter& self) {
  const std::scoped_lock lock(mutex_);
  if (!std::exchange(is_led_, true)) return true;
  (first_ == nullptr ? first_ : last_->next) = &self;
  last_ = &self;
  ++waiting_;
  return false;
}

SingleEdits::Turn SingleEdits::wait_for_turn(Waiter& self) {
  std::unique_lock lock(self.mutex);
  self.changed.wait(lock, [&] { return self.turn != Turn::none; });
  return self.turn;
}

void SingleEdits::tell(Waiter& waiter, Turn turn) {
  const std::scoped_lock lock(waiter.mutex);
  waiter.turn = turn;
  waiter.changed.notify_one();  // under the lock, without which the waiter cannot go
}

SingleEdits::Waiter* SingleEdits::take_first() {
  Waiter* const first = first_;
  if (first == nullptr) return nullptr;
  first_ = std::exchange(first->next, nullptr);
  --waiting_;
  return first;
}

void SingleEdits::hand_on() {
  Waiter* next = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    next = take_first();
    is_led_ = next != nullptr;
    expected_ = waiting_ + last_joined_ - (is_led_ ? 0 : 1);
  }
  if (next != nullptr) tell(*next, Turn::leads);
}

/// Those who were told that they are done often come again at once: then they are worth waiting
/// for, a part of what a commit takes.
void SingleEdits::wait_for_others() const {
  constexpr std::chrono::steady_clock::duration longest = std::chrono::microseconds(200);
  const auto until = std::chrono::steady_clock::now() + std::min(last_duration_ / 4, longest);
  while (waiting_ < expected_ && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
}

/// Those that wait for the same, in the order in which they came, follow the leader.
void SingleEdits::take_others(Waiter& leader) {
  const std::scoped_lock lock(mutex_);
  Waiter* last = &leader;
  std::size_t size = size_of(leader.edit);
  last_joined_ = 1;
  while (first_ != nullptr && last_joined_ < most_joined) {
    size += size_of(first_->edit);
    if (first_->durability != leader.durability || size > most_joined_size) break;
    last = last->next = take_first();
    ++last_joined_;
  }
}

Result<bool> SingleEdits::lead(Waiter& self) {
  const Lead lead(*this);
  if (waiting_ < expected_) wait_for_others();
  if (Status entered = core_.gate().enter(); !entered) return fail(entered);
  WriterPlace place(&core_);
  take_others(self);
  if (self.next == nullptr) return commit_one(self, std::move(place));
  return commit_together(self, std::move(place));
}

Result<bool> SingleEdits::commit_together(Waiter& first, WriterPlace place) {
  const auto begin = std::chrono::steady_clock::now();
  bool is_named = false;
  const Status done = attempt([&] { return commit_list(first, std::move(place), is_named); });
  last_duration_ = std::chrono::steady_clock::now() - begin;
  const Turn turn = done || is_named ? Turn::is_done : Turn::goes_alone;
  for (Waiter* waiter = first.next; waiter != nullptr;) {
    Waiter& told = *std::exchange(waiter, waiter->next);
    if (!done && told.answer) told.answer = fail(done);
    tell(told, turn);
  }
  if (turn == Turn::goes_alone) return commit_alone(first);
  return done || !first.answer ? std::move(first.answer) : fail(done);
}

Result<bool> SingleEdits::commit_alone(Waiter& self) const {
  if (Status entered = core_.gate().enter(); !entered) return fail(entered);
  return commit_one(self, WriterPlace(&core_));
}

Result<bool> SingleEdits::commit_one(Waiter& self, WriterPlace place) const {
  self.next = nullptr;
  bool is_named = false;
  const Status done = commit_list(self, std::move(place), is_named);
  return done || !self.answer ? std::move(self.answer) : fail(done);
}

/// What each edit comes to is its answer, unless this fails. Nothing was changed unless is_named.
Status SingleEdits::commit_list(Waiter& first, WriterPlace place, bool& is_named) const {
  GroupSync::Named named;
  {
    const WriterPlace inside = std::move(place);
    if (Status writable = core_.check_writable(); !writable) return writable;
    OpenTransaction open(core_, first.durability);
    bool is_any_done = false;
    for (Waiter* waiter = &first; waiter != nullptr; waiter = waiter->next) {
      waiter->answer = apply(open, waiter->edit);
      if (Status sound = open.check_sound(); !sound) return sound;
      is_any_done |= waiter->answer.has_value();
    }
    if (!is_any_done) return {};
    const Result<NamedCommit> commit = open.commit(first.durability);
    is_named = commit || commit.error().code() == ErrorCode::outcome_unknown;
    if (!commit) return fail(commit);
    named = commit->named;
  }
  return core_.finish(named);
}

}  // namespace quire
