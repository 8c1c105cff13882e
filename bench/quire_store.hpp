// quire as the benchmark uses it: one storage with one typed table, and the engine under it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "data.hpp"
#include "quire/quire.hpp"

namespace bench {

/// Buffered commits are not synced however many they are, like LMDB's under MDB_NOSYNC.
inline quire::Options never_synced() {
  quire::Options options;
  options.sync_after = std::numeric_limits<std::uint64_t>::max();
  return options;
}

/// One file, opened once and reached two ways.
class QuireStore {
 public:
  using Table = quire::Table<std::uint64_t, Value>;

  /// Opens or makes it.
  explicit QuireStore(const std::string& path, const quire::Options& options = {})
      : database_(quire::Database::open(path, options).value()),
        storage_(database_),
        table_(storage_.new_table<std::uint64_t, Value>("entries").build().value()) {}

  // The public way.
  [[nodiscard]] quire::Storage& storage() noexcept { return storage_; }
  [[nodiscard]] Table& table() noexcept { return table_; }

  // The engine's way: bytes, and trees known by table id and name.
  [[nodiscard]] const quire::Database& database() const noexcept { return database_; }
  [[nodiscard]] quire::TreeRoot root_in(const quire::Snapshot& snapshot) const {
    return snapshot.root(table_.id(), table_.name()).value().value();
  }
  [[nodiscard]] std::optional<quire::PinnedValue> get(std::uint64_t key) const {
    return database_.get(table_.id(), table_.name(), SortableKey(key).bytes()).value();
  }
  void put(quire::WriteTransaction& txn, std::uint64_t key, const Value& value) const {
    txn.put(table_.id(), table_.name(), SortableKey(key).bytes(), std::as_bytes(std::span(value)))
        .value();
  }
  void put_alone(std::uint64_t key, const Value& value, quire::Durability durability) const {
    database_
        .put(table_.id(), table_.name(), SortableKey(key).bytes(), std::as_bytes(std::span(value)),
             quire::PutMode::upsert, durability)
        .value();
  }
  /// Writes and syncs all pages that only memory has, by a commit that no redo log records. The key
  /// is there.
  void write_all(std::uint64_t key) {
    const Value value = **table_.get(key).value();
    table_.put(key, value, quire::Durability::two_phase).value();
  }

 private:
  quire::Database database_;
  quire::Storage storage_;
  Table table_;
};

}  // namespace bench
