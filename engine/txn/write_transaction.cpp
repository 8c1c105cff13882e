#include "quire/engine/txn/write_transaction.hpp"

#include "quire/engine/base/attempt.hpp"
#include "quire/engine/txn/edit_watch.hpp"
#include "quire/engine/txn/write_turn.hpp"

namespace quire {
WriteTransaction::WriteTransaction(std::unique_ptr<WriteTurn> turn) : turn_(std::move(turn)) {}
WriteTransaction::WriteTransaction(WriteTransaction&&) noexcept = default;
WriteTransaction& WriteTransaction::operator=(WriteTransaction&&) noexcept = default;
WriteTransaction::~WriteTransaction() = default;

TxnId WriteTransaction::txn() const { return turn_ ? turn_->open.txn() : no_txn; }

Result<std::optional<TableInfo>> WriteTransaction::table(std::string_view name) {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.table(name);
}

Result<std::vector<TableInfo>> WriteTransaction::tables() {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.tables();
}

Result<TableId> WriteTransaction::create_table(std::string_view name, const TableSpec& spec) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.create_table(name, spec); });
}

Status WriteTransaction::drop_table(std::string_view name) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.drop_table(name); });
}

Status WriteTransaction::rename_table(std::string_view from, std::string_view to) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.rename_table(from, to); });
}

Result<bool> WriteTransaction::put(TableId id, std::string_view name, Bytes key, Bytes value,
                                   PutMode mode) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.put(id, name, key, value, mode); });
}

Result<bool> WriteTransaction::erase(TableId id, std::string_view name, Bytes key) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.erase(id, name, key); });
}

void WriteTransaction::look_ahead(TableId id, std::string_view name, std::span<const Bytes> keys) {
  if (turn_) turn_->open.look_ahead(id, name, keys);
}

Result<std::uint64_t> WriteTransaction::erase_range(TableId id, std::string_view name,
                                                    const KeySpan& span) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.erase_range(id, name, span); });
}

Result<BulkLoad> WriteTransaction::bulk_load(TableId id, std::string_view name,
                                             BulkOptions options) {
  if (!turn_) return fail(ErrorCode::closed);
  if (!options.progress) options.progress = turn_->opening->options().progress;
  return turn_->open.bulk_load(id, name, std::move(options));
}

Result<MutableBytes> WriteTransaction::reserve(TableId id, std::string_view name, Bytes key,
                                               std::uint64_t size) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.reserve(id, name, key, size); });
}

Result<ValueWriter> WriteTransaction::put_in_pieces(TableId id, std::string_view name, Bytes key,
                                                    std::uint64_t size) {
  if (!turn_) return fail(ErrorCode::closed);
  return edited(turn_->open, [&] { return turn_->open.put_in_pieces(id, name, key, size); });
}

Result<std::optional<Value>> WriteTransaction::get(TableId id, std::string_view name, Bytes key) {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.get(id, name, key);
}

Result<TreeRoot> WriteTransaction::root(TableId id, std::string_view name) {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.root(id, name);
}

Result<TxnId> WriteTransaction::changed(const TreeRoot& root) const {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.changed(root);
}

Cursor WriteTransaction::cursor(const TreeRoot& root) { return turn_->open.cursor(root); }

Result<Savepoint> WriteTransaction::savepoint() {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.savepoint();
}

Status WriteTransaction::rollback_to(const Savepoint& savepoint) {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.rollback_to(savepoint);
}

Status WriteTransaction::release(const Savepoint& savepoint) {
  if (!turn_) return fail(ErrorCode::closed);
  return turn_->open.release(savepoint);
}

Status WriteTransaction::undo(const Savepoint& savepoint) noexcept {
  return attempt([&]() -> Status {
    const Status done = rollback_to(savepoint);
    return done ? release(savepoint) : done;
  });
}

Result<CommitReceipt> WriteTransaction::commit(std::optional<Durability> durability) && {
  return std::move(*this).end(
      durability, [](Core& core, const GroupSync::Named& named) { return core.finish(named); });
}

Result<CommitReceipt> WriteTransaction::commit_without_waiting(
    std::optional<Durability> durability) && {
  if (turn_) turn_->open.wait_for_nothing();
  return std::move(*this).end(durability, [](Core& core, const GroupSync::Named& named) {
    return core.leave_to_background(named);
  });
}

template <class Finish>
Result<CommitReceipt> WriteTransaction::end(std::optional<Durability> durability,
                                            const Finish& finish) && {
  if (!turn_) return fail(ErrorCode::closed);
  std::unique_ptr<WriteTurn> ending = std::move(turn_);
  const std::shared_ptr<Opening> opening = ending->opening;
  const Result<NamedCommit> commit = ending->open.commit(durability);
  ending.reset();  // the next writer builds on it while this one waits
  if (!commit) return fail(commit);
  Core& core = *opening->core();
  if (Status done = finish(core, commit->named); !done) return fail(done);
  const bool is_durable = core.publication().durable() >= commit->named.txn ||
                          commit->named.durable == GroupSync::no_ticket;
  return CommitReceipt{commit->named.txn, is_durable, commit->pages_written,
                       core.ticket(commit->named)};
}

void WriteTransaction::abandon() && { turn_.reset(); }

}  // namespace quire
