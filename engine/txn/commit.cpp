#include "quire/engine/txn/commit.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/txn/catalog.hpp"

namespace quire {
namespace {

/// With so much unsynced, a commit that syncs is made as two_phase, so that no recovery has much to
/// verify.
constexpr std::uint64_t two_phase_size = std::uint64_t{64} << 20;

/// A chain of so many bytes takes a recovery some time to read, and took longer to write than the
/// syncs of a checkpoint take: even commits that wait for no sync replace it. But where it is a
/// small part of what is not synced, which a recovery reads along with it, it may grow: what a sync
/// makes durable stays beside the newest state from then on.
constexpr std::uint64_t overdue_chain_size = std::uint64_t{64} << 20;
constexpr std::uint64_t overdue_chain_part = 4;

}  // namespace

Result<NamedCommit> OpenTransaction::commit(std::optional<Durability> durability) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  if (Status settled = check_no_load(); !settled) return fail(settled);
  if (Status done = settle_reservation(); !done) return fail(done);
  forget_savepoints(0);
  release_unfinished();
  const Durability chosen = durability.value_or(durability_);
  if (!is_changed_) return commit_nothing(chosen);
  if (waits_for_sync(chosen) && !is_waited_for_) redo_ = nullptr;
  return Commit(*this, chosen).run();
}

/// What it read, and may have answered, is not lost later: it waits for what it builds on.
Result<NamedCommit> OpenTransaction::commit_nothing(Durability durability) {
  const GroupSync& group = writer().group();
  const bool is_at_risk = writer().has_resident() && !group.is_recorded();
  redo_ = nullptr;
  if (is_at_risk && waits_for_sync(durability) && is_waited_for_) {
    if (!group.is_noted()) return Commit(*this, durability).run();
    if (Status synced = writer().sync_pages(); !synced) return fail(synced);
  }
  return NamedCommit{group.named(), 0};
}

Result<NamedCommit> OpenTransaction::write_out() {
  if (Status sound = check_sound(); !sound) return fail(sound);
  redo_ = nullptr;
  return Commit(*this, durability_).run();
}

Commit::Commit(OpenTransaction& transaction, Durability durability)
    : transaction_(transaction),
      writer_(transaction.writer()),
      durability_(durability),
      is_recorded_((durability == Durability::full || durability == Durability::buffered) &&
                   may_be_recorded()),
      stays_in_memory_(is_recorded_ ||
                       (durability == Durability::resident && may_stay_in_memory())) {}

Result<NamedCommit> Commit::run() {
  if (is_recorded_) {
    Status ready = prepare_to_record();
    const bool is_full = !ready && is_out_of_space(ready.error().code());
    if (!ready && !is_full) return failed(ready.error());
    if (is_full) is_recorded_ = stays_in_memory_ = false;
  }
  if (!stays_in_memory_ && opens_log()) durability_ = Durability::full;
  return stays_in_memory_ ? run_in_memory() : run_to_file();
}

// ---- In memory

/// Where it may not, the commit is a buffered one: processes share the file; the transaction has
/// written to it; what it builds on is not shown yet; memory is used up.
bool Commit::may_stay_in_memory() const {
  const Core& core = transaction_.core_;
  return !core.is_shared() && !transaction_.has_written_ && transaction_.overflow_.is_flushed() &&
         core.publication().published() == transaction_.base_.txn &&
         (writer_.arena().used_size() <= core.options().memory_budget ||
          core.options().access == Access::read_only);
}

/// Whether a record tells of every edit.
bool Commit::is_told() const {
  const RedoRecord* const record = transaction_.redo_;
  return record != nullptr && !record->has_overflowed() &&
         record->edit_count() == transaction_.change_count_;
}

/// And of what was committed before it there are records, too.
bool Commit::has_record() const {
  return is_told() && writer_.redo().may_follow(transaction_.base_.txn,
                                                transaction_.core_.publication().durable());
}

/// Whether a buffered commit is to be synced, so that those after it can be recorded: it was its
/// turn, and the log is full, or memory is; or many could not be recorded since there is no log, or
/// since what it would follow waits for a sync that nobody asks for.
bool Commit::opens_log() {
  RedoLog& redo = writer_.redo();
  const bool may_sync = durability_ == Durability::buffered && transaction_.is_waited_for_ &&
                        redo.wanted_pages() != 0;
  if (!may_sync) return false;
  if (has_record()) return writer_.has_resident();
  return (is_told() || !redo.area().is_there()) && redo.miss();
}

