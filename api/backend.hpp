// Backends: what the typed tables need of that which keeps them.
//
// A backend is a type that names other types: a database handle, its snapshots and transactions,
// and what keeps a value that was read. It is the last template parameter of all that the typed
// layer has, so that a call of a table is a call of the backend and nothing between.
//
// Laws of every backend, which tests/conformance tries on each:
// - Keys compare as bytes, and may be empty. A key that is too long to be stored is found nowhere.
// - A snapshot shows one committed state of all tables, whatever is committed or dropped later.
// - What keeps a value keeps it for itself: the handles, the snapshot and the transaction that it
//   was read through may go first, and it may go to another thread. It may own the bytes, which is
//   what a backend does whose storage is elsewhere.
// - The values that find(), cursors and sources show lie at the alignment that the table was made
//   with; those that get() shows may lie anywhere.
// - A table is known by an id, which no other table of the storage ever has, and which stays when
//   it is renamed. Of a TreeRoot only the id, the count and the alignment mean something here.
// - A transaction that ends without a commit leaves no trace. Once a call fails with something else
//   than a complaint about its arguments, the later ones give transaction_broken.
// - Handles are copied at will and stand for the same; they are thread-safe as the engine's are.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quire/api/backup.hpp"
#include "quire/api/guard.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

struct StorageChoices;

/// Stored bytes and what keeps them.
template <Keeper Keeps>
struct Kept {
  Keeps keeper;
  Bytes bytes;
};

/// A position in one table. As the engine's Cursor is described; rank() and seek_nth() may walk
/// where nobody counts, and find_many() may look up one key after the other. What it shows is valid
/// until it moves or finds many again.
template <class T>
concept EntryCursor =
    requires(T& cursor, Bytes key, std::uint64_t number, std::span<const Bytes> keys,
             std::span<std::optional<Value>> values) {
      { cursor.root() } -> std::convertible_to<const TreeRoot&>;
      { cursor.seek_first() } -> std::same_as<Result<bool>>;
      { cursor.seek_last() } -> std::same_as<Result<bool>>;
      { cursor.seek(key) } -> std::same_as<Result<bool>>;
      { cursor.seek_at_or_before(key) } -> std::same_as<Result<bool>>;
      { cursor.seek_nth(number) } -> std::same_as<Result<bool>>;
      { cursor.next() } -> std::same_as<Result<bool>>;
      { cursor.previous() } -> std::same_as<Result<bool>>;
      { cursor.key() } -> std::same_as<Bytes>;
      { cursor.value() } -> std::same_as<Result<Value>>;
      { cursor.rank(key) } -> std::same_as<Result<std::uint64_t>>;
      { cursor.find_many(keys, values) } -> std::same_as<Status>;
    };

/// What a range reads: a cursor, and a way to keep what the cursor shows.
/// Law: while check() succeeds the cursor may be moved. keep() turns a value that the cursor shows
/// into one that outlives the cursor, together with its keeper; where is_shared, one keeper keeps
/// every value. check_value() is about a value that the cursor shows, before it is kept or after.
template <class T>
concept EntrySource = requires(T& source, Bytes& value, std::uint32_t alignment) {
  { T::is_shared } -> std::convertible_to<bool>;
  { source.check() } -> std::same_as<Status>;
  { source.cursor() } -> EntryCursor;
  { source.check_value(Bytes(), ValueCheck()) } -> std::same_as<Status>;
  { source.keep(value, alignment) } -> std::same_as<Result<typename T::Keeper>>;
};

/// Law: share() gives another source of the same state, which any thread may read.
template <class T>
concept SharedSource = EntrySource<T> && requires(const T& source) {
  { source.share() } -> std::same_as<Result<std::unique_ptr<T>>>;
};

