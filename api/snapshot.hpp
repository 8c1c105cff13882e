// StorageSnapshot: one committed state of all tables.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A committed state and the open storage that it belongs to, of which only the address counts.
struct StorageState {
  Snapshot snapshot;
  const void* storage;
};

/// A table at one state; StorageSnapshot::table makes it. Copies are cheap; each keeps the state,
/// and so does one that was moved from. Thread-safe.
template <class SchemaType>
class TableSnapshot : public Reads<TableSnapshot<SchemaType>, SchemaType, StateSource> {
 public:
  TableSnapshot(StorageState state, std::shared_ptr<const TableBinding<SchemaType>> binding)
      : state_(std::move(state)), binding_(std::move(binding)), root_(find_root()) {}
  // Without moves of its own, which copy then, no handle is ever left without a table.
  TableSnapshot(const TableSnapshot&) = default;
  TableSnapshot& operator=(const TableSnapshot&) = default;
  ~TableSnapshot() = default;

 private:
  friend Reads<TableSnapshot, SchemaType, StateSource>;

  [[nodiscard]] const TableBinding<SchemaType>& binding() const noexcept { return *binding_; }
  [[nodiscard]] const Snapshot& snapshot() const noexcept { return state_.snapshot; }

  [[nodiscard]] Result<TreeRoot> find_root() const {
    if (state_.storage == binding_->database.identity()) {
      return StateSource::root_in(snapshot(), *binding_);
    }
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("table " + binding_->name + " is one of another storage"));
  }

  [[nodiscard]] Result<std::optional<PinnedValue>> find(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    if (!*value) return std::optional<PinnedValue>();
    auto pin = snapshot().pin();
    if (!pin) return fail(pin);
    return PinnedValue{std::move(*pin), **value};
  }
  [[nodiscard]] Status check_found(const PinnedValue& found, const ValueCheck& check) const {
    return snapshot().pages().check_value(found.bytes, check);
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    return value->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const { return root_; }
  [[nodiscard]] Result<std::unique_ptr<StateSource>> source() const {
    if (!root_) return fail(root_);
    auto pin = snapshot().pin();
    if (!pin) return fail(pin);
    return std::make_unique<StateSource>(std::move(*pin), snapshot(), *root_);
  }

  [[nodiscard]] Result<std::optional<Value>> find_in_place(Bytes key) const {
    if (!root_) return fail(root_);
    return snapshot().get(*root_, key);
  }

  StorageState state_;
  std::shared_ptr<const TableBinding<SchemaType>> binding_;
  Result<TreeRoot> root_;  ///< found once: a state does not change
};

/// One committed state, kept readable as long as this, a copy or anything read from it lives; space
/// that only this state uses is not reused meanwhile. Once it has passed a hard limit on readers
/// (ReaderLimits), all that is asked of it fails with snapshot_ousted. A copy that finds no reader
/// slot free (there are 65,535 of the state in one thread already) gives too_many_readers; one that
/// was moved from gives closed. Thread-safe.
class StorageSnapshot {
 public:
  /// For Storage.
  StorageSnapshot(Snapshot&& snapshot, const void* storage)
      : state_{std::move(snapshot), storage} {}

  /// The transaction whose state this is.
  [[nodiscard]] TxnId txn() const { return state_.snapshot.txn(); }

  /// What Storage::readers and kvtool show of it, up to 32 bytes; without, the program's name.
  void set_name(std::string_view name) const { state_.snapshot.set_name(name); }

  /// The table as it is in this state. Reading fails with table_missing when it was made later, and
  /// with invalid_argument when it is a table of another storage.
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec>& table) const {
    return TableSnapshot<Schema<K, V, KeyCodec, ValueCodec>>(state_, table.binding_);
  }

  /// What the catalog says of every table, by name.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const { return state_.snapshot.tables(); }

 private:
  StorageState state_;
};

}  // namespace quire