bool Commit::may_be_recorded() const {
  return has_record() && writer_.redo().has_room(transaction_.redo_->size()) &&
         may_stay_in_memory();
}

/// The file has an id from it, and room for all pages that it will be owed then: who was told that
/// it is durable is not told later that the disk is full.
Status Commit::prepare_to_record() {
  if (Status ready = transaction_.prepare_id(); !ready) return ready;
  transaction_.reclaim_once();
  const std::uint32_t tree_pages = transaction_.context_.arena.live();
  const std::uint64_t owed =
      std::uint64_t{tree_pages} + std::max(log_pages_for(tree_pages), checkpoint_pages());
  const Space& space = writer_.space();
  const std::uint64_t free = space.free().page_count();
  const std::uint64_t more = owed > free ? owed - free : 0;
  if (space.page_count().value + more >= max_page_count) return fail(ErrorCode::full);
  return writer_.grow_file(space.page_count().after(static_cast<std::uint32_t>(more)),
                           transaction_.entry_change_ < 0, Filling::if_few_pages);
}

Result<NamedCommit> Commit::run_in_memory() {
  transaction_.reclaim_once();
  if (Status done = record_tables(); !done) return failed(done.error());
  if ((transaction_.txn().value >> txn_bits) != 0) return fail(ErrorCode::full);
  prepare_to_stay();
  state_ = next_state();
  const auto seen =
      waits_for_sync(durability_) ? GroupSync::Seen::when_durable : GroupSync::Seen::at_once;
  const auto named =
      is_recorded_ ? writer_.show_recorded(state_, seen) : writer_.show_resident(state_);
  if (!named) return failed(named.error());
  named_ = *named;
  if (Status done = settle_accounts(); !done) return fail(done);
  return NamedCommit{named_, 0};
}

/// So that what is shown can be settled without more memory.
void Commit::prepare_to_stay() {
  writer_.space().reserve_keep();
  writer_.arena().reserve_keep();
  const auto& resident = writer_.resident_tables();
  for (auto& [id, table] : transaction_.tables_)
    if (is_changed(table) && !resident.contains(id)) new_residents_.try_emplace(id, table.name);
}

// ---- To the file

Result<NamedCommit> Commit::run_to_file() {
  if (Status done = transaction_.open_resident_tables(); !done) return failed(done.error());
  if (Status done = record_tables(); !done) return failed(done.error());
  if (Status done = transaction_.flush(); !done) return failed(done.error());
  writer_.space().join_released();
  is_checkpoint_ = is_checkpoint_due();
  if (Status done = take_redo_area(); !done) return failed(done.error());
  if (Status done = take_pages(); !done) return failed(done.error());
  if (Status done = place_trees(); !done) return failed(done.error());
  if (Status done = place_log(); !done) return failed(done.error());
  if (Status done = write(); !done) return failed(done.error());
  if (Status done = name_state(); !done) return failed(done.error());
  if (Status done = settle_accounts(); !done) return fail(done);
  // A slot that calls its own state durable must be on disk before anything builds on it: no
  // recovery verifies that state, nor goes back behind it.
  // What is recorded later must follow a durable state, and who comes next should not have to write
  // because this one is not.
  const bool is_followed = durability_ == Durability::full && transaction_.is_waited_for_ &&
                           writer_.redo().wanted_pages() != 0;
  if (is_two_phase_ || is_followed) {
    if (Status done = writer_.group().finish(named_, GroupSync::Place::inside); !done)
      return fail(done);
  }
  return NamedCommit{named_, runs_pages_};
}

/// Nothing names what was written: the transaction's end takes it all back.
Failure Commit::failed(const Error& error) {
  if (error.code() == ErrorCode::outcome_unknown) transaction_.is_committed_ = true;
  return fail(error);
}

// ---- What is to be written

