// StorageSnapshot: one committed state of all tables.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A committed state and the open storage that it belongs to, which may be gone.
template <Backend Place>
struct StorageState {
  typename Place::Snapshot snapshot;
  DatabaseIdentity storage;
};

/// A table at one state; StorageSnapshot::table makes it. Copies are cheap; each keeps the state,
/// and so does one that was moved from. Thread-safe.
template <class SchemaType, Backend Place = backend::Native>
class TableSnapshot
    : public Reads<TableSnapshot<SchemaType, Place>, SchemaType, typename Place::StateSource> {
  using Binding = TableBinding<SchemaType, Place>;
  using Source = typename Place::StateSource;
  using Found = typename Place::Found;

 public:
  TableSnapshot(StorageState<Place> state, std::shared_ptr<const Binding> binding)
      : state_(std::move(state)), binding_(std::move(binding)), root_(find_root()) {}
  // Without moves of its own, which copy then, no handle is ever left without a table.
  TableSnapshot(const TableSnapshot&) = default;
  TableSnapshot& operator=(const TableSnapshot&) = default;
  ~TableSnapshot() = default;

 private:
  friend Reads<TableSnapshot, SchemaType, Source>;

  [[nodiscard]] const Binding& binding() const noexcept { return *binding_; }
  [[nodiscard]] const typename Place::Snapshot& snapshot() const noexcept {
    return state_.snapshot;
  }

  [[nodiscard]] Result<TreeRoot> find_root() const {
    if (state_.storage == binding_->database.identity()) {
      return root_in(snapshot(), *binding_);
    }
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("table " + binding_->name + " is one of another storage"));
  }

  [[nodiscard]] Result<std::optional<Found>> find(Bytes key) const {
    if (!root_) return fail(root_);
    return snapshot().find(*root_, key);
  }
  [[nodiscard]] Status check_found(const Found& found, const ValueCheck& check) const {
    return snapshot().check_value(found, check);
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    if (!root_) return fail(root_);
    const auto value = snapshot().get(*root_, key);
    if (!value) return fail(value);
    return value->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const { return root_; }
  [[nodiscard]] Result<std::unique_ptr<Source>> source() const {
    if (!root_) return fail(root_);
    return Source::open(snapshot(), *root_);
  }

  StorageState<Place> state_;
  std::shared_ptr<const Binding> binding_;
  Result<TreeRoot> root_;  ///< found once: a state does not change
};

/// One committed state, kept readable as long as this, a copy or anything read from it lives; space
/// that only this state uses is not reused meanwhile. Once it has passed a hard limit on readers
/// (ReaderLimits), all that is asked of it fails with snapshot_ousted. A copy that finds no reader
/// slot free (there are 65,535 of the state in one thread already) gives too_many_readers; one that
/// was moved from gives closed. Thread-safe.
template <Backend Place>
class BasicStorageSnapshot {
 public:
  /// For Storage.
  BasicStorageSnapshot(typename Place::Snapshot&& snapshot, DatabaseIdentity storage)
      : state_{std::move(snapshot), storage} {}

  /// The transaction whose state this is.
  [[nodiscard]] TxnId txn() const { return state_.snapshot.txn(); }

  /// What Storage::readers and kvtool show of it, up to 32 bytes; without, the program's name.
  void set_name(std::string_view name) const
    requires ListsReaders<Place>
  {
    state_.snapshot.set_name(name);
  }

  /// The table as it is in this state. Reading fails with table_missing when it was made later, and
  /// with invalid_argument when it is a table of another storage.
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec, Place>& table) const& {
    return TableSnapshot<Schema<K, V, KeyCodec, ValueCodec>, Place>(state_, table.binding_);
  }
  /// The same for one who needs no other table: the snapshot goes, and its state stays.
  ///   const auto cities_now = storage.snapshot().value().table(cities);
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec, Place>& table) && {
    return TableSnapshot<Schema<K, V, KeyCodec, ValueCodec>, Place>(std::move(state_),
                                                                    table.binding_);
  }

  /// What the catalog says of every table, by name.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const { return state_.snapshot.tables(); }

 private:
  StorageState<Place> state_;
};

using StorageSnapshot = BasicStorageSnapshot<backend::Native>;

}  // namespace quire
