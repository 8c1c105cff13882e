#include "quire/engine/txn/write_transaction.hpp"

#include "quire/engine/txn/open_transaction.hpp"

namespace quire {
namespace {

/// An edit that an exception ends (no memory) is half done, as after a failure.
class Watch {
 public:
  explicit Watch(OpenTransaction& open) : open_(open) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    if (!is_over_) open_.break_off();
  }
  void end() { is_over_ = true; }

 private:
  OpenTransaction& open_;
  bool is_over_ = false;
};

template <class Edit>
auto edited(OpenTransaction& open, const Edit& edit) {
  Watch watch(open);
  auto result = edit();
  watch.end();
  return result;
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
  std::unique_ptr<OpenTransaction> ending = std::move(open_);
  const std::shared_ptr<Core> core = ending->core();
  const Result<NamedCommit> commit = ending->commit(durability);
  ending.reset();  // the next writer builds on it while this one waits
  if (!commit) return fail(commit);
  if (Status done = core->finish(commit->named); !done) return fail(done);
  const bool is_durable = core->publication().durable() >= commit->named.txn;
  return CommitReceipt{commit->named.txn, is_durable, commit->pages_written,
                       core->ticket(commit->named)};
}

void WriteTransaction::abandon() && { open_.reset(); }

}  // namespace quire