/// The catalog's pages are complete when every changed table has its record in one; where its root
/// lies is filled in later.
Status Commit::record_tables() {
  for (auto& [id, table] : transaction_.tables_) {
    if (!is_to_be_recorded(table)) continue;
    if (Status done = transaction_.record(table); !done) return done;
  }
  return {};
}

bool Commit::is_changed(OpenTransaction::OpenTable& table) {
  return table.editor.root().page != table.committed.page;
}

/// Whether some of its pages are to go to the file.
bool Commit::is_to_be_placed(OpenTransaction::OpenTable& table) {
  return is_changed(table) || table.is_resident;
}

/// The state itself tells of the nearest tables.
bool Commit::is_to_be_recorded(OpenTransaction::OpenTable& table) const {
  if (State::is_near(table.committed.table)) return false;
  return stays_in_memory_ ? is_changed(table) : is_to_be_placed(table);
}

bool Commit::is_checkpoint_due() const {
  if (!writer_.is_log_long()) return false;
  // A checkpoint costs two syncs; a commit that waits for none makes it when one is due anyway, or
  // it cannot be put off.
  const std::uint64_t page_size = transaction_.page_size();
  const std::uint64_t chain = writer_.log_chain().size() * page_size;
  const std::uint64_t unsynced =
      std::min(writer_.group().unsynced_size(), writer_.space().page_count().value * page_size);
  const bool is_overdue = chain >= std::max(overdue_chain_size, unsynced / overdue_chain_part);
  const std::uint32_t tree_pages = transaction_.context_.arena.live();
  const std::uint64_t size = std::uint64_t{tree_pages + log_pages_for(tree_pages)} * page_size;
  return waits_for_sync(durability_) || is_overdue || writer_.is_sync_due(size);
}

/// Whether a record of that size can go to the slot.
bool Commit::fits_slot(LogSize size) const {
  return transaction_.core_.options().log_in_slots && fits_tail(size, writer_.log_tail().size());
}

std::uint32_t Commit::checkpoint_pages() const {
  const Space& space = writer_.space();
  const std::size_t dead = space.pending().extent_count() + space.released_count();
  return log_page_count(transaction_.page_size(), {space.free().extent_count() + 2, dead}, 0);
}

/// An upper bound on the pages of the space-log record; none when it goes to the slot.
std::uint32_t Commit::log_pages_for(std::uint32_t tree_pages) const {
  if (is_checkpoint_) return checkpoint_pages();
  const Space& space = writer_.space();
  const std::size_t free_extents = space.free().extent_count();
  const std::uint32_t page_size = transaction_.page_size();
  const auto size_with = [&](std::uint32_t pages) {
    const std::size_t taken = std::min<std::size_t>(tree_pages + pages, free_extents + 1);
    return LogSize{space.taken().size() + taken, space.released_count()};
  };
  if (fits_slot(size_with(0))) return 0;
  std::uint32_t pages = 0;
  for (std::uint32_t needed = 1; needed > pages;) {
    pages = needed;
    needed = log_page_count(page_size, size_with(pages), writer_.log_tail().size());
  }
  return pages;
}

/// An area that is not as it is wanted dies with this commit. Without room for another one commits
/// go on as if there was to be none. It is written once: space that is only allocated has to be
/// marked as written when a record first uses it.
Status Commit::take_redo_area() {
  const RedoLog& redo = writer_.redo();
  if (redo.is_as_wanted()) return {};
  const bool is_wanted = redo.wanted_pages() != 0;
  if (is_wanted && !waits_for_sync(durability_)) return {};
  Extent pages;
  if (is_wanted) {
    const Result<Extent> taken = transaction_.take_pages_in_a_run(redo.wanted_pages());
    if (!taken) return is_out_of_space(taken.error().code()) ? Status() : fail(taken);
    pages = *taken;
    if (Status cleared = writer_.clear(pages); !cleared) {
      writer_.space().give_back(pages);
      return is_out_of_space(cleared.error().code()) ? Status() : cleared;
    }
  }
  redo_area_ = pages;
  const RedoArea& last = redo.area();
  if (last.is_there()) writer_.space().release(last.pages, last.born);
  return {};
}

