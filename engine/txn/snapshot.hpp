// Snapshot: one committed state, pinned, and the ways to read it.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/pin.hpp"
#include "quire/engine/mvcc/state.hpp"
#include "quire/engine/statistics.hpp"
#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/txn/table_info.hpp"

namespace quire {

/// A value in place and the pin that keeps it: 24 bytes, may outlive everything and cross threads.
struct PinnedValue {
  Pin pin;
  Value bytes;
};

/// Reading and copying are thread-safe; moving and destroying are not. snapshot_ousted, whatever is
/// asked, once it has passed a hard limit (ReaderLimits). What it returned stays valid as long as
/// the snapshot (or a pin made from it) lives, whatever happens to the database. A copy pins once
/// more; where that cannot be done, all that is asked of it fails with the reason. One that was
/// moved from gives `closed`.
class Snapshot {
 public:
  /// The state must stay as it is for as long as the pin.
  Snapshot(Pin pin, const State& state, const Pages& pages)
      : pin_(std::move(pin)), state_(&state), pages_(pages) {}
  Snapshot(Snapshot&&) noexcept = default;
  Snapshot& operator=(Snapshot&&) noexcept = default;
  Snapshot(const Snapshot& other) : state_(other.state_), pages_(other.pages_) {
    if (!other.pin_.holds()) [[unlikely]]
      missing_ = other.missing_;
    else if (Result<Pin> pin = other.pin_.share(state_); pin) [[likely]]
      pin_ = *std::move(pin);
    else
      missing_ = pin.error().code();
  }
  Snapshot& operator=(const Snapshot& other) { return *this = Snapshot(other); }
  ~Snapshot() = default;

  [[nodiscard]] TxnId txn() const { return pin_.txn(); }

  /// What `readers()` and kvtool show of it: up to 32 bytes.
  void set_name(std::string_view name) const { pin_.set_name(name); }

  /// What the catalog says of a table; nothing when there is none of that name.
  [[nodiscard]] Result<std::optional<TableInfo>> table(std::string_view name) const;

  /// All tables, by name.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const;

  /// The tree of a table known by id and name: cheaper than table(). Nothing when it is not there.
  [[nodiscard]] Result<std::optional<TreeRoot>> root(TableId id, std::string_view name) const;

  /// The value stored under key; nothing when there is none.
  [[nodiscard]] Result<std::optional<Value>> get(const TreeRoot& root, Bytes key) const;

  /// The same with a pin of its own. too_many_readers, snapshot_ousted.
  [[nodiscard]] Result<std::optional<PinnedValue>> find(const TreeRoot& root, Bytes key) const {
    auto value = get(root, key);
    if (!value) return fail(value);
    if (!*value) return std::optional<PinnedValue>();
    auto own_pin = pin();
    if (!own_pin) return fail(own_pin);
    return PinnedValue{std::move(*own_pin), **value};
  }

  /// What check finds wrong with a value that find() gave; looked for once in each version of a
  /// page.
  [[nodiscard]] Status check_value(const PinnedValue& found, const ValueCheck& check) const {
    return pages_.check_value(found.bytes, check);
  }

  [[nodiscard]] Cursor cursor(const TreeRoot& root) const { return {pages_, root}; }

  /// One more pin on the same state, for a guard that outlives this snapshot. too_many_readers,
  /// snapshot_ousted.
  [[nodiscard]] Result<Pin> pin() const {
    if (!pin_.holds()) [[unlikely]]
      return fail(missing_);
    return pin_.share();
  }

  /// Walks the table's tree.
  [[nodiscard]] Result<TableStatistics> statistics(const TreeRoot& root) const;

  [[nodiscard]] const State& state() const { return *state_; }
  [[nodiscard]] const Pages& pages() const { return pages_; }

 private:
  [[nodiscard]] Status check_kept() const;

  Pin pin_;
  const State* state_;
  Pages pages_;
  ErrorCode missing_ = ErrorCode::closed;  ///< why there is no pin, if there is none
};

}  // namespace quire
