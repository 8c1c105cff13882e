// Storage: one open file with all its tables.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/api/backup.hpp"
#include "quire/api/multi_table.hpp"
#include "quire/api/sequence.hpp"
#include "quire/api/snapshot.hpp"
#include "quire/api/table.hpp"
#include "quire/api/table_builder.hpp"
#include "quire/api/transaction.hpp"
#include "quire/api/write_batch.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// A handle; copies and tables share the open file, which closes when the last of them, the open
/// transaction and the last guard are gone. StorageBuilder makes it. Thread-safe. What its backend
/// cannot do (api/backend.hpp) it has no call for.
template <Backend Place>
class BasicStorage {
  using WriteTransaction = typename Place::WriteTransaction;
  using Snapshot = BasicStorageSnapshot<Place>;
  using Transaction = BasicStorageTransaction<Place>;
  using Raw = BasicRawTable<Place>;
  template <class K, class V>
  using Builder = TableBuilder<K, V, DefaultKeyFormat<K>, DefaultValueFormat<V>, Place>;

 public:
  /// For StorageBuilder.
  explicit BasicStorage(typename Place::Database database, Recreate recreate = Recreate::never)
      : database_(std::move(database)), recreate_(recreate) {}

  /// Opens a table by name, or makes it:
  ///   storage.new_table<std::uint32_t, Block>("blocks").build()
  /// Not while this thread has a write transaction, when the table is to be made.
  template <class K, class V>
  [[nodiscard]] Builder<K, V> new_table(std::string name) const {
    return {database_, std::move(name), Create::if_missing, recreate_};
  }

  /// The same for a table that must be there: never makes one, so it may be used read-only.
  template <class K, class V>
  [[nodiscard]] Builder<K, V> open_table(std::string name) const {
    return {database_, std::move(name), Create::never, recreate_};
  }

  /// Any table as the bytes that it stores, whatever its types. For tools: what is put through it
  /// is not checked to be what the table's types say. table_missing.
  [[nodiscard]] Result<Raw> open_raw_table(std::string name) const {
    auto snapshot = database_.snapshot();
    if (!snapshot) return fail(snapshot);
    auto info = snapshot->table(name);
    if (!info) return fail(info);
    if (!*info) return fail(Error(ErrorCode::table_missing).with_detail(std::move(name)));
    return Raw(std::make_shared<const TableBinding<typename Raw::SchemaType, Place>>(
        database_, (*info)->root.table, std::move(name),
        typename Raw::SchemaType{{}, RawFormat{(*info)->root.alignment()}}));
  }

  /// Makes an empty table as bytes, with what the catalog is to say of its types, in a transaction
  /// of its own: for tools that bring back a table as tables() described it. Whether the
  /// descriptors mean anything is not checked. table_exists, invalid_argument (name, descriptors,
  /// alignment).
  Result<Raw> create_raw_table(std::string name, const TableSpec& spec) {
    const Status made = change_tables({}, [&](WriteTransaction& txn) -> Status {
      const auto id = txn.create_table(name, spec);
      return id ? Status() : fail(id);
    });
    if (!made) return fail(made);
    return open_raw_table(std::move(name));
  }

