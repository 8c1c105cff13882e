// OpenTransaction: the tables that a write transaction works on, and its edits of them.
//
// Its pages wait in the arena; large values, and whatever passes the memory budget, are written
// early to their final places.
//
// Invariant: nothing of it is visible to anybody before commit.cpp names it in a meta slot; an end
// without that gives back everything that it took.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/tree/tree_editor.hpp"
#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/reservation.hpp"
#include "quire/engine/txn/run_writer.hpp"
#include "quire/engine/txn/savepoint.hpp"
#include "quire/engine/txn/table_info.hpp"
#include "quire/engine/txn/write_transaction.hpp"

namespace quire {

class TableAppender;
struct ValueInPieces;

/// A commit of which only the waiting is left, for which nobody needs the gate.
struct NamedCommit {
  GroupSync::Named named;
  std::uint64_t pages_written = 0;
};

/// Whether pages between those in use may help where new ones cannot be had.
constexpr bool is_out_of_space(ErrorCode code) {
  return code == ErrorCode::no_space || code == ErrorCode::full;
}

/// Whether a call that failed so has changed nothing.
constexpr bool is_complaint(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::key_too_long:
    case ErrorCode::value_too_large:
    case ErrorCode::table_missing:
    case ErrorCode::table_exists:
    case ErrorCode::transaction_broken: return true;
    default: return false;
  }
}

/// For one thread at a time.
class OpenTransaction {
 public:
  /// Needs the writer gate until it has gone. The durability is that of a commit that does not say.
  OpenTransaction(Core& core, Durability durability);
  ~OpenTransaction();
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;

  [[nodiscard]] TxnId txn() const { return context_.txn; }
  [[nodiscard]] Writer& writer() const { return core_.writer(); }

  Result<std::optional<TableInfo>> table(std::string_view name);
  Result<std::vector<TableInfo>> tables();
  Result<TableId> create_table(std::string_view name, const TableSpec& spec);
  Status drop_table(std::string_view name);
  Status rename_table(std::string_view from, std::string_view to);

  // By reference, here and below: spans that are handed on in memory cost more than they look.
  Result<bool> put(TableId id, const std::string_view& name, const Bytes& key, const Bytes& value,
                   PutMode mode);
  Result<bool> erase(TableId id, std::string_view name, Bytes key);
  void look_ahead(TableId id, std::string_view name, std::span<const Bytes> keys);
  Result<std::uint64_t> erase_range(TableId id, std::string_view name, const KeySpan& span);
  Result<BulkLoad> bulk_load(TableId id, std::string_view name, BulkOptions options);
  Result<MutableBytes> reserve(TableId id, std::string_view name, Bytes key, std::uint64_t size);
  Result<ValueWriter> put_in_pieces(TableId id, std::string_view name, Bytes key,
                                    std::uint64_t size);
  Result<std::optional<Value>> get(TableId id, std::string_view name, Bytes key);
  Result<TreeRoot> root(TableId id, std::string_view name);
  [[nodiscard]] Result<TxnId> changed(const TreeRoot& root) const;
  [[nodiscard]] Cursor cursor(const TreeRoot& root) const { return {context_.pages, root}; }

  Result<Savepoint> savepoint();
  Status rollback_to(const Savepoint& savepoint);
  Status release(const Savepoint& savepoint);

  // For ValueWriter. closed: the transaction is at a state from before the value was begun.

  [[nodiscard]] Status check_writing(const ValueInPieces& value) const;
  Status write_piece(ValueInPieces& value, const Bytes& piece);
  Status finish_value(ValueInPieces& value);

  /// transaction_broken: an edit was left half done.
  [[nodiscard]] Status check_sound() const {
    return core_.is_forked() || is_broken_ ? unsound() : Status();
  }
  /// An edit was left half done: nothing more can be done but to go back to before it.
  void break_off() { is_broken_ = true; }