/// One committed state.
/// Law: get() and find() find the same; what get() gives is valid as long as the snapshot.
template <class T, class Found>
concept StateOfTables =
    std::copyable<T> && requires(const T& snapshot, TableId id, std::string_view name,
                                 const TreeRoot& root, Bytes key, const Found& found) {
      { snapshot.txn() } -> std::same_as<TxnId>;
      { snapshot.table(name) } -> std::same_as<Result<std::optional<TableInfo>>>;
      { snapshot.tables() } -> std::same_as<Result<std::vector<TableInfo>>>;
      { snapshot.root(id, name) } -> std::same_as<Result<std::optional<TreeRoot>>>;
      { snapshot.get(root, key) } -> std::same_as<Result<std::optional<Value>>>;
      { snapshot.find(root, key) } -> std::same_as<Result<std::optional<Found>>>;
      { snapshot.check_value(found, ValueCheck()) } -> std::same_as<Status>;
    };

/// The open write transaction, as the engine's WriteTransaction is described.
/// Law: what get() and a cursor show is valid until the next edit.
template <class T, class Receipt>
concept EditOfTables =
    std::movable<T> &&
    requires(T& txn, TableId id, std::string_view name, const TableSpec& spec, const TreeRoot& root,
             Bytes bytes, PutMode mode, std::optional<Durability> durability) {
      { txn.txn() } -> std::same_as<TxnId>;
      { txn.table(name) } -> std::same_as<Result<std::optional<TableInfo>>>;
      { txn.tables() } -> std::same_as<Result<std::vector<TableInfo>>>;
      { txn.create_table(name, spec) } -> std::same_as<Result<TableId>>;
      { txn.drop_table(name) } -> std::same_as<Status>;
      { txn.rename_table(name, name) } -> std::same_as<Status>;
      { txn.put(id, name, bytes, bytes, mode) } -> std::same_as<Result<bool>>;
      { txn.erase(id, name, bytes) } -> std::same_as<Result<bool>>;
      { txn.get(id, name, bytes) } -> std::same_as<Result<std::optional<Value>>>;
      { txn.root(id, name) } -> std::same_as<Result<TreeRoot>>;
      { txn.cursor(root) } -> EntryCursor;
      { std::move(txn).commit(durability) } -> std::same_as<Result<Receipt>>;
    };

/// One open database. Its handles share identity(), and no others have it.
template <class T, class B>
concept DatabaseHandle =
    std::copyable<T> &&
    requires(T& database, const T& shared, TableId id, std::string_view name, Bytes bytes,
             PutMode mode, std::optional<Durability> durability, const typename B::Found& found) {
      { shared.snapshot() } -> std::same_as<Result<typename B::Snapshot>>;
      { shared.get(id, name, bytes) } -> std::same_as<Result<std::optional<typename B::Found>>>;
      { shared.check_value(found, ValueCheck()) } -> std::same_as<Status>;
      { shared.begin_write() } -> std::same_as<Result<typename B::WriteTransaction>>;
      { shared.put(id, name, bytes, bytes, mode, durability) } -> std::same_as<Result<bool>>;
      { shared.erase(id, name, bytes, durability) } -> std::same_as<Result<bool>>;
      { shared.sync() } -> std::same_as<Status>;
      { database.close() } -> std::same_as<Status>;
      { shared.identity() } -> std::same_as<DatabaseIdentity>;
      { shared.path() } -> std::same_as<const std::string&>;
    };

/// All that the typed layer asks of what keeps its tables.
/// Law: open() refuses choices that it cannot honour, with invalid_argument and the reason, before
/// anything is opened.
/// Law: Found is an aggregate of a Keeper and the bytes that it keeps, in this order.
template <class B>
concept Backend =
    Keeper<typename B::Keeper> && StateOfTables<typename B::Snapshot, typename B::Found> &&
    EditOfTables<typename B::WriteTransaction, typename B::Receipt> &&
    DatabaseHandle<typename B::Database, B> && EntrySource<typename B::StateSource> &&
    std::same_as<typename B::StateSource::Keeper, typename B::Keeper> &&
    requires(const typename B::Snapshot& snapshot, const TreeRoot& root,
             const StorageChoices& choices) {
      {
        B::StateSource::open(snapshot, root)
      } -> std::same_as<Result<std::unique_ptr<typename B::StateSource>>>;
      { B::open(choices) } -> std::same_as<Result<typename B::Database>>;
    };