  /// What the catalog says of every table, by name.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const {
    auto snapshot = database_.snapshot();
    if (!snapshot) return fail(snapshot);
    return snapshot->tables();
  }

  /// Removes a table with all its entries, in a transaction of its own. Handles on it give
  /// table_missing from then on, also when a new table takes the name. table_missing.
  Status drop_table(std::string_view name, std::optional<Durability> durability = {}) {
    return change_tables(durability, [&](WriteTransaction& txn) { return txn.drop_table(name); });
  }

  /// Gives a table another name, in a transaction of its own. Handles on it stay good, though
  /// slower where there are many tables; those that ask by name find it under the new one.
  /// table_missing, table_exists, invalid_argument (the name is empty or too long).
  Status rename_table(std::string_view from, std::string_view to,
                      std::optional<Durability> durability = {}) {
    return change_tables(durability,
                         [&](WriteTransaction& txn) { return txn.rename_table(from, to); });
  }

  /// The newest published state of all tables, kept readable. too_many_readers.
  [[nodiscard]] Result<Snapshot> snapshot() const {
    const DatabaseIdentity storage = database_.identity();
    auto snapshot = database_.snapshot();
    if (!snapshot) return fail(snapshot);
    // Straight into its place: moves that follow each other wait for each other's stores.
    Result<Snapshot> kept(std::in_place, std::move(*snapshot), storage);
    return kept;
  }

  /// Begins the one write transaction; waits in turn for another thread's to end.
  /// read_only, poisoned, wrong_thread (this thread already has it).
  [[nodiscard]] Result<Transaction> begin_write() { return share(database_.begin_write()); }

  /// The same without waiting: busy when another thread writes.
  [[nodiscard]] Result<Transaction> try_begin_write()
    requires AsksForTurns<Place>
  {
    return share(database_.try_begin_write());
  }

  /// The same, waiting so long at most: then busy.
  [[nodiscard]] Result<Transaction> begin_write_for(std::chrono::nanoseconds timeout)
    requires AsksForTurns<Place>
  {
    return share(database_.begin_write_for(timeout));
  }

  /// Gathers edits of several tables that are to become one commit.
  [[nodiscard]] BasicWriteBatch<Place> batch() const { return BasicWriteBatch<Place>(database_); }

  /// The sequence of that name, which begins at 1. Fails as TableBuilder::build does.
  [[nodiscard]] Result<BasicSequence<Place>> sequence(std::string name) const {
    using Numbers = BasicSequence<Place>;
    auto counters = new_table<std::string, std::uint64_t>(Numbers::table_name)
                        .with_recreate(Recreate::never)
                        .build();
    if (!counters) return fail(counters);
    return Numbers(*std::move(counters), std::move(name));
  }

  /// Opens a table with several values under a key, or makes it. Fails as TableBuilder::build does.
  template <class K, class V>
  [[nodiscard]] Result<MultiTable<K, V, Place>> new_multi_table(std::string name) const {
    auto pairs = new_table<std::tuple<K, V>, Empty>(std::move(name)).build();
    if (!pairs) return fail(pairs);
    return MultiTable<K, V, Place>(*std::move(pairs));
  }

  /// Makes every commit that has returned durable.
  Status sync() { return database_.sync(); }

  /// Closes the file and says what failed, where the destructor could not. All handles of this
  /// opening give closed from then on; what guards show stays readable. busy: a write transaction
  /// is open.
  Status close() { return database_.close(); }

  /// Makes a compact copy of the newest published state at path, while others read and write. See
  /// back_up() in backup.hpp for what it promises and how it fails.
  Status backup(const std::string& path, const ProgressHook& hook = {}) const
    requires BacksUp<Place>
  {
    return back_up(database_, path, hook);
  }

  /// Accounts for every page and checks every rule of the file. Reads it all.
  [[nodiscard]] Result<CheckReport> check(const ProgressHook& hook = {}) const
    requires ChecksFiles<Place>
  {
    return database_.check(hook);
  }

  [[nodiscard]] Result<Statistics> statistics() const
    requires ReportsStatistics<Place>
  {
    return database_.statistics();
  }

  /// Everybody who keeps a state of the storage now, in this process and all that share the file.
  [[nodiscard]] Result<std::vector<ReaderInfo>> readers() const
    requires ListsReaders<Place>
  {
    return database_.readers();
  }

  /// What a table's tree is made of. Walks it. table_missing.
  [[nodiscard]] Result<TableStatistics> statistics(std::string_view table) const
    requires ReportsStatistics<Place>
  {
    auto snapshot = database_.snapshot();
    if (!snapshot) return fail(snapshot);
    auto info = snapshot->table(table);
    if (!info) return fail(info);
    if (!*info) return fail(Error(ErrorCode::table_missing).with_detail(std::string(table)));
    return snapshot->statistics((*info)->root);
  }

  [[nodiscard]] const std::string& path() const { return database_.path(); }

  /// The type of file system that the file lies on, and what its users should know of that.
  [[nodiscard]] Result<FileSystemType> file_system() const
    requires TellsOptions<Place>
  {
    return database_.file_system();
  }

  /// In effect; page_size is the file's.
  [[nodiscard]] const Options& options() const
    requires TellsOptions<Place>
  {
    return database_.options();
  }
  /// What becomes of tables that are there already and whose builders do not say.
  [[nodiscard]] Recreate recreate() const { return recreate_; }

 private:
  /// In a transaction of its own.
  template <class Change>
  Status change_tables(std::optional<Durability> durability, const Change& change) {
    auto txn = database_.begin_write();
    if (!txn) return fail(txn);
    if (Status changed = change(*txn); !changed) return changed;
    if (auto committed = std::move(*txn).commit(durability); !committed) return fail(committed);
    return {};
  }

  Result<Transaction> share(Result<WriteTransaction> txn) const {
    if (!txn) return fail(txn);
    return Transaction(database_, std::move(*txn), recreate_);
  }

  typename Place::Database database_;
  Recreate recreate_;
};

using Storage = BasicStorage<backend::Native>;

}  // namespace quire
