// StorageTransaction: edits to several tables that become one commit, or nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/nested_transaction.hpp"
#include "quire/api/open_edit.hpp"
#include "quire/api/reads.hpp"
#include "quire/api/table.hpp"
#include "quire/api/table_builder.hpp"
#include "quire/api/table_editor.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// The one open write transaction of a storage; Storage::begin_write makes it. Destroying it
/// without commit abandons it. When a call fails with something else than a complaint about its
/// arguments, every later one gives transaction_broken, and only abandoning is left, or going back
/// to a savepoint. Not thread-safe; it belongs to the thread that began it.
template <Backend Place>
class [[nodiscard]] BasicStorageTransaction {
  using WriteTransaction = typename Place::WriteTransaction;

 public:
  /// For Storage.
  BasicStorageTransaction(typename Place::Database database, WriteTransaction txn,
                          Recreate recreate)
      : open_(std::make_shared<OpenEdit<Place>>(std::move(database), std::move(txn), recreate)) {}
  BasicStorageTransaction(BasicStorageTransaction&&) noexcept = default;
  BasicStorageTransaction& operator=(BasicStorageTransaction&& other) noexcept {
    if (this == &other) return *this;
    end();
    open_ = std::move(other.open_);
    return *this;
  }
  ~BasicStorageTransaction() { end(); }

  /// What this commits as.
  [[nodiscard]] Result<TxnId> txn() const {
    auto txn = get();
    if (!txn) return fail(txn);
    return (*txn)->txn();
  }

  /// The table, to be read and edited in this transaction. Keep it for many edits. Calls on a table
  /// of another storage give invalid_argument.
  template <class K, class V, class KeyCodec, class ValueCodec>
  [[nodiscard]] auto table(const Table<K, V, KeyCodec, ValueCodec, Place>& table) const {
    return TableEditor<Schema<K, V, KeyCodec, ValueCodec>, Place>(open_, table.binding_);
  }

  /// What the catalog says of every table, by name, this transaction's changes included.
  [[nodiscard]] Result<std::vector<TableInfo>> tables() const {
    auto txn = get();
    if (!txn) return fail(txn);
    return (*txn)->tables();
  }

  /// Opens a table by name, or makes it in this transaction: `.build()` gives a table that others
  /// can use when this is committed. Migrations are not made here.
  template <class K, class V>
  [[nodiscard]] TableBuilder<K, V, DefaultKeyFormat<K>, DefaultValueFormat<V>, Place> new_table(
      std::string name) const {
    return {open_, std::move(name), Create::if_missing};
  }

  /// Removes a table with all its entries. table_missing.
  Status drop_table(std::string_view name) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return (*txn)->drop_table(name);
  }

  /// Gives a table another name; as Storage::rename_table.
  Status rename_table(std::string_view from, std::string_view to) {
    auto txn = edit();
    if (!txn) return fail(txn);
    return (*txn)->rename_table(from, to);
  }

  /// Remembers how everything is now, to be able to go back. Savepoints are nested: those taken
  /// later lie inside. Each has a cost: pages that are changed after it are copied once more, and
  /// the memory budget is not kept while there are any.
  [[nodiscard]] Result<typename OpenEdit<Place>::Savepoint> savepoint()
    requires HasSavepoints<Place>
  {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->savepoint();
  }

  /// Undoes all that was done since, tables made or dropped included; also what a failed call has
  /// left, so that the transaction can be used again. The savepoint stays, those inside it are
  /// gone, and transactions that were nested since are abandoned. invalid_argument: it is not one
  /// of this transaction, or gone.
  Status rollback_to(const auto& savepoint)
    requires HasSavepoints<Place>
  {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->rollback_to(savepoint);
  }

  /// Forgets a savepoint and those inside it; what was done since stays. commit() does so with all.
  /// invalid_argument: as above, or a transaction that was nested since is open.
  Status release(const auto& savepoint)
    requires HasSavepoints<Place>
  {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->release(savepoint);
  }

  /// Begins a transaction in this one, which goes without trace unless it is committed, too:
  ///   auto inner = txn.nested().value();
  ///   editor.put("Bern", bern).value();
  ///   std::move(inner).commit().value();
  /// See NestedTransaction.
  [[nodiscard]] Result<BasicNestedTransaction<Place>> nested()
    requires HasSavepoints<Place>
  {
    if (!open_) return fail(OpenEdit<Place>::ended());
    auto begun = open_->nest();
    if (!begun) return fail(begun);
    return BasicNestedTransaction<Place>(open_, *std::move(begun));
  }

  /// Makes it all one commit and ends the transaction, by default with the durability that the
  /// storage was opened with. Without changes it writes nothing. no_space, io_failed: rolled back,
  /// nothing changed. outcome_unknown: the commit may be there after reopening, and nothing is
  /// written until then. poisoned: an earlier commit failed like that. invalid_argument, and the
  /// transaction goes on: one that is nested in it is open.
  Result<typename Place::Receipt> commit(std::optional<Durability> durability = {}) && {
    auto ending = take();
    if (!ending) return fail(ending);
    return std::move(*ending).commit(durability);
  }

  /// Nothing is committed twice, so a transaction that stays is refused by the compiler.
  template <class Never = Place>
  Result<typename Place::Receipt> commit(std::optional<Durability> = {}) const& {
    static_assert(!std::same_as<Never, Place>,
                  "a commit consumes its transaction: std::move(txn).commit()");
    return fail(ErrorCode::closed);
  }

  /// As commit(), but does not wait for the sync, nor for those that it builds on: the
  /// receipt's ticket does. Until somebody waits for that or syncs, nobody else sees the commit, if
  /// it is a full one, or one built on such. two_phase commits, which very large ones are, wait.
  Result<CommitReceipt> commit_without_waiting(std::optional<Durability> durability = {}) && {
    auto ending = take();
    if (!ending) return fail(ending);
    return std::move(*ending).commit_without_waiting(durability);
  }

  /// Forgets every change and ends the transaction.
  void abandon() && { end(); }

 private:
  [[nodiscard]] Result<WriteTransaction*> get() const {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->get();
  }
  [[nodiscard]] Result<WriteTransaction*> edit() {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->edit();
  }
  Result<WriteTransaction> take() {
    if (!open_) return fail(OpenEdit<Place>::ended());
    return open_->take();
  }
  void end() noexcept {
    if (open_) open_->abandon();
  }

  std::shared_ptr<OpenEdit<Place>> open_;
};

using StorageTransaction = BasicStorageTransaction<backend::Native>;

}  // namespace quire