Status Commit::take_pages() {
  transaction_.reclaim_once();
  Space& space = writer_.space();
  if (is_checkpoint_) {
    for (const DeadExtent& page : writer_.log_chain()) space.release(page.extent, page.born);
  }
  space.join_released();
  // Long runs make a sync short, and do little for a commit that waits for none, or for a record of
  // the space log alone.
  const bool for_runs = waits_for_sync(durability_) && transaction_.context_.arena.live() != 0;
  Status taken = take_pages(for_runs ? Growth::when_it_pays : Growth::as_a_last_resort);
  if (taken || !is_out_of_space(taken.error().code())) return taken;
  // The disk or the map is full, but something between the pages in use may be free.
  for (const Extent& run : runs_) space.give_back(run);
  if (redo_area_ && redo_area_->count != 0) space.give_back(*std::exchange(redo_area_, Extent()));
  return take_pages(Growth::as_a_last_resort);
}

Status Commit::take_pages(Growth growth) {
  const std::uint32_t tree_pages = transaction_.context_.arena.live();
  log_pages_ = log_pages_for(tree_pages);
  runs_.clear();
  Result<std::vector<Extent>> runs = writer_.space().take(tree_pages + log_pages_, growth);
  if (!runs) return fail(runs);
  runs_ = *std::move(runs);
  if (!is_checkpoint_) give_back_surplus(runs_, tree_pages);
  runs_pages_ = tree_pages + log_pages_;
  // What was acknowledged before may have the reserve, too: then there was room for it.
  return transaction_.prepare_to_write(transaction_.entry_change_ < 0 || writer_.has_resident(),
                                       Filling::if_few_pages);
}

/// The bound on the log's pages was one for the worst case; now it is known better.
void Commit::give_back_surplus(std::vector<Extent>& runs, std::uint32_t tree_pages) {
  Space& space = writer_.space();
  while (true) {
    // One more extent than there are: giving back may cut one in two, and each time another.
    const std::uint32_t needed =
        log_page_count(transaction_.page_size(), {space.taken().size() + 1, space.released_count()},
                       writer_.log_tail().size());
    if (log_pages_ <= needed) break;
    Extent& last = runs.back();
    const std::uint32_t surplus = std::min(log_pages_ - needed, last.count);
    space.give_back({last.first.after(last.count - surplus), surplus});
    last.count -= surplus;
    log_pages_ -= surplus;
    if (last.count == 0) runs.pop_back();
  }
  QUIRE_ASSERT(page_total(runs) == tree_pages + log_pages_);
}

// ---- Finishing the pages

Status Commit::place_trees() {
  const EditContext& context = transaction_.context_;
  placer_.emplace(context.arena, transaction_.page_size(), context.txn, context.pages.seed(),
                  runs_);
  for (auto& [id, table] : transaction_.tables_) {
    if (!is_to_be_placed(table)) continue;
    table.editor.set_root(placer_->place(table.editor.root()));
    if (!is_to_be_recorded(table)) continue;
    if (Status done = transaction_.record(table); !done) return done;
  }
  transaction_.catalog_.set_root(placer_->place(transaction_.catalog_.root()));
  QUIRE_ASSERT(context.arena.live() == context.arena.own());
  QUIRE_ASSERT(placer_->placed().size() + log_pages_ == runs_pages_);
  return {};
}

LogRecord Commit::make_log_record() {
  Space& space = writer_.space();
  LogRecord record;
  record.txn = transaction_.txn();
  record.is_checkpoint = is_checkpoint_;
  record.page_count = space.page_count();
  record.pages = log_numbers_;
  record.dead = space.released();
  for (DeadExtent& dead : record.dead) dead.died = record.txn;
  if (is_checkpoint_) {
    record.extents = space.free().list();
    const std::vector<DeadExtent> pending = space.pending().list();
    record.dead.insert(record.dead.end(), pending.begin(), pending.end());
  } else {
    record.extents = space.taken();
  }
  normalize(record.extents);
  normalize(record.dead);
  return record;
}

Status Commit::place_log() {
  if (log_pages_ != 0) {
    place_log_pages();
    return {};
  }
  log_tail_ = writer_.log_tail();
  append_to_tail(make_log_record(), log_tail_);
  return {};
}

