// StorageSnapshot: one committed state of all tables.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A table at one state; StorageSnapshot::table makes it. Copies are cheap; each keeps the state.
/// Thread-safe.
template <class SchemaType>
class TableSnapshot : public Reads<TableSnapshot<SchemaType>, SchemaType, StateSource> {
 public:
  TableSnapshot(std::shared_ptr<const Snapshot> snapshot,
                std::shared_ptr<const TableBinding<SchemaType>> binding)
      : snapshot_(std::move(snapshot)), binding_(std::move(binding)) {}

 private:
  friend Reads<TableSnapshot, SchemaType, StateSource>;

  [[nodiscard]] const TableBinding<SchemaType>& binding() const noexcept { return *binding_; }

  [[nodiscard]] Result<std::optional<PinnedValue>> find(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    if (!*value) return std::optional<PinnedValue>();
    auto pin = snapshot_->pin();
    if (!pin) return fail(pin);
    return PinnedValue{std::move(*pin), **value};
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    return value->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const {
    return StateSource::root_in(*snapshot_, *binding_);
  }
  [[nodiscard]] Result<std::unique_ptr<StateSource>> source() const {
    return StateSource::open(*snapshot_, *binding_);
  }

  [[nodiscard]] Result<std::optional<Value>> find_in_place(Bytes key) const {
    auto tree = root();
    if (!tree) return fail(tree);
    return snapshot_->get(*tree, key);
  }

  std::shared_ptr<const Snapshot> snapshot_;
  std::shared_ptr<const TableBinding<SchemaType>> binding_;
};

/// One committed state, kept readable as long as this, a copy or anything read from it lives; space
/// that only this state uses is not reused meanwhile. Thread-safe.
class StorageSnapshot {
 public:
  /// For Storage.
  explicit StorageSnapshot(Snapshot snapshot)
      : snapshot_(std::make_shared<const Snapshot>(std::move(snapshot))) {}

  /// The transaction whose state this is.
  [[nodiscard]] TxnId txn() const { return snapshot_->txn(); }

  /// The table as it is in this state. Reading fails with table_missing when it was made later.
  /// Needs a table of the storage that this is a snapshot of.
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec>& table) const {
    return TableSnapshot<Schema<K, V, KeyCodec, ValueCodec>>(snapshot_, table.binding_);
  }

  /// What the catalog says of every table, by name.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const { return snapshot_->tables(); }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace quire
