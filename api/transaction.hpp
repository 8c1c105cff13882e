// StorageTransaction: edits to several tables that become one commit, or nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// An open write transaction and all that is read from it. What was handed out shares it, so that
/// it finds an ended transaction instead of nothing.
struct OpenEdit {
  Database database;
  std::optional<WriteTransaction> txn;  ///< none: ended
  std::uint64_t edit_count = 0;

  /// The transaction; closed when it has ended.
  Result<WriteTransaction*> get() {
    if (!txn) return fail(ended());
    return &*txn;
  }
  static Error ended() { return Error(ErrorCode::closed).with_detail("the transaction has ended"); }
};

/// Reads the entries of a transaction that is not edited meanwhile.
class EditSource {
 public:
  using Keeper = HeapBytes;
  static constexpr bool is_shared = false;

  EditSource(std::shared_ptr<OpenEdit> open, const TreeRoot& root)
      : open_(std::move(open)), edit_count_(open_->edit_count), cursor_(open_->txn->cursor(root)) {}

  Status check() const {
    if (auto txn = open_->get(); !txn) return fail(txn);
    if (open_->edit_count == edit_count_) return {};
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("a range was read on after its transaction had made an edit"));
  }
  Cursor& cursor() { return cursor_; }
  static Status check_value(Bytes value, const ValueCheck& check) { return check(value); }
  static Result<HeapBytes> keep(Bytes& value, std::uint32_t alignment) {
    HeapBytes copy(value, alignment);
    value = copy.bytes();
    return copy;
  }

 private:
  std::shared_ptr<OpenEdit> open_;
  std::uint64_t edit_count_;
  Cursor cursor_;
};
static_assert(EntrySource<EditSource>);

/// A table inside a write transaction, its edits included; StorageTransaction::table makes it.
/// Guards own a copy of their value and stay good; a range ends with invalid_argument when it is
/// read on after an edit. Once the transaction has ended, every call gives closed. Not thread-safe.
template <class SchemaType>
class TableEditor : public Reads<TableEditor<SchemaType>, SchemaType, EditSource> {
 public:
  using KeyArgument = typename SchemaType::KeyArgument;
  using ValueArgument = typename SchemaType::ValueArgument;

  TableEditor(std::shared_ptr<OpenEdit> open,
              std::shared_ptr<const TableBinding<SchemaType>> binding)
      : open_(std::move(open)), binding_(std::move(binding)) {}
  // Without moves of its own, which copy then, no handle is ever left without a table.
  TableEditor(const TableEditor&) = default;
  TableEditor& operator=(const TableEditor&) = default;
  ~TableEditor() = default;

  /// Stores value under key, in place of an older one. key_too_long, value_too_large.
  Status put(const KeyArgument& key, const ValueArgument& value) {
    if (auto stored = store(key, value, PutMode::upsert); !stored) return fail(stored);
    return {};
  }

  /// Stores value unless there is one under key; true when it was stored.
  Result<bool> insert_if_absent(const KeyArgument& key, const ValueArgument& value) {
    return store(key, value, PutMode::insert_only);
  }

  /// Removes the entry; false when there was none.
  Result<bool> erase(const KeyArgument& key) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return (*txn)->erase(binding_->id, binding_->name, binding_->schema.encode(key).bytes());
  }

 private:
  friend Reads<TableEditor, SchemaType, EditSource>;

  [[nodiscard]] const TableBinding<SchemaType>& binding() const noexcept { return *binding_; }

  Result<bool> store(const KeyArgument& key, const ValueArgument& value, PutMode mode) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return binding_->schema.with_stored(value, [&](Bytes stored) {
      return (*txn)->put(binding_->id, binding_->name, binding_->schema.encode(key).bytes(), stored,
                         mode);
    });
  }

  /// The transaction, to be changed or only read.
  Result<WriteTransaction*> edit() {
    auto txn = read();
    if (txn) ++open_->edit_count;
    return txn;
  }
  [[nodiscard]] Result<WriteTransaction*> read() const {
    if (!open_) return fail(OpenEdit::ended());
    if (open_->database.identity() == binding_->database.identity()) return open_->get();
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("table " + binding_->name + " is one of another storage"));
  }

  [[nodiscard]] Result<std::optional<Value>> find_in_place(Bytes key) const {
    auto txn = read();
    if (!txn) return fail(txn);
    return (*txn)->get(binding_->id, binding_->name, key);
  }
  [[nodiscard]] Result<std::optional<Kept<HeapBytes>>> find(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    if (!*value) return std::optional<Kept<HeapBytes>>();
    HeapBytes copy(**value, binding_->schema.alignment());
    const Bytes bytes = copy.bytes();
    return Kept<HeapBytes>{std::move(copy), bytes};
  }
  [[nodiscard]] static Status check_found(const Kept<HeapBytes>& found, const ValueCheck& check) {
    return check(found.bytes);
  }
  [[nodiscard]] Result<bool> holds(Bytes key) const {
    auto value = find_in_place(key);
    if (!value) return fail(value);
    return value->has_value();
  }
  [[nodiscard]] Result<TreeRoot> root() const {
    auto txn = read();
    if (!txn) return fail(txn);
    return (*txn)->root(binding_->id, binding_->name);
  }
  [[nodiscard]] Result<std::unique_ptr<EditSource>> source() const {
    auto tree = root();
    if (!tree) return fail(tree);
    return std::make_unique<EditSource>(open_, *tree);
  }

  std::shared_ptr<OpenEdit> open_;
  std::shared_ptr<const TableBinding<SchemaType>> binding_;
};

