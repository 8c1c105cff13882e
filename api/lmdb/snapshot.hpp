// LmdbSnapshot: one committed state of a storage over LMDB, and how ranges read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/lmdb/cursor.hpp"
#include "quire/api/lmdb/keeper.hpp"
#include "quire/api/lmdb/view.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A copy costs an atomic addition. Thread-safe.
class LmdbSnapshot {
 public:
  explicit LmdbSnapshot(std::shared_ptr<LmdbView> view) : view_(std::move(view)) {}
  // Without moves of its own, which copy then, no handle is ever left without a state.
  LmdbSnapshot(const LmdbSnapshot&) = default;
  LmdbSnapshot& operator=(const LmdbSnapshot&) = default;
  ~LmdbSnapshot() = default;

  [[nodiscard]] TxnId txn() const { return view_->txn(); }
  [[nodiscard]] Result<std::optional<TableInfo>> table(std::string_view name) const;
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const;
  [[nodiscard]] Result<std::optional<TreeRoot>> root(TableId id, std::string_view name) const;

  [[nodiscard]] Result<std::optional<Value>> get(const TreeRoot& root, Bytes key) const {
    return view_->get(root.table, key);
  }
  [[nodiscard]] Result<std::optional<Kept<LmdbKeeper>>> find(const TreeRoot& root, Bytes key) const;
  [[nodiscard]] static Status check_value(const Kept<LmdbKeeper>& found, const ValueCheck& check) {
    return check(found.bytes);
  }

  [[nodiscard]] const std::shared_ptr<LmdbView>& view() const { return view_; }

 private:
  std::shared_ptr<LmdbView> view_;
};

/// Reads a committed state. A value may be a copy, so each is kept for itself.
class LmdbStateSource {
 public:
  using Keeper = LmdbKeeper;
  static constexpr bool is_shared = false;

  LmdbStateSource(const LmdbSnapshot& snapshot, const TreeRoot& root)
      : snapshot_(snapshot), cursor_(snapshot.view(), root) {}

  static Result<std::unique_ptr<LmdbStateSource>> open(const LmdbSnapshot& snapshot,
                                                       const TreeRoot& root) {
    return std::make_unique<LmdbStateSource>(snapshot, root);
  }

  [[nodiscard]] static Status check() { return {}; }
  LmdbCursor& cursor() { return cursor_; }
  [[nodiscard]] static Status check_value(Bytes value, const ValueCheck& check) {
    return check(value);
  }
  Result<LmdbKeeper> keep(Bytes& value, std::uint32_t) const { return cursor_.keep(value); }
  [[nodiscard]] Result<std::unique_ptr<LmdbStateSource>> share() const {
    return open(snapshot_, cursor_.root());
  }

 private:
  LmdbSnapshot snapshot_;
  LmdbCursor cursor_;
};
static_assert(SharedSource<LmdbStateSource>);

}  // namespace quire
