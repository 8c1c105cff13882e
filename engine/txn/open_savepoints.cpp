// The savepoints of a write transaction: what is kept for them, and the way back.
//
// Each is a mark of the arena and one of the space, and a copy of what is small: the roots of the
// catalog and of the open tables. Pages and runs that were there are not changed any more, so that
// the roots are all that is needed to see them.

#include <algorithm>
#include <utility>

#include "quire/engine/base/make_room.hpp"
#include "quire/engine/txn/edit_watch.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {

/// What a load holds back belongs to no moment.
Status OpenTransaction::check_no_load() const {
  if (unfinished_appenders_ == 0) return {};
  return fail(Error(ErrorCode::invalid_argument)
                  .with_detail("a bulk load has to be finished, or given up and destroyed, first"));
}

Result<std::size_t> OpenTransaction::index_of(const Savepoint& savepoint) const {
  if (savepoint.transaction_ == link_) {
    for (std::size_t index = savepoints_.size(); index > 0; --index)
      if (savepoints_[index - 1].arena.epoch == savepoint.epoch_) return index - 1;
  }
  return fail(Error(ErrorCode::invalid_argument)
                  .with_detail("the savepoint is not one of this transaction, or it is gone"));
}

// ---- Taking one

Result<Savepoint> OpenTransaction::savepoint() {
  if (Status sound = check_sound(); !sound) return fail(sound);
  if (Status settled = check_no_load(); !settled) return fail(settled);
  if (context_.arena.is_last_epoch())
    return fail(Error(ErrorCode::full).with_detail("no savepoints are left"));
  if (Status done = edited(*this, [&] { return settle_reservation(); }); !done) return fail(done);
  if (Status done = flush(); !done) return watched<Savepoint>(fail(done));
  redo_ = nullptr;  // a record has no way back
  Savepoint savepoint(link(), 0);
  make_room(savepoints_, 1);
  savepoints_.push_back(saved_state());
  SavedState& saved = savepoints_.back();
  saved.arena = context_.arena.mark();
  saved.space = space().mark();
  savepoint.epoch_ = saved.arena.epoch;
  return savepoint;
}

/// All but the marks.
OpenTransaction::SavedState OpenTransaction::saved_state() {
  for (auto& [id, table] : tables_) table.editor.leave_path();
  catalog_.leave_path();
  return {.catalog = catalog_.root(),
          .next_table = next_table_,
          .tables = tables_,
          .unfinished = unfinished_,
          .dropped_count = dropped_.size(),
          .is_changed = is_changed_,
          .entry_change = entry_change_,
          .arena = {},
          .space = {}};
}

// ---- The way back

/// Without memory for it nothing happens.
Status OpenTransaction::rollback_to(const Savepoint& savepoint) {
  if (core_.is_forked()) return fail(ErrorCode::closed);
  const Result<std::size_t> index = index_of(savepoint);
  if (!index) return fail(index);
  if (Status settled = check_no_load(); !settled) return settled;
  std::map<TableId, OpenTable> tables = savepoints_[*index].tables;
  std::vector<UnfinishedValue> unfinished = savepoints_[*index].unfinished;
  space().reserve_go_back(savepoints_[*index].space);
  forget_savepoints(*index + 1);
  SavedState& saved = savepoints_.back();
  space().go_back(saved.space, txn());
  context_.arena.go_back(saved.arena);
  overflow_.forget();  // nobody needs these values; what was there was flushed
  reservation_.reset();
  tables_.swap(tables);
  unfinished_.swap(unfinished);
  restore(saved);
  is_broken_ = false;
  return {};
}

void OpenTransaction::restore(const SavedState& saved) {
  catalog_.go_back(saved.catalog);
  next_table_ = saved.next_table;
  last_table_ = nullptr;
  dropped_.resize(saved.dropped_count);
  is_changed_ = saved.is_changed;
  entry_change_ = saved.entry_change;
}

// ---- Forgetting

Status OpenTransaction::release(const Savepoint& savepoint) {
  if (Status sound = check_sound(); !sound) return sound;
  const Result<std::size_t> index = index_of(savepoint);
  if (!index) return fail(index);
  if (Status settled = check_no_load(); !settled) return settled;
  forget_savepoints(*index);
  return {};
}

/// From this one on.
void OpenTransaction::forget_savepoints(std::size_t first) {
  for (; savepoints_.size() > first; savepoints_.pop_back()) {
    context_.arena.take_away(savepoints_.back().arena);
    space().take_away(savepoints_.back().space);
  }
}

}  // namespace quire
