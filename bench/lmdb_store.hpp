// LMDB as the benchmark uses it: default flags, one unnamed table.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "data.hpp"

namespace bench {

/// Throws std::runtime_error unless LMDB reports success.
void check_lmdb(int code, const char* action);

struct CloseEnvironment {
  void operator()(MDB_env* environment) const noexcept { ::mdb_env_close(environment); }
};
struct AbortTransaction {
  void operator()(MDB_txn* txn) const noexcept { ::mdb_txn_abort(txn); }
};
struct CloseCursor {
  void operator()(MDB_cursor* cursor) const noexcept { ::mdb_cursor_close(cursor); }
};

enum class LmdbSync : unsigned { on = 0, off = MDB_NOSYNC };
/// Whether a thread may have more than one transaction, as long as the others only read.
enum class LmdbThreads : unsigned { one_transaction = 0, many_transactions = MDB_NOTLS };
enum class LmdbAccess : unsigned { read_write = 0, read_only = MDB_RDONLY };

/// One file. For one thread.
class LmdbStore {
 public:
  /// Opens or makes it. The map is sized for so many entries and many times rewritten pages.
  LmdbStore(const std::string& path, LmdbSync sync, std::uint64_t entries,
            LmdbThreads threads = LmdbThreads::one_transaction);

  [[nodiscard]] MDB_env* environment() const noexcept { return environment_.get(); }
  [[nodiscard]] MDB_dbi table() const noexcept { return table_; }

 private:
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  MDB_dbi table_ = 0;
};

/// Aborts unless committed.
class LmdbTransaction {
 public:
  LmdbTransaction(const LmdbStore& store, LmdbAccess access);

  /// The stored bytes; null when there are none.
  [[nodiscard]] const void* get(std::uint64_t key) { return get_bytes(key).data(); }
  [[nodiscard]] std::span<const std::byte> get_bytes(std::uint64_t key) {
    SortableKey sortable(key);
    MDB_val stored_key = key_of(sortable);
    MDB_val value;
    const int code = ::mdb_get(txn_.get(), table_, &stored_key, &value);
    if (code == MDB_NOTFOUND) return {};
    check_lmdb(code, "mdb_get");
    return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
  }

  /// flags: 0, or MDB_APPEND for keys that come in order.
  void put(std::uint64_t key, const Value& value, unsigned flags = 0) {
    put(key, std::as_bytes(std::span(value)), flags);
  }
  void put(std::uint64_t key, std::span<const std::byte> value, unsigned flags = 0) {
    SortableKey sortable(key);
    MDB_val stored_key = key_of(sortable);
    // LMDB copies from it, and only its type says that it might not.
    MDB_val stored_value{.mv_size = value.size(), .mv_data = const_cast<std::byte*>(value.data())};
    check_lmdb(::mdb_put(txn_.get(), table_, &stored_key, &stored_value, flags), "mdb_put");
  }

  /// Of a key that is there.
  void erase(std::uint64_t key) {
    SortableKey sortable(key);
    MDB_val stored_key = key_of(sortable);
    check_lmdb(::mdb_del(txn_.get(), table_, &stored_key, nullptr), "mdb_del");
  }

  void commit() { check_lmdb(::mdb_txn_commit(txn_.release()), "mdb_txn_commit"); }

  /// Ends a read and begins one at the newest state, the cheapest way that LMDB has.
  void renew() {
    ::mdb_txn_reset(txn_.get());
    check_lmdb(::mdb_txn_renew(txn_.get()), "mdb_txn_renew");
  }

  [[nodiscard]] MDB_txn* handle() const noexcept { return txn_.get(); }
  [[nodiscard]] MDB_dbi table() const noexcept { return table_; }

  static MDB_val key_of(SortableKey& key) noexcept {
    return {.mv_size = key.bytes().size(), .mv_data = const_cast<std::byte*>(key.bytes().data())};
  }

 private:
  std::unique_ptr<MDB_txn, AbortTransaction> txn_;
  MDB_dbi table_;
};

/// An entry as it lies in the file.
struct LmdbEntry {
  const void* key;
  const void* value;
};

/// A position in the table of a transaction.
class LmdbCursor {
 public:
  explicit LmdbCursor(const LmdbTransaction& txn) {
    MDB_cursor* cursor = nullptr;
    check_lmdb(::mdb_cursor_open(txn.handle(), txn.table(), &cursor), "mdb_cursor_open");
    cursor_.reset(cursor);
  }

  [[nodiscard]] std::optional<LmdbEntry> first() { return move(MDB_FIRST, {}); }
  [[nodiscard]] std::optional<LmdbEntry> next() { return move(MDB_NEXT, {}); }
  /// Removes the entry that it is at; then next() gives the one behind it.
  void erase() { check_lmdb(::mdb_cursor_del(cursor_.get(), 0), "mdb_cursor_del"); }
  /// Of a transaction that is to be committed.
  void close() { cursor_.reset(); }
  /// The first entry at or after key.
  [[nodiscard]] std::optional<LmdbEntry> seek(std::uint64_t key) {
    SortableKey sortable(key);
    return move(MDB_SET_RANGE, LmdbTransaction::key_of(sortable));
  }

 private:
  std::optional<LmdbEntry> move(MDB_cursor_op step, MDB_val key) {
    MDB_val value;
    const int code = ::mdb_cursor_get(cursor_.get(), &key, &value, step);
    if (code == MDB_NOTFOUND) return {};
    check_lmdb(code, "mdb_cursor_get");
    return LmdbEntry{key.mv_data, value.mv_data};
  }

  std::unique_ptr<MDB_cursor, CloseCursor> cursor_;
};

}  // namespace bench