/// The one open write transaction of a storage; Storage::begin_write makes it. Destroying it
/// without commit abandons it. When a call fails with something else than a complaint about its
/// arguments, every later one gives transaction_broken, and only abandoning is left. Not
/// thread-safe; it belongs to the thread that began it.
class [[nodiscard]] StorageTransaction {
 public:
  /// For Storage.
  StorageTransaction(Database database, WriteTransaction txn)
      : open_(std::make_shared<OpenEdit>(
            OpenEdit{.database = std::move(database), .txn = std::move(txn)})) {}
  StorageTransaction(StorageTransaction&&) noexcept = default;
  StorageTransaction& operator=(StorageTransaction&& other) noexcept {
    if (this == &other) return *this;
    end();
    open_ = std::move(other.open_);
    return *this;
  }
  ~StorageTransaction() { end(); }

  /// What this commits as.
  [[nodiscard]] Result<TxnId> txn() const {
    auto txn = get();
    if (!txn) return fail(txn);
    return (*txn)->txn();
  }

  /// The table, to be read and edited in this transaction. Keep it for many edits. Calls on a table
  /// of another storage give invalid_argument.
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec>& table) const {
    return TableEditor<Schema<K, V, KeyCodec, ValueCodec>>(open_, table.binding_);
  }

  /// What the catalog says of every table, by name, this transaction's changes included.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const {
    auto txn = get();
    if (!txn) return fail(txn);
    return (*txn)->tables();
  }

  /// Removes a table with all its entries. table_missing.
  Status drop_table(std::string_view name) {
    auto txn = get();
    if (!txn) return fail(txn);
    ++open_->edit_count;
    return (*txn)->drop_table(name);
  }

  /// Gives a table another name; as Storage::rename_table.
  Status rename_table(std::string_view from, std::string_view to) {
    auto txn = get();
    if (!txn) return fail(txn);
    ++open_->edit_count;
    return (*txn)->rename_table(from, to);
  }

  /// Makes it all one commit and ends the transaction, by default with the durability that the
  /// storage was opened with. Without changes it writes nothing. no_space, io_failed: rolled back,
  /// nothing changed. outcome_unknown: the commit may be there after reopening, and nothing is
  /// written until then. poisoned: an earlier commit failed like that.
  Result<CommitReceipt> commit(std::optional<Durability> durability = {}) && {
    auto txn = get();
    if (!txn) return fail(txn);
    WriteTransaction ending = std::move(**txn);
    end();
    return std::move(ending).commit(durability);
  }

  /// The same, but does not wait for the commit's sync, nor for those that it builds on: the
  /// receipt's ticket does. Until somebody waits for that or syncs, nobody else sees the commit, if
  /// it is a full one, or one built on such. two_phase commits, which very large ones are, wait.
  Result<CommitReceipt> commit_without_waiting(std::optional<Durability> durability = {}) && {
    auto txn = get();
    if (!txn) return fail(txn);
    WriteTransaction ending = std::move(**txn);
    end();
    return std::move(ending).commit_without_waiting(durability);
  }

  /// Forgets every change and ends the transaction.
  void abandon() && { end(); }

 private:
  [[nodiscard]] Result<WriteTransaction*> get() const {
    if (!open_) return fail(OpenEdit::ended());
    return open_->get();
  }
  void end() noexcept {
    if (open_) open_->txn.reset();
  }

  std::shared_ptr<OpenEdit> open_;
};

}  // namespace quire
