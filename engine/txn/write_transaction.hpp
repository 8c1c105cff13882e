// WriteTransaction: edits to several tables that become one commit, or nothing.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/tree/cursor.hpp"
#include "quire/engine/tree/key_span.hpp"
#include "quire/engine/tree/value.hpp"
#include "quire/engine/txn/bulk_load.hpp"
#include "quire/engine/txn/commit_ticket.hpp"
#include "quire/engine/txn/savepoint.hpp"
#include "quire/engine/txn/table_info.hpp"
#include "quire/engine/txn/value_writer.hpp"

namespace quire {

struct WriteTurn;

/// What a commit came to.
struct CommitReceipt {
  TxnId txn;  ///< the committed state; the one built on when nothing was changed
  bool is_durable = false;
  std::uint64_t pages_written = 0;
  CommitTicket ticket;  ///< tells when it is durable, and waits for that
};

/// The one open write transaction of a database. Not thread-safe: one thread at a time. Destroying
/// it without commit abandons it. When a call fails with something else than a complaint about its
/// arguments, every later call gives transaction_broken, and what is left is to abandon it, or to
/// roll it back to a savepoint.
class WriteTransaction {
 public:
  WriteTransaction(WriteTransaction&&) noexcept;
  WriteTransaction& operator=(WriteTransaction&&) noexcept;
  ~WriteTransaction();

  /// The transaction's own id: what it commits as.
  [[nodiscard]] TxnId txn() const;

  /// What the catalog says, this transaction's changes included.
  [[nodiscard]] Result<std::optional<TableInfo>> table(std::string_view name);
  [[nodiscard]] Result<std::vector<TableInfo>> tables();

  /// Makes an empty table. table_exists; invalid_argument (alignment, descriptor or name too long
  /// or empty).
  Result<TableId> create_table(std::string_view name, const TableSpec& spec);

  /// Removes a table and all its entries. table_missing.
  Status drop_table(std::string_view name);

  /// Gives a table another name. Its id stays, and with it whatever knows it by that; whoever comes
  /// with the old name has to look through the catalog. table_missing, table_exists,
  /// invalid_argument (the name is empty or too long).
  Status rename_table(std::string_view from, std::string_view to);

  /// Stores value under key in the table of that name and id. True when the entry is new; with
  /// replace_only, true when there was one. With insert_only or replace_only false means that
  /// nothing was stored.
  /// key_too_long, value_too_large, table_missing.
  Result<bool> put(TableId id, std::string_view name, Bytes key, Bytes value,
                   PutMode mode = PutMode::upsert);

  /// Removes the entry; false when there was none.
  Result<bool> erase(TableId id, std::string_view name, Bytes key);

  /// Keys that are put or erased next: the leaves of the first lookup_group_size of them come from
  /// memory at the same time, and not one after the other. Changes no entry. What fails is told by
  /// the edits.
  void look_ahead(TableId id, std::string_view name, std::span<const Bytes> keys);

  /// Removes the entries of a part of the key order; how many there were. The pages between its
  /// ends go as they are: a small part of the time that erasing one by one takes.
  Result<std::uint64_t> erase_range(TableId id, std::string_view name, const KeySpan& span);

  /// Begins to put many entries into a table, in any order; much faster than put() one by one. What
  /// it has stored by then is seen by other calls. invalid_argument from commit(): it has not been
  /// finished. table_missing.
  [[nodiscard]] Result<BulkLoad> bulk_load(TableId id, std::string_view name,
                                           BulkOptions options = {});

  /// Stores a value of so many bytes, in place of an older one, and gives the room for it, zeros at
  /// first, at the table's alignment: what is in there at the next edit of any table, savepoint or
  /// commit is the value. The room is gone then, and with the transaction. It is that in the page,
  /// or, for a value that gets pages of its own, memory for all of it: put_in_pieces() needs none.
  /// Reads in between show what is there; each that finds a large value changed since the last has
  /// it written once more. key_too_long, value_too_large, table_missing.
  [[nodiscard]] Result<MutableBytes> reserve(TableId id, std::string_view name, Bytes key,
                                             std::uint64_t size);

  /// Begins to store a value of so many bytes that comes in pieces, without memory for more than
  /// 256 KiB of it: the room in the file is taken, and written to as they come. key_too_long,
  /// value_too_large, table_missing.
  [[nodiscard]] Result<ValueWriter> put_in_pieces(TableId id, std::string_view name, Bytes key,
                                                  std::uint64_t size);

  /// The value as this transaction sees it, valid until its next edit of any table.
  [[nodiscard]] Result<std::optional<Value>> get(TableId id, std::string_view name, Bytes key);

  /// The tree as it is now: for entry counts and cursors, valid until the next edit.
  [[nodiscard]] Result<TreeRoot> root(TableId id, std::string_view name);
  /// The transaction that wrote the tree's root, and so another one after each change of the table;
  /// no_txn when it is empty. corrupt.
  [[nodiscard]] Result<TxnId> changed(const TreeRoot& root) const;
  [[nodiscard]] Cursor cursor(const TreeRoot& root);

  /// Remembers how everything is now. Savepoints are nested: one that is taken later lies inside
  /// those that are there. Costs a copy of what is known of each table that was edited or read, and
  /// edits copy anew each page that they change first after it. While there is one, the transaction
  /// does not keep to Options::memory_budget, and writes nothing early but large values and what is
  /// bulk-loaded.
  /// invalid_argument: a bulk load is neither finished nor gone. full: it had 2^32 of them.
  [[nodiscard]] Result<Savepoint> savepoint();

  /// Undoes whatever was done since: entries, tables made, dropped and renamed, bulk loads. The
  /// savepoint stays and may be rolled back to again; those inside it are gone. A broken
  /// transaction is sound again: an edit that was left half done has changed no page that was there
  /// before. What was read since is valid no longer. Pages of large values and bulk loads that it
  /// takes back are free only after the end of the transaction. invalid_argument, and nothing
  /// happens: it is not a savepoint of this transaction, or gone; or a bulk load is neither
  /// finished nor gone.
  Status rollback_to(const Savepoint& savepoint);

  /// Forgets a savepoint and those inside it; all changes stay. Commit does so with all.
  /// invalid_argument as above; transaction_broken.
  Status release(const Savepoint& savepoint);

  /// Rolls back to it and forgets it, for destructors: without memory for that it fails.
  Status undo(const Savepoint& savepoint) noexcept;

  /// Makes it all one commit and ends the transaction. Without changes it writes nothing, and waits
  /// only for commits of other threads that it builds on and that are not durable yet.
  /// no_space, io_failed: rolled back, nothing changed. outcome_unknown: the commit may be there
  /// after reopening, and writers are stopped until then. poisoned: an earlier commit failed like
  /// that, or the sync before this one's slot did; nothing of this one will be there.
  Result<CommitReceipt> commit(std::optional<Durability> durability = {}) &&;

  /// The same, but waits for no sync that the receipt's ticket can wait for. A full commit, and one
  /// that is built on such, is seen by nobody else until somebody waits for it or syncs.
  Result<CommitReceipt> commit_without_waiting(std::optional<Durability> durability = {}) &&;

  /// Forgets every change and ends the transaction.
  void abandon() &&;

 private:
  friend class Database;
  explicit WriteTransaction(std::unique_ptr<WriteTurn> turn);
  template <class Finish>
  Result<CommitReceipt> end(std::optional<Durability> durability, const Finish& finish) &&;

  std::unique_ptr<WriteTurn> turn_;
};

}  // namespace quire
