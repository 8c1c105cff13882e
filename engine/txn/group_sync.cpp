#include "quire/engine/txn/group_sync.hpp"

namespace quire {
namespace {

Failure unknown(const Error& cause, TxnId txn) {
  Error error(ErrorCode::outcome_unknown);
  error.with_system(cause.system()).with_txn(txn).with_detail(cause.message());
  return fail(error);
}

Error stopped_by(const Error& cause) {
  Error error(ErrorCode::poisoned);
  error.with_system(cause.system()).with_detail("cause: " + cause.message());
  return error;
}

}  // namespace

GroupSync::GroupSync(File& file, Publication& publication, const SafetyRules& rules,
                     const Recovered& recovered)
    : file_(file),
      words_(publication),
      rules_(rules),
      slots_(recovered.slots),
      newest_{publication.written(), publication.published_word(), recovered.slots.written(),
              recovered.meta.ceiling},
      synced_ceiling_(recovered.meta.ceiling) {}

// ---- Inside the gate

/// With the rule off, a commit overwrites the very slot that recovery would fall back on.
std::uint32_t GroupSync::slot_for_next() const {
  const std::scoped_lock lock(mutex_);
  return rules_.spare_slot ? slots_.spare() : slots_.durable();
}

Result<GroupSync::Named> GroupSync::name(const State& state, std::uint64_t sequence, TxnId ceiling,
                                         Seen seen) {
  const std::scoped_lock lock(mutex_);
  if (poison_) return unknown(*poison_, state.txn);
  slots_.hold(state.meta_slot, sequence);
  slots_.set_written(state.meta_slot);
  newest_ = {state.txn, words_.set_written(state), state.meta_slot, ceiling};
  has_unsynced_ = true;
  if (seen == Seen::at_once && awaited_ <= finished_)
    publish(newest_);
  else
    awaited_ = started_ + 1;
  return Named{state.txn, awaited_};
}

void GroupSync::note_written(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  has_unsynced_ = true;
  unsynced_size_ += bytes;
}

Failure GroupSync::poison(const Error& cause, TxnId txn) {
  const std::scoped_lock lock(mutex_);
  if (!poison_) poison_ = cause;
  turn_.notify_all();
  return unknown(cause, txn);
}

Failure GroupSync::stop(const Error& cause) {
  const std::scoped_lock lock(mutex_);
  if (!poison_) poison_ = cause;
  turn_.notify_all();
  return fail(stopped_by(*poison_));
}

GroupSync::Ticket GroupSync::awaited() const {
  const std::scoped_lock lock(mutex_);
  return awaited_;
}

Status GroupSync::sync() {
  Lock lock(mutex_);
  const bool is_under_way = is_syncing_ && !has_unsynced_;
  return wait_for(lock, is_under_way ? started_ : started_ + 1);
}

void GroupSync::wait_until_idle() {
  Lock lock(mutex_);
  turn_.wait(lock, [&] { return !is_syncing_; });
}

// ---- Anybody

Status GroupSync::finish(const Named& named) {
  Lock lock(mutex_);
  const Status done = wait_for(lock, named.ticket);
  return done ? done : unknown(done.error(), named.txn);
}

Status GroupSync::wait_for(Lock& lock, Ticket ticket) {
  while (finished_ < ticket) {
    const bool may_come_true = is_syncing_ && started_ >= ticket;
    if (poison_ && !may_come_true) return fail(*poison_);
    if (!is_syncing_) {
      lead(lock);
      continue;
    }
    ++waiter_count_;
    turn_.wait(lock);
    --waiter_count_;
  }
  return {};
}

/// F := W, a sync, then P := F and D := F. Nobody else syncs meanwhile, and a failed sync is not
/// asked for again.
void GroupSync::lead(Lock& lock) {
  is_syncing_ = true;
  const Ticket ticket = ++started_;
  const Newest covered = newest_;
  const std::uint64_t covered_size = unsynced_size_;
  has_unsynced_ = false;
  ++sync_count_;
  slots_.set_syncing(covered.slot);
  words_.set_syncing(covered.txn);
  lock.unlock();
  const Status synced = sync_file();
  lock.lock();
  if (synced) {
    finished_ = ticket;
    unsynced_size_ -= covered_size;
    synced_ceiling_ = covered.ceiling;
    slots_.set_durable(covered.slot);
    publish(covered);
    words_.set_durable(covered.txn);
  } else if (!poison_) {
    poison_ = synced.error();
  }
  slots_.set_syncing({});
  words_.set_syncing(no_txn);  // after D: who asks for F and then for D misses neither
  is_syncing_ = false;
  turn_.notify_all();
}

/// Whatever happens, those who wait must hear of it.
Status GroupSync::sync_file() try {
  Status synced = file_.sync();
  if (!synced && !rules_.no_repeated_sync) synced = file_.sync();
  return synced;
} catch (...) {
  return fail(ErrorCode::io_failed);  // it failed, and there was no memory to say how
}

/// P only rises.
void GroupSync::publish(const Newest& state) {
  if (state.txn > words_.published()) words_.publish(state.word);
}

Status GroupSync::check_healthy() const {
  const std::scoped_lock lock(mutex_);
  if (!poison_) return {};
  return fail(stopped_by(*poison_));
}

bool GroupSync::is_all_durable() const {
  const std::scoped_lock lock(mutex_);
  return !has_unsynced_ && words_.durable() == newest_.txn;
}

std::uint64_t GroupSync::unsynced_size() const {
  const std::scoped_lock lock(mutex_);
  return unsynced_size_;
}

TxnId GroupSync::synced_ceiling() const {
  const std::scoped_lock lock(mutex_);
  return synced_ceiling_;
}

std::uint64_t GroupSync::sync_count() const {
  const std::scoped_lock lock(mutex_);
  return sync_count_;
}

std::uint64_t GroupSync::waiter_count() const {
  const std::scoped_lock lock(mutex_);
  return waiter_count_;
}

}  // namespace quire
