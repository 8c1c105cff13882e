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

GroupSync::GroupSync(File& file, Publication& publication, const Options& options,
                     const Recovered& recovered)
    : file_(file),
      words_(publication),
      rules_(options.rules),
      background_(options.background_sync),
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
  if (seen == Seen::at_once && awaited_ <= finished_) {
    publish(newest_);
    if (!seen_since_) seen_since_ = Clock::now();
    overdue_.notify_one();
  } else {
    awaited_ = started_ + 1;
  }
  return Named{state.txn, awaited_, started_ + 1};
}

void GroupSync::note_written(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  has_unsynced_ = true;
  unsynced_size_ += bytes;
  if (is_much_unsynced()) overdue_.notify_one();
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

GroupSync::Named GroupSync::named() const {
  const std::scoped_lock lock(mutex_);
  if (words_.durable() == newest_.txn) return {newest_.txn, awaited_, finished_};
  const bool is_in_flight = words_.syncing() == newest_.txn;
  return {newest_.txn, awaited_, is_in_flight ? started_ : started_ + 1};
}

Status GroupSync::sync() {
  Lock lock(mutex_);
  const bool is_under_way = is_syncing_ && !has_unsynced_;
  return wait_for(lock, is_under_way ? started_ : started_ + 1);
}

void GroupSync::close() {
  Lock lock(mutex_);
  is_closed_ = true;
  turn_.wait(lock, [&] { return !is_syncing_; });
}

// ---- Anybody

Status GroupSync::finish(const Named& named) {
  Lock lock(mutex_);
  const Status done = wait_for(lock, named.ticket);
  return done ? done : unknown(done.error(), named.txn);
}

Result<bool> GroupSync::is_durable(const Named& named) const {
  const Lock lock(mutex_);
  if (finished_ >= named.durable) return true;
  if (!may_finish(named.durable)) return unknown(obstacle(), named.txn);
  return false;
}

/// Whether a sync that is in flight, or may still begin, answers for it.
bool GroupSync::may_finish(Ticket ticket) const {
  const bool is_in_flight = is_syncing_ && started_ >= ticket;
  return is_in_flight || (!poison_ && !is_closed_);
}

Error GroupSync::obstacle() const { return poison_.value_or(Error(ErrorCode::closed)); }

Status GroupSync::wait_for(Lock& lock, Ticket ticket) {
  while (finished_ < ticket) {
    if (!may_finish(ticket)) return fail(obstacle());
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
  seen_since_.reset();
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

void GroupSync::sync_in_background(const std::stop_token& stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    // What goes wrong is told to those who ask for it, and to the next commit.
    if (is_overdue())
      static_cast<void>(wait_for(lock, started_ + 1));
    else if (const auto due = due_time())
      overdue_.wait_until(lock, stop, *due, [&] { return is_overdue(); });
    else
      overdue_.wait(lock, stop, [&] { return is_overdue() || due_time(); });
  }
}

/// When the interval ends, if it has begun.
std::optional<GroupSync::Clock::time_point> GroupSync::due_time() const {
  const bool runs = seen_since_ && background_.interval.count() != 0;
  if (!runs || poison_ || is_closed_) return std::nullopt;
  return *seen_since_ + background_.interval;
}

bool GroupSync::is_overdue() const {
  if (!seen_since_ || poison_ || is_closed_) return false;
  const auto due = due_time();
  return is_much_unsynced() || (due && Clock::now() >= *due);
}

bool GroupSync::is_much_unsynced() const {
  return background_.size != 0 && unsynced_size_ >= background_.size;
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
