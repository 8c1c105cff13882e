#include "quire/engine/txn/group_sync.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/base/attempt.hpp"

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

/// The background tries again then, unless that is in vain.
constexpr std::chrono::milliseconds pause_after_failure{100};

// How the control block says what has poisoned it: errno (32) | code + 1 (32).

std::uint64_t poison_word(const Error& cause) {
  const std::uint64_t code = static_cast<std::uint64_t>(cause.code()) + 1;
  return static_cast<std::uint64_t>(cause.system()) << 32 | code;
}

Error error_of(std::uint64_t poison) {
  Error error(static_cast<ErrorCode>((poison & 0xffffffff) - 1));
  error.with_system(static_cast<int>(poison >> 32)).with_detail("in another process");
  return error;
}

}  // namespace

GroupSync::GroupSync(File& file, Publication& publication, const Options& options, Log log,
                     std::optional<SyncRescue> rescue, WriteOut write_out)
    : file_(file),
      words_(publication),
      writer_(publication.writer()),
      line_(publication.sync()),
      rules_(options.rules),
      background_(options.background_sync),
      log_(std::move(log)),
      rescue_(std::move(rescue)),
      write_out_(std::move(write_out)) {}

void GroupSync::set_up(const Publication& words, const Recovered& recovered) {
  WriterLine& writer = words.writer();
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot)
    writer.slot_sequences[slot].store(recovered.slots.sequence(slot));
  writer.sequence.store(recovered.next_sequence - 1);
  writer.ceiling.store(recovered.meta.ceiling.value);
  writer.used.store(recovered.meta.ceiling.value - 1);
  writer.is_touched.store(recovered.had_to_write ? 1 : 0);
  words.sync().synced_ceiling.store(recovered.meta.ceiling.value);
}

// ---- Inside the gate

/// With the rule off, a commit overwrites the very slot that recovery would fall back on.
std::uint32_t GroupSync::slot_for_next() const {
  const std::scoped_lock lock(mutex_);
  SlotTurns turns;
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot)
    turns.hold(slot, writer_.slot_sequences[slot].load());
  // What is in flight before what is durable, which it becomes.
  const Word syncing = words_.syncing_word();
  if (syncing != Publication::no_state) turns.set_syncing(Publication::slot_of(syncing));
  turns.set_durable(Publication::slot_of(words_.durable_word()));
  turns.set_written(Publication::slot_of(words_.written_word()));
  return rules_.spare_slot ? turns.spare() : turns.durable();
}

Result<GroupSync::Named> GroupSync::name(const State& state, std::uint64_t sequence, TxnId ceiling,
                                         Seen seen, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (const auto cause = poison()) return unknown(*cause, state.txn);
  writer_.slot_sequences[state.meta_slot].store(sequence);
  writer_.sequence.store(sequence);
  writer_.ceiling.store(ceiling.value);
  const Word word = words_.set_written(state);
  line_.writes.fetch_add(1);
  // A sync that began between the pages and here has answered for these, but not for the state,
  // which must count as something that is not synced. So do pages of which nobody has heard.
  line_.written_bytes.fetch_add(bytes + 1);
  // Read after W is set: a sync with this number, or a later one, has seen it.
  const Ticket next = line_.started.load() + 1;
  if (seen == Seen::at_once && writer_.awaited.load() <= finished()) {
    words_.publish(word);
    if (!seen_since_) seen_since_ = Clock::now();
    overdue_.notify_one();
  } else {
    writer_.awaited.store(next);
  }
  return Named{state.txn, writer_.awaited.load(), next};
}

Result<GroupSync::Named> GroupSync::show(const State& state) {
  const std::scoped_lock lock(mutex_);
  if (Status healthy = health(); !healthy) return fail(healthy);
  words_.publish_resident(state);
  if (!seen_since_) {
    seen_since_ = Clock::now();
    overdue_.notify_one();
  }
  return Named{state.txn, 0, resident};
}

