#include "quire/engine/txn/write_transaction.hpp"

#include "quire/engine/txn/open_transaction.hpp"

namespace quire {
namespace {

/// An edit that an exception ends (no memory) is half done, as after a failure.
template <class Edit>
auto edited(OpenTransaction& open, const Edit& edit) {
  try {
    return edit();
  } catch (...) {
    open.break_off();
    throw;
  }
}

}  // namespace

WriteTransaction::WriteTransaction(std::unique_ptr<OpenTransaction> open)
    : open_(std::move(open)) {}
WriteTransaction::WriteTransaction(WriteTransaction&&) noexcept = default;
WriteTransaction& WriteTransaction::operator=(WriteTransaction&&) noexcept = default;
WriteTransaction::~WriteTransaction() = default;

TxnId WriteTransaction::txn() const { return open_ ? open_->txn() : no_txn; }

Result<std::optional<TableInfo>> WriteTransaction::table(std::string_view name) {
  if (!open_) return fail(ErrorCode::closed);
  return open_->table(name);
}

Result<std::vector<TableInfo>> WriteTransaction::tables() {
  if (!open_) return fail(ErrorCode::closed);
  return open_->tables();
}

Result<TableId> WriteTransaction::create_table(std::string_view name, const TableSpec& spec) {
  if (!open_) return fail(ErrorCode::closed);
  return edited(*open_, [&] { return open_->create_table(name, spec); });
}

Status WriteTransaction::drop_table(std::string_view name) {
  if (!open_) return fail(ErrorCode::closed);
  return edited(*open_, [&] { return open_->drop_table(name); });
}

Result<bool> WriteTransaction::put(TableId id, std::string_view name, Bytes key, Bytes value,
                                   PutMode mode) {
  if (!open_) return fail(ErrorCode::closed);
  return edited(*open_, [&] { return open_->put(id, name, key, value, mode); });
}

Result<bool> WriteTransaction::erase(TableId id, std::string_view name, Bytes key) {
  if (!open_) return fail(ErrorCode::closed);
  return edited(*open_, [&] { return open_->erase(id, name, key); });
}

Result<std::optional<Value>> WriteTransaction::get(TableId id, std::string_view name, Bytes key) {
  if (!open_) return fail(ErrorCode::closed);
  return open_->get(id, name, key);
}

Result<TreeRoot> WriteTransaction::root(TableId id, std::string_view name) {
  if (!open_) return fail(ErrorCode::closed);
  return open_->root(id, name);
}

Cursor WriteTransaction::cursor(const TreeRoot& root) { return open_->cursor(root); }

Result<CommitReceipt> WriteTransaction::commit(std::optional<Durability> durability) && {
  if (!open_) return fail(ErrorCode::closed);
  const std::unique_ptr<OpenTransaction> ending = std::move(open_);
  return ending->commit(durability);
}

void WriteTransaction::abandon() && { open_.reset(); }

}  // namespace quire
