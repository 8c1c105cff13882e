// LmdbCursor: a position in one table of a storage over LMDB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "quire/api/backend.hpp"
#include "quire/api/lmdb/handles.hpp"
#include "quire/api/lmdb/keeper.hpp"
#include "quire/api/lmdb/view.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// What Cursor is for the engine. LMDB counts the entries of no part, so that rank and seek_nth
/// walk: O(n). Not thread-safe; several cursors over one view are independent.
class LmdbCursor {
 public:
  /// At no entry.
  LmdbCursor(std::shared_ptr<LmdbView> view, const TreeRoot& root)
      : view_(std::move(view)), root_(root) {}
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;
  ~LmdbCursor();

  [[nodiscard]] const TreeRoot& root() const { return root_; }
  [[nodiscard]] const std::shared_ptr<LmdbView>& view() const { return view_; }

  Result<bool> seek_first() { return seek({}); }
  Result<bool> seek_last();
  Result<bool> seek(Bytes key);
  Result<bool> seek_at_or_before(Bytes key);
  Result<bool> seek_nth(std::uint64_t number);
  Result<bool> next() { return arrive(move(LmdbStep::next)); }
  Result<bool> previous() { return arrive(move(LmdbStep::previous)); }

  /// Need that the last move found an entry.
  [[nodiscard]] Bytes key() const { return entry_.key; }
  Result<Value> value() { return copies_.align(entry_.value, root_.alignment()); }

  [[nodiscard]] Result<std::uint64_t> rank(Bytes key) const;
  Status find_many(std::span<const Bytes> keys, std::span<std::optional<Value>> values);

  /// What keeps a value that this shows.
  [[nodiscard]] LmdbKeeper keep(Value value) const { return copies_.keep(value, view_); }

 private:
  using Moved = Result<std::optional<LmdbEntry>>;

  Moved move(LmdbStep step, Bytes to = {});
  /// Where a move has come to; false outside of the table.
  Result<bool> arrive(const Moved& moved);
  /// The last entry before that one of any table.
  Result<bool> arrive_before(const Moved& moved);

  std::shared_ptr<LmdbView> view_;
  TreeRoot root_;
  MDB_cursor* handle_ = nullptr;  ///< made when it is needed
  LmdbEntry entry_;               ///< with the table's own part of the key
  AlignedCopies copies_;
};
static_assert(EntryCursor<LmdbCursor>);

}  // namespace quire