Result<GroupSync::Named> GroupSync::show_recorded(const State& state, std::uint64_t offset,
                                                  Bytes record, Seen seen) {
  Lock lock(mutex_);
  const bool is_synced = seen == Seen::when_durable;
  // As a sync, it is the only one in flight.
  if (is_synced) turn_.wait(lock, [&] { return !is_syncing_; });
  if (Status healthy = health(); !healthy) return fail(healthy);
  if (is_synced) is_syncing_ = true;
  const bool has_older = noted_ > recorded_;
  const std::uint64_t covered_bytes = line_.written_bytes.load();
  const std::uint64_t covered_writes = line_.writes.load();
  lock.unlock();
  const Status written = attempt([&] {
    if (is_synced && !has_older) return file_.write_durably(offset, record);
    Status done = file_.write(offset, {&record, 1});
    return done && is_synced ? file_.sync() : done;
  });
  lock.lock();
  if (is_synced) leave_turn();
  if (!written) {
    set_poison(written.error());
    return unknown(written.error(), state.txn);
  }
  words_.publish_resident(state);
  noted_ = state.txn;
  if (is_synced) {
    ++sync_count_;
    recorded_ = state.txn;
    if (has_older) {  // which syncs the file
      line_.covered_bytes.store(covered_bytes);
      line_.covered_writes.store(covered_writes);
      seen_since_.reset();
    }
    return Named{state.txn, no_ticket, no_ticket};
  }
  line_.writes.fetch_add(1);
  line_.written_bytes.fetch_add(record.size());
  const bool is_first = !seen_since_;
  if (is_first) seen_since_ = Clock::now();
  if (is_first || is_much_unsynced()) overdue_.notify_one();
  return Named{state.txn, no_ticket, resident};
}

void GroupSync::note_recorded(TxnId txn) {
  const std::scoped_lock lock(mutex_);
  noted_ = recorded_ = txn;
  seen_since_.reset();
}

bool GroupSync::is_recorded() const {
  const std::scoped_lock lock(mutex_);
  return recorded_ == words_.published();
}

bool GroupSync::is_noted() const {
  const std::scoped_lock lock(mutex_);
  return !is_only_in_memory();
}

TxnId GroupSync::newest_recorded() const {
  const std::scoped_lock lock(mutex_);
  return recorded_;
}

TxnId GroupSync::newest_durable() const {
  const std::scoped_lock lock(mutex_);
  return durable();
}

void GroupSync::expect_sync() {
  const std::scoped_lock lock(mutex_);
  if (!seen_since_) seen_since_ = Clock::now();
  overdue_.notify_one();
}

void GroupSync::note_written(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  line_.writes.fetch_add(1);
  line_.written_bytes.fetch_add(bytes);
  if (is_much_unsynced()) overdue_.notify_one();
}

Failure GroupSync::poison(const Error& cause, TxnId txn) {
  const std::scoped_lock lock(mutex_);
  set_poison(cause);
  return unknown(cause, txn);
}

Failure GroupSync::stop(const Error& cause) {
  const std::scoped_lock lock(mutex_);
  set_poison(cause);
  return fail(stopped_by(*poison_));
}

void GroupSync::set_poison(const Error& cause) {
  if (!poison_) {
    poison_ = poison().value_or(cause);
    log_.tell({.event = LogEvent::stopped, .path = {}, .txn = {}, .detail = {}, .cause = poison_});
  }
  std::uint64_t healthy = 0;
  line_.poison.compare_exchange_strong(healthy, poison_word(cause));
  turn_.notify_all();
}

/// What has poisoned this process, or another one.
std::optional<Error> GroupSync::poison() const {
  if (poison_ || is_closed_) return poison_;
  const std::uint64_t word = line_.poison.load();
  return word == 0 ? std::nullopt : std::optional(error_of(word));
}

GroupSync::Named GroupSync::named() const {
  const std::scoped_lock lock(mutex_);
  const Word written = words_.written_word();
  const TxnId txn = Publication::txn_of(written);
  const Ticket awaited = writer_.awaited.load();
  if (words_.has_resident()) {
    const TxnId newest = words_.published();
    return {newest, awaited, recorded_ == newest ? no_ticket : resident};
  }
  if (words_.durable_word() == written) return {txn, awaited, finished()};
  const bool is_in_flight = words_.syncing_word() == written;
  const Ticket started = line_.started.load();
  return {txn, awaited, is_in_flight ? started : started + 1};
}

Status GroupSync::sync() {
  Lock lock(mutex_);
  const bool is_under_way = is_any_in_flight() && !has_unsynced();
  const Ticket started = line_.started.load();
  return wait_for(lock, is_under_way ? started : started + 1, Place::inside);
}

Status GroupSync::settle() {
  Lock lock(mutex_);
  // A thread of this process that waits for the dead one's turn settles that itself.
  if (!rescue_ || !is_any_in_flight() || is_syncing_) return {};
  if (!file_.lock(LockPlace::sync, LockKind::exclusive, LockWait::no)) return {};  // it lives
  is_syncing_ = true;
  if (is_any_in_flight()) run_sync(lock, true);
  leave_turn();
  return health();
}

void GroupSync::close() {
  Lock lock(mutex_);
  is_closed_ = true;
  turn_.notify_all();
  turn_.wait(lock, [&] { return !is_syncing_ && settling_count_ == 0; });
  last_finished_ = line_.finished.load();
  last_durable_ = words_.durable();
}

// ---- Anybody

