// LmdbView: a transaction of LMDB, for reading or for writing, and stored entries by table and key.
//
// All tables lie in LMDB's main database, each entry under its table's id, in big-endian order, and
// its key. So the entries of a table are neighbours in the order of their keys; a key may be empty,
// which LMDB's may not; and a table needs no handle, which a transaction that began before it was
// opened could not use.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "quire/api/lmdb/environment.hpp"
#include "quire/api/lmdb/handles.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// The longest key: LMDB takes 511 bytes, of which four are the table's id.
inline constexpr std::size_t max_lmdb_key_size = 507;

/// An entry where it lies.
struct LmdbEntry {
  Bytes key;
  Bytes value;
};

/// Where a cursor of LMDB is to go.
enum class LmdbStep : std::uint8_t { to_last, to_at_or_after, next, previous };

/// What it shows stays valid as long as it: for reading always, for writing until the next edit.
/// Reading is thread-safe (LMDB takes one call of a transaction at a time, so there is a lock);
/// writing is for the thread that began it. Once it has ended all calls give closed.
class LmdbView {
 public:
  /// Takes over the transaction, and for a write transaction the environment's gate.
  LmdbView(std::shared_ptr<LmdbEnvironment> environment, MDB_txn* txn, Access access);
  LmdbView(const LmdbView&) = delete;
  LmdbView& operator=(const LmdbView&) = delete;
  ~LmdbView();

  /// The state that is read, or what the writer commits as.
  [[nodiscard]] TxnId txn() const { return id_; }
  [[nodiscard]] const LmdbEnvironment& environment() const { return *environment_; }

  [[nodiscard]] Result<std::optional<Bytes>> get(TableId table, Bytes key) const;

  /// Whether there is no entry of any table, nor of anybody else.
  [[nodiscard]] Result<bool> is_empty() const;

  /// For cursors. Those of a write transaction are closed with it.
  [[nodiscard]] Result<MDB_cursor*> open_cursor() const;
  void close_cursor(MDB_cursor* cursor) const noexcept;
  /// Nothing when there is no entry there. `to` counts for to_at_or_after.
  [[nodiscard]] Result<std::optional<LmdbEntry>> move(MDB_cursor* cursor, LmdbStep step,
                                                      Bytes to = {}) const;

  /// Stores the value; true when the entry is new. insert_only and replace_only as in PutMode.
  /// key_too_long, value_too_large.
  Result<bool> put(TableId table, Bytes key, Bytes value, PutMode mode);
  /// The same of a value that is to be written into what this gives, zeros at first, until the next
  /// edit.
  struct Room {
    MutableBytes bytes;
    bool is_new;
  };
  Result<Room> reserve(TableId table, Bytes key, std::uint64_t size);
  Result<bool> erase(TableId table, Bytes key);
  /// Removes every entry of the table, one after the other.
  Status erase_all(TableId table);

  Status commit();
  void abandon() noexcept;

 private:
  [[nodiscard]] Status check_open() const;
  [[nodiscard]] Failure failed(int code) const;
  /// False when the entry is there already.
  Result<bool> store(TableId table, Bytes key, Bytes value, unsigned flags);
  Result<bool> store(TableId table, Bytes key, MDB_val& content, unsigned flags);
  void end() noexcept;

  std::shared_ptr<LmdbEnvironment> environment_;
  MDB_txn* handle_;  ///< null: ended
  TxnId id_;
  Access access_;
  mutable std::mutex calls_;
};

}  // namespace quire