  /// Whether it has done anything that a commit would show.
  [[nodiscard]] bool is_changed() const { return is_changed_; }
  /// Whether an entry lies in a leaf, value and all.
  [[nodiscard]] bool is_inline(std::size_t key_size, std::uint64_t value_size) const {
    return key_size + value_size <= layout::max_inline_size(page_size());
  }

  /// Nobody waits for its commit to be durable: no more than that of others.
  void wait_for_nothing() { is_waited_for_ = false; }
  /// The transaction is over whatever it says; only its destruction is left, and then
  /// Core::finish.
  Result<NamedCommit> commit(std::optional<Durability> durability);
  /// Of one without changes: commits to the file what only memory has, or nothing but a record of
  /// the space log.
  Result<NamedCommit> write_out();

 private:
  friend class Commit;
  friend class TableAppender;

  struct OpenTable {
    OpenTable(std::string_view called, const TreeRoot& root, bool is_in_memory,
              EditContext& context)
        : name(called), committed(root), is_resident(is_in_memory), editor(context, root) {}

    std::string name;
    TreeRoot committed;  ///< as the transaction found it
    bool is_resident;    ///< in part: what the file's catalog will say of it is still to be told
    TreeEditor editor;
    std::optional<TxnId> created;
  };

  /// A value in pieces that no tree refers to; no run: it will lie in a leaf.
  struct UnfinishedValue {
    std::uint64_t number;
    Extent run;
  };

  /// How everything was at a savepoint. A copied editor has no path, and its root alone counts.
  struct SavedState {
    TreeRoot catalog;
    TableId next_table;
    std::map<TableId, OpenTable> tables;
    std::vector<UnfinishedValue> unfinished;
    std::size_t dropped_count;
    bool is_changed;
    std::int64_t entry_change;
    Arena::Mark arena;
    Space::Mark space;
  };

  /// Something of a tree is another now.
  void note_change() {
    is_changed_ = true;
    ++change_count_;
  }
  Result<NamedCommit> commit_nothing(Durability durability);
  [[nodiscard]] SavedState saved_state();
  void restore(const SavedState& saved);
  [[nodiscard]] Status check_no_load() const;
  [[nodiscard]] Result<std::size_t> index_of(const Savepoint& savepoint) const;
  void forget_savepoints(std::size_t first);