Status GroupSync::finish(const Named& named, Place place) {
  if (is_forgotten_) return unknown(Error(ErrorCode::closed), named.txn);
  if (named.ticket == 0) return {};
  Lock lock(mutex_);
  if (named.ticket == resident) return wait_for_durable(lock, named.txn);
  const Status done = wait_for(lock, named.ticket, place);
  return done ? done : unknown(done.error(), named.txn);
}

/// Needs the writer's place when only memory has it, and the file not even a record.
Status GroupSync::wait_for_durable(Lock& lock, TxnId txn) {
  while (durable() < txn) {
    if (is_closed_ || poison()) return unknown(obstacle(), txn);
    if (is_closing_) {  // which makes it durable
      turn_.wait(lock);
    } else if (words_.written() < txn && noted_ < txn) {
      if (Status written = in_writers_place(lock, write_out_); !written) return written;
    } else {
      const bool is_under_way = std::max(words_.syncing(), syncing_record_) >= txn;
      const Ticket started = line_.started.load();
      const Ticket ticket = is_under_way ? started : started + 1;
      if (Status done = wait_for(lock, ticket, Place::outside); !done)
        return unknown(done.error(), txn);
    }
  }
  return {};
}

Result<bool> GroupSync::is_durable(const Named& named) const {
  if (is_forgotten_) return unknown(Error(ErrorCode::closed), named.txn);
  const Lock lock(mutex_);
  const bool is_resident = named.durable == resident;
  if (is_resident ? durable() >= named.txn : finished() >= named.durable) return true;
  if (!may_finish(named.durable)) return unknown(obstacle(), named.txn);
  return false;
}

TxnId GroupSync::durable() const {
  return std::max(last_finished_ ? last_durable_ : words_.durable(), recorded_);
}

GroupSync::Ticket GroupSync::finished() const {
  return last_finished_ ? *last_finished_ : line_.finished.load();
}

/// Whether a sync that is in flight, or may still begin, answers for it.
bool GroupSync::may_finish(Ticket ticket) const {
  const bool is_in_flight = is_syncing_ && line_.started.load() >= ticket;
  return is_in_flight || (!poison() && !is_closed_);
}

Error GroupSync::obstacle() const { return poison().value_or(Error(ErrorCode::closed)); }

Status GroupSync::wait_for(Lock& lock, Ticket ticket, Place place) {
  while (finished() < ticket) {
    if (!may_finish(ticket)) return fail(obstacle());
    if (!is_syncing_) {
      if (Status led = lead(lock, ticket, place); !led) return led;
      continue;
    }
    ++waiter_count_;
    turn_.wait(lock);
    --waiter_count_;
  }
  return {};
}

/// Syncs, unless another process has done so meanwhile.
Status GroupSync::lead(Lock& lock, Ticket ticket, Place place) {
  is_syncing_ = true;
  Status entered = enter_turn(lock);
  const bool is_left_over = entered && is_any_in_flight();
  const bool is_needed = entered && finished() < ticket && !poison();
  if (is_needed && (!is_left_over || place == Place::inside)) run_sync(lock, is_left_over);
  leave_turn();
  if (!entered) return entered;
  // A process was killed in its sync. Who has the writer's place can end it.
  const bool is_to_settle = is_needed && is_left_over && place == Place::outside;
  return is_to_settle ? in_writers_place(lock, rescue_->take_over) : Status();
}

/// Work that takes the writer's place; it succeeds when that is not to be had now. The file does
/// not go meanwhile.
Status GroupSync::in_writers_place(Lock& lock, const std::function<Status()>& work) {
  if (is_closing_) return fail(ErrorCode::closed);
  ++settling_count_;
  lock.unlock();
  const Status done = attempt(work);
  lock.lock();
  --settling_count_;
  turn_.notify_all();
  const bool is_to_be_tried_again = !done && done.error().code() == ErrorCode::busy;
  return is_to_be_tried_again ? Status() : done;
}

/// Waits for the sync of another process; the system takes its turn from one that is killed.
Status GroupSync::enter_turn(Lock& lock) {
  if (!rescue_) return {};
  lock.unlock();
  const Status entered =
      attempt([&] { return file_.lock(LockPlace::sync, LockKind::exclusive, LockWait::yes); });
  lock.lock();
  return entered;
}

void GroupSync::leave_turn() {
  if (rescue_) file_.unlock(LockPlace::sync);
  is_syncing_ = false;
  turn_.notify_all();
}

/// F := W. Until that is seen, the writer may have reused what only the older W had; so it must not
/// have moved.
GroupSync::Word GroupSync::set_syncing() {
  for (Word written = words_.written_word();;) {
    words_.set_syncing(written);
    const Word again = words_.written_word();
    if (again == written) return written;
    written = again;
  }
}

