// LmdbWriteTransaction: edits to several tables of a storage over LMDB that become one commit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/lmdb/cursor.hpp"
#include "quire/api/lmdb/view.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// What a commit came to.
struct LmdbReceipt {
  TxnId txn;  ///< the committed state; the one built on when nothing was changed
  bool is_durable = false;
};

/// What WriteTransaction is for the engine, with the same errors; where LMDB can hold no more,
/// full. Belongs to the thread that began it.
class LmdbWriteTransaction {
 public:
  explicit LmdbWriteTransaction(std::shared_ptr<LmdbView> view) : view_(std::move(view)) {}
  LmdbWriteTransaction(LmdbWriteTransaction&&) noexcept = default;
  LmdbWriteTransaction& operator=(LmdbWriteTransaction&& other) noexcept {
    if (this == &other) return *this;
    abandon();
    view_ = std::move(other.view_);
    counts_ = std::move(other.counts_);
    is_changed_ = other.is_changed_;
    return *this;
  }
  ~LmdbWriteTransaction() { abandon(); }

  [[nodiscard]] TxnId txn() const { return view_->txn(); }
  [[nodiscard]] Result<std::optional<TableInfo>> table(std::string_view name);
  [[nodiscard]] Result<std::vector<TableInfo>> tables();

  Result<TableId> create_table(std::string_view name, const TableSpec& spec);
  Status drop_table(std::string_view name);
  Status rename_table(std::string_view from, std::string_view to);

  Result<bool> put(TableId id, std::string_view name, Bytes key, Bytes value,
                   PutMode mode = PutMode::upsert);
  /// As the engine's, but refuses tables whose values are aligned, with invalid_argument.
  Result<MutableBytes> reserve(TableId id, std::string_view name, Bytes key, std::uint64_t size);
  Result<bool> erase(TableId id, std::string_view name, Bytes key);

  [[nodiscard]] Result<std::optional<Value>> get(TableId id, std::string_view name, Bytes key);
  [[nodiscard]] Result<TreeRoot> root(TableId id, std::string_view name);
  [[nodiscard]] LmdbCursor cursor(const TreeRoot& root) { return {view_, root}; }

  /// A commit is at least as durable as the storage was opened for. outcome_unknown: it is there,
  /// but could not be synced.
  Result<LmdbReceipt> commit(std::optional<Durability> durability = {}) &&;

 private:
  /// How many entries a table has now.
  struct Count {
    std::uint64_t entries = 0;
    bool is_changed = false;
  };

  /// table_missing.
  Result<Count*> count_of(TableId id, std::string_view name);
  Status write_counts();
  [[nodiscard]] TableInfo with_count(TableInfo info) const;
  void abandon() noexcept {
    if (view_) view_->abandon();
  }

  std::shared_ptr<LmdbView> view_;  ///< null: moved from
  std::map<TableId, Count> counts_;
  bool is_changed_ = false;
};

}  // namespace quire
