#include "quire/engine/database.hpp"

#include "quire/engine/check_file.hpp"
#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {

Result<Database> Database::open(const std::string& path, const Options& options) {
  Result<std::shared_ptr<Core>> core = Core::open(path, options);
  if (!core) return fail(core);
  return Database(*std::move(core));
}

Result<Snapshot> Database::snapshot() const {
  if (!core_) return fail(ErrorCode::closed);
  return core_->snapshot();
}

Result<std::optional<PinnedValue>> Database::get(TableId id, std::string_view name,
                                                 Bytes key) const {
  if (!core_) return fail(ErrorCode::closed);
  return core_->get(id, name, key);
}

/// The gate is left again when there is no transaction.
template <class Enter>
Result<WriteTransaction> Database::begin_write_by(const Enter& enter) const {
  if (!core_) return fail(ErrorCode::closed);
  if (core_->options().access == Access::read_only) return fail(ErrorCode::read_only);
  if (Status entered = enter(core_->gate()); !entered) return fail(entered);
  const auto leave = [](WriterGate* gate) { gate->leave(); };
  std::unique_ptr<WriterGate, std::decay_t<decltype(leave)>> inside(&core_->gate());
  if (Status writable = core_->check_writable(); !writable) return fail(writable);
  WriteTransaction txn(std::make_unique<OpenTransaction>(core_));
  [[maybe_unused]] const WriterGate* const gate = inside.release();  // its end leaves it
  return txn;
}

Result<WriteTransaction> Database::begin_write() const {
  return begin_write_by([](WriterGate& gate) { return gate.enter(); });
}

Result<WriteTransaction> Database::try_begin_write() const {
  return begin_write_by([](WriterGate& gate) { return gate.try_enter(); });
}

Result<WriteTransaction> Database::begin_write_for(std::chrono::nanoseconds timeout) const {
  return begin_write_by([&](WriterGate& gate) { return gate.enter_for(timeout); });
}

Status Database::sync() const {
  if (!core_) return fail(ErrorCode::closed);
  return core_->sync();
}

Status Database::close() {
  if (!core_) return fail(ErrorCode::closed);
  return core_->close();
}

Result<CheckReport> Database::check() const {
  const Result<Snapshot> snapshot = this->snapshot();
  if (!snapshot) return fail(snapshot);
  return check_file(*snapshot);
}

Result<Statistics> Database::statistics() const {
  const Result<Snapshot> snapshot = this->snapshot();
  if (!snapshot) return fail(snapshot);
  const Result<std::vector<TableInfo>> tables = snapshot->tables();
  if (!tables) return fail(tables);
  const Publication& words = core_->publication();
  const WriterCounters& counters = core_->counters();
  Statistics statistics;
  statistics.written = words.written();
  statistics.published = words.published();
  statistics.durable = words.durable();
  statistics.page_size = core_->options().page_size;
  statistics.file_size = counters.file_size;
  statistics.page_count = snapshot->state().page_count.value;
  statistics.free_pages = counters.free_pages;
  statistics.pending_pages = counters.pending_pages;
  statistics.free_extents = counters.free_extents;
  statistics.log_pages = counters.log_pages;
  statistics.tables = tables->size();
  statistics.pins = core_->readers().pin_count() - 1;  // without the one taken here
  statistics.file_id = core_->file_id();
  statistics.commits = counters.commits;
  statistics.syncs = core_->group().sync_count();
  statistics.sync_waiters = core_->group().waiter_count();
  statistics.pages_written = counters.pages_written;
  statistics.write_calls = counters.write_calls;
  return statistics;
}

Result<FileSystemType> Database::file_system() const {
  const Result<Snapshot> snapshot = this->snapshot();  // keeps the file
  if (!snapshot) return fail(snapshot);
  return core_->data().file->file_system();
}

const std::string& Database::path() const {
  static const std::string no_path;
  return core_ ? core_->path() : no_path;
}

const Options& Database::options() const {
  static const Options no_options;
  return core_ ? core_->options() : no_options;
}

}  // namespace quire