/// F := W, a sync, then P := F and D := F. Nobody else syncs meanwhile, and a failed sync is not
/// asked for again.
void GroupSync::run_sync(Lock& lock, bool is_again) {
  const Ticket ticket = line_.started.load() + 1;
  line_.started.store(ticket);
  const std::uint64_t covered_bytes = line_.written_bytes.load();
  line_.covered_writes.store(line_.writes.load());
  const Word covered = set_syncing();
  syncing_record_ = noted_;
  const std::uint64_t ceiling = writer_.ceiling.load();
  seen_since_.reset();
  if (is_only_in_memory()) seen_since_ = Clock::now();
  ++sync_count_;
  lock.unlock();
  // Whatever happens, those who wait must hear of it.
  const Status synced = attempt([&] { return sync_file(is_again); });
  lock.lock();
  if (synced) {
    line_.covered_bytes.store(covered_bytes);
    line_.synced_ceiling.store(ceiling);
    words_.publish(covered);
    words_.set_durable(covered);
    recorded_ = std::max(recorded_, syncing_record_);
  } else {
    set_poison(synced.error());
  }
  syncing_record_ = no_txn;
  words_.set_syncing(Publication::no_state);  // after D: who asks for F, then for D, misses neither
  if (synced) line_.finished.store(ticket);
  if (synced && is_again)
    log_.tell({.event = LogEvent::taken_over,
               .path = {},
               .txn = Publication::txn_of(covered),
               .detail = "it was syncing",
               .cause = {}});
}

Status GroupSync::sync_file(bool is_again) {
  if (is_again) return rescue_->write_again();
  Status synced = file_.sync();
  if (!synced && !rules_.no_repeated_sync) synced = file_.sync();
  return synced;
}

void GroupSync::sync_in_background(const std::stop_token& stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    // What goes wrong is told to those who ask for it, and to the next commit.
    if (is_overdue()) {
      const TxnId newest = words_.published();
      Status synced = is_only_in_memory() ? in_writers_place(lock, write_out_) : Status();
      const bool is_in_file = words_.written() >= newest || noted_ >= newest;
      if (synced && !is_in_file) continue;  // a writer takes his time
      if (synced) synced = wait_for(lock, line_.started.load() + 1, Place::outside);
      note_background(synced);
      if (!synced) overdue_.wait_for(lock, stop, pause_after_failure, [] { return false; });
    } else if (const auto due = due_time()) {
      overdue_.wait_until(lock, stop, *due, [&] { return is_overdue(); });
    } else {
      overdue_.wait(lock, stop, [&] { return is_overdue() || due_time(); });
    }
  }
}

/// What goes wrong again and again is told once.
void GroupSync::note_background(const Status& synced) {
  const bool has_failed = std::exchange(has_background_failed_, !synced);
  if (synced || has_failed || poison()) return;
  log_.tell({.event = LogEvent::background_failed,
             .path = {},
             .txn = {},
             .detail = {},
             .cause = synced.error()});
}

/// When the interval ends, if it has begun.
std::optional<GroupSync::Clock::time_point> GroupSync::due_time() const {
  const bool runs = seen_since_ && background_.interval.count() != 0;
  if (!runs || is_closed_ || poison()) return std::nullopt;
  return *seen_since_ + background_.interval;
}

bool GroupSync::is_overdue() const {
  if (!seen_since_ || is_closed_ || poison()) return false;
  const auto due = due_time();
  return is_much_unsynced() || (due && Clock::now() >= *due);
}

bool GroupSync::is_much_unsynced() const {
  return background_.size != 0 && unsynced_bytes() >= background_.size;
}

Status GroupSync::check_healthy() const {
  if (line_.poison.load() == 0) [[likely]]
    return {};
  const std::scoped_lock lock(mutex_);
  return health();
}

Status GroupSync::health() const {
  const auto cause = poison();
  return cause ? fail(stopped_by(*cause)) : Status();
}

bool GroupSync::has_unsynced() const { return line_.writes.load() != line_.covered_writes.load(); }

bool GroupSync::is_all_durable() const {
  const std::scoped_lock lock(mutex_);
  return !has_unsynced() && !words_.has_resident() &&
         words_.durable_word() == words_.written_word();
}

std::uint64_t GroupSync::unsynced_size() const {
  const std::scoped_lock lock(mutex_);
  return unsynced_bytes();
}

TxnId GroupSync::synced_ceiling() const { return {line_.synced_ceiling.load()}; }

std::uint64_t GroupSync::sync_count() const {
  const std::scoped_lock lock(mutex_);
  return sync_count_;
}

std::uint64_t GroupSync::waiter_count() const {
  const std::scoped_lock lock(mutex_);
  return waiter_count_;
}

}  // namespace quire