  [[nodiscard]] Status unsound() const;
  Result<OpenTable*> open_table(TableId id, std::string_view name) {
    if (last_table_ != nullptr && last_id_ == id) [[likely]]
      return last_table_;
    return open_another(id, name);
  }
  Result<OpenTable*> open_another(TableId id, std::string_view name);
  Result<OpenTable*> find_table(TableId id, std::string_view name);
  OpenTable& add_table(std::string_view name, const TreeRoot& root);
  Status move_record(const TableInfo& table, std::string_view name);
  void record_put(TableId id, const Bytes& key, const Bytes& value);
  void settle_record(bool is_done, bool has_changed);
  Result<EditOutcome> store(TreeEditor& tree, const Bytes& key, const Bytes& value, PutMode mode);
  Result<EditOutcome> store_large(TreeEditor& tree, const Bytes& key, const Bytes& value,
                                  PutMode mode);
  Status put_stored(OpenTable& table, const Bytes& key, const LeafValue& value);
  Status put_run(OpenTable& table, const Bytes& key, const Extent& run, std::uint64_t size);
  [[nodiscard]] Status check_entry(std::size_t key_size, std::uint64_t value_size) const {
    const bool is_legal =
        key_size <= layout::max_key_size(page_size()) && value_size <= layout::max_value_size;
    return is_legal ? Status() : too_large(key_size, value_size);
  }
  [[nodiscard]] Status too_large(std::size_t key_size, std::uint64_t value_size) const;
  Result<layout::OverflowReference> write_large(TableId table, const Bytes& value);
  Result<Extent> take_run(std::uint64_t value_size);
  Result<Extent> take_pages_in_a_run(std::uint32_t count);
  Status write_run(const Extent& run, const Bytes& header, const Bytes& value);
  void count_written(const Extent& run) const;
  Status release_run(const EditOutcome& outcome, TableId table);
  [[nodiscard]] Status prepare_id() const;
  Status prepare_to_write(bool may_use_reserve, Filling filling);
  [[nodiscard]] Filling early_filling() const;
  /// Pages that a savepoint keeps have nobody who would follow them to their places.
  Status keep_budget() {
    const bool is_within = context_.arena.live_size() <= core_.options().memory_budget ||
                           core_.options().access == Access::read_only;
    return is_within || !savepoints_.empty() ? Status() : write_early();
  }
  Status write_early();
  Result<std::vector<Extent>> take_ready(std::uint32_t count, Growth growth);
  Result<std::vector<Extent>> take_ready(std::uint32_t count, std::uint32_t needed);
  /// A false file may say anything of how many there were: without overflow.
  void count_erased(std::uint64_t entries) {
    entry_change_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(entry_change_) - entries);
  }
  Status store_value(OpenTable& table, ValueInPieces& value);
  void release_unfinished();
  Result<MutableBytes> reserve_in_leaf(OpenTable& table, const Bytes& key, std::uint64_t size);
  Result<MutableBytes> reserve_run(OpenTable& table, const Bytes& key, std::uint64_t size);
  void seal(Reservation& reservation, MutableBytes header) const;
  Status write_reservation();
  Status settle_reservation();
  [[nodiscard]] bool is_as_written(Reservation& reservation) const;
  Status move(Reservation& reservation);
  [[nodiscard]] const std::shared_ptr<OpenTransaction*>& link();
  Status set_appender(TableAppender* appender);
  /// Before an edit: what is held back comes first, and is not to rely on what it knows.
  Status interrupt() {
    return appender_ == nullptr && !reservation_ ? Status() : interrupt_others();
  }
  Status interrupt_others();
  Status flush();
  void reclaim_once();
  Status open_resident_tables();
  Status record(OpenTable& table);
  Status record_resident_tables();

  [[nodiscard]] Space& space() const { return context_.space; }
  [[nodiscard]] std::uint32_t page_size() const { return context_.pages.page_size(); }
  [[nodiscard]] bool is_dropped(TableId id) const;
  [[nodiscard]] TreeRoot current_root(const TableInfo& stored);

  /// After a failure that may have left an edit half done nothing more can be done but to go back.
  template <class T>
  Result<T> watched(Result<T> result) {
    if (!result && !is_complaint(result.error().code())) is_broken_ = true;
    return result;
  }

  Core& core_;
  const Durability durability_;
  const State& base_;  ///< what it builds on
  EditContext context_;
  TreeEditor catalog_;
  TableId next_table_;
  std::map<TableId, OpenTable> tables_;
  std::vector<TableId> dropped_;
  OpenTable* last_table_ = nullptr;  ///< the one of the last edit
  TableId last_id_;
  std::vector<SavedState> savepoints_;  ///< each inside the one before
  OverflowWriter overflow_;
  TableAppender* appender_ = nullptr;         ///< the one that may hold entries back
  std::unique_ptr<Reservation> reservation_;  ///< of the last edit, if that reserved a large value
  std::vector<UnfinishedValue> unfinished_;
  std::uint64_t next_unfinished_ = 0;
  std::uint32_t unfinished_appenders_ = 0;
  RedoRecord* redo_;                ///< of its edits; none: it is not needed, or cannot be made
  std::uint64_t change_count_ = 0;  ///< of edits; those that no record tells of, too
  std::shared_ptr<OpenTransaction*> link_;  ///< tells appenders whether this is still there
  bool is_changed_ = false;
  bool is_waited_for_ = true;
  bool is_broken_ = false;
  bool has_reclaimed_ = false;
  bool has_written_ = false;  ///< pages under this id may be on the disk
  bool is_committed_ = false;
  std::int64_t entry_change_ = 0;  ///< entries put minus entries erased
};

}  // namespace quire