// What only some backends can do. A storage has the calls for it where its backend can.

/// Tables of an older schema become ones of the asked schema when they are opened.
template <class B>
concept MigratesTables = Backend<B> && requires { requires B::migrates_tables; };

/// Threads may read an open transaction at the same time, by cursors that each has for itself,
/// while nobody edits it, and it may end on another thread than it began on.
template <class B>
concept SharesTransactions = Backend<B> && requires { requires B::shares_transactions; };

/// A writer may ask for its turn without waiting, or wait so long at most.
template <class B>
concept AsksForTurns =
    requires(const typename B::Database& database) { database.try_begin_write(); };

/// The file can be accounted for, page by page.
template <class B>
concept ChecksFiles = requires(const typename B::Database& database) { database.check(); };

/// A transaction can go back to how it was when a savepoint was taken, which says whether another
/// one was taken after it. undo() goes back and forgets it, and throws nothing.
template <class B>
concept HasSavepoints = requires(typename B::WriteTransaction& txn) {
  { txn.savepoint()->is_inside(*txn.savepoint()) } -> std::same_as<bool>;
  { txn.undo(*txn.savepoint()) } -> std::same_as<Status>;
};

/// A transaction can store a value before it is written, and give the room for it.
/// Law: as the engine's WriteTransaction::reserve is described; the room is zeros at first.
template <class B>
concept ReservesValues = requires(typename B::WriteTransaction& txn, TableId id,
                                  std::string_view name, Bytes key, std::uint64_t size) {
  { txn.reserve(id, name, key, size) } -> std::same_as<Result<MutableBytes>>;
};
/// The same for tables of any alignment; others refuse those above 1, with invalid_argument.
template <class B>
concept ReservesAligned = ReservesValues<B> && requires { requires B::reserves_aligned; };

/// A transaction can store a value that comes in pieces, without memory for all of it.
/// Law: as the engine's ValueWriter is described.
template <class B>
concept WritesInPieces = requires(typename B::WriteTransaction& txn, TableId id,
                                  std::string_view name, Bytes bytes, std::uint64_t size) {
  { txn.put_in_pieces(id, name, bytes, size)->write(bytes) } -> std::same_as<Status>;
  { txn.put_in_pieces(id, name, bytes, size)->finish() } -> std::same_as<Status>;
  { txn.put_in_pieces(id, name, bytes, size)->missing() } -> std::same_as<std::uint64_t>;
};

/// A transaction can be told which keys it is to edit next.
/// Law: as the engine's WriteTransaction::look_ahead.
template <class B>
concept LooksAhead = requires(typename B::WriteTransaction& txn, TableId id, std::string_view name,
                              std::span<const Bytes> keys) { txn.look_ahead(id, name, keys); };

/// A state of it can be copied into a file of its own.
template <class B>
concept BacksUp =
    requires(const typename B::Database& database) { back_up(database, std::string(), {}); };

template <class B>
concept ReportsStatistics =
    requires(const typename B::Database& database) { database.statistics(); };

/// It can be told who keeps a state, and snapshots have names for that.
template <class B>
concept ListsReaders =
    requires(const typename B::Database& database, const typename B::Snapshot& snapshot) {
      database.readers();
      snapshot.set_name("");
    };

/// It knows on what file system it lies, and by which of the engine's options it was opened.
template <class B>
concept TellsOptions = requires(const typename B::Database& database) {
  database.file_system();
  database.options();
};

/// It has somewhere to tell what no call returns.
template <class B>
concept KeepsLog = requires(const typename B::Database& database) {
  { database.log() } -> std::same_as<Log>;
};

/// The table's tree in a state. table_missing.
template <class State, class Binding>
Result<TreeRoot> root_in(const State& snapshot, const Binding& binding) {
  auto root = snapshot.root(binding.id, binding.name);
  if (!root) return fail(root);
  if (!*root) return fail(Error(ErrorCode::table_missing).with_detail(binding.name));
  return **root;
}

}  // namespace quire