/// What was in the slot until now goes along; a checkpoint says it anew.
void Commit::place_log_pages() {
  for (std::uint32_t page = 0; page < log_pages_; ++page)
    log_numbers_.push_back(placer_->take_number());
  const LogRecord record = make_log_record();
  log_bytes_.assign(log_pages_, std::vector<std::byte>(transaction_.page_size()));
  std::vector<MutableBytes> pages(log_bytes_.begin(), log_bytes_.end());
  const State& base = transaction_.base_;
  const LogHead previous = is_checkpoint_ ? LogHead{} : LogHead{base.log_page, base.log_born};
  encode_log_record(record, is_checkpoint_ ? Bytes() : Bytes(writer_.log_tail()), previous, pages);
  for (std::uint32_t page = 0; page < log_pages_; ++page) {
    placer_->add({log_numbers_[page], catalog_table, pages[page]});
  }
}

// ---- Writing

Status Commit::write() {
  const Pages& pages = transaction_.context_.pages;
  const bool is_synced = is_checkpoint_ || waits_for_sync(durability_) || writer_.is_sync_due(0);
  Status written = write_pages(writer_, *placer_, is_synced ? SyncComes::soon : SyncComes::later);
  if (!written) return written;
  writer_.counters().pages_written.fetch_add(runs_pages_, std::memory_order_relaxed);
  for (const PlacedPage& page : placer_->placed()) pages.trust(page.number, transaction_.txn());
  return {};
}

State Commit::next_state() const {
  State state = transaction_.base_;
  state.txn = transaction_.txn();
  state.catalog = transaction_.catalog_.root();
  state.page_count = writer_.space().page_count();
  if (stays_in_memory_) state.meta_slot = State::no_slot;
  if (!log_numbers_.empty()) {
    state.log_page = log_numbers_.back();
    state.log_born = state.txn;
  }
  state.next_table = transaction_.next_table_;
  for (TreeRoot& near : state.near) {
    // A dropped table keeps its place, as nothing.
    if (near.table != catalog_table && transaction_.is_dropped(near.table)) near = TreeRoot{};
  }
  for (auto& [id, table] : transaction_.tables_) {
    const std::size_t index = std::size_t{id.value} - 1;
    if (index < State::near_tables) state.near[index] = table.editor.root();
  }
  return state;
}

Status Commit::name_state() {
  const SafetyRules& rules = transaction_.core_.options().rules;
  state_ = next_state();
  const bool is_large =
      waits_for_sync(durability_) && writer_.group().unsynced_size() >= two_phase_size;
  is_two_phase_ = durability_ == Durability::two_phase || is_large ||
                  (is_checkpoint_ && rules.checkpoint_two_phase);
  TxnId durable = transaction_.core_.publication().durable();
  if (is_two_phase_) {
    if (Status synced = writer_.sync_pages(); !synced) return synced;
    durable = state_.txn;
  }
  if (redo_area_) writer_.redo().set_area(*redo_area_, state_.txn);
  const bool waits = waits_for_sync(durability_) || is_two_phase_ || writer_.is_sync_due(0);
  const auto named =
      writer_.name_state(state_, std::move(log_tail_), durable,
                         waits ? GroupSync::Seen::when_durable : GroupSync::Seen::at_once);
  if (!named) return fail(named);
  named_ = *named;
  return {};
}

/// The state is named: the accounts must say so. Without memory for that, nobody knows any more
/// which pages are whose.
Status Commit::settle_accounts() try {
  transaction_.is_committed_ = true;
  writer_.burn(state_.txn);
  if (stays_in_memory_)
    settle_in_memory();
  else
    settle_in_file();
  writer_.counters().commits.fetch_add(1, std::memory_order_relaxed);
  return {};
} catch (...) {
  return writer_.group().poison(Error(ErrorCode::outcome_unknown), state_.txn);
}

void Commit::settle_in_memory() {
  writer_.space().keep();
  writer_.arena().keep(state_.txn);
  auto& resident = writer_.resident_tables();
  resident.merge(new_residents_);
  for (const TableId id : transaction_.dropped_) resident.erase(id);
}

void Commit::settle_in_file() {
  writer_.space().commit(state_.txn);
  writer_.arena().forget(state_.txn);
  writer_.resident_tables().clear();
  writer_.add_to_log_chain(is_checkpoint_, log_numbers_, state_.txn);
  writer_.note_space();
}

}  // namespace quire
