#include "quire/engine/database.hpp"

#include "quire/engine/check_file.hpp"
#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/write_turn.hpp"

namespace quire {
namespace {

/// Comes in, and tells the log when that took long.
template <class Enter>
Status enter_in_time(Core& core, const Enter& enter) {
  if (!core.log().is_on()) return enter(core.gate());
  const auto began = std::chrono::steady_clock::now();
  Status entered = enter(core.gate());
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  if (waited >= core.options().long_wait)
    core.log().tell({.event = LogEvent::waited_long,
                     .path = {},
                     .txn = {},
                     .detail = std::to_string(waited.count()) + " ms",
                     .cause = entered ? std::nullopt : std::optional(entered.error())});
  return entered;
}

}  // namespace

Result<Database> Database::open(const std::string& path, const Options& options) {
  Result<std::shared_ptr<Opening>> opening = Opening::open(path, options);
  if (!opening) return fail(opening);
  return Database(*std::move(opening));
}

Core* Database::core() const noexcept {
  if (!opening_ || opening_->is_closed()) return nullptr;
  Core* const core = opening_->core().get();
  return core->is_forked() ? nullptr : core;
}

Result<Snapshot> Database::snapshot() const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  return core->snapshot();
}

Result<std::optional<PinnedValue>> Database::get(TableId id, std::string_view name,
                                                 Bytes key) const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  return core->get(id, name, key);
}

Status Database::check_value(const PinnedValue& found, const ValueCheck& check) const {
  Core* const core = this->core();
  return core == nullptr ? check(found.bytes) : core->check_value(found, check);
}

/// The gate is left again when there is no transaction.
template <class Enter>
Result<WriteTransaction> Database::begin_write_by(const Enter& enter) const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  if (opening_->options().access == Access::read_only) return fail(ErrorCode::read_only);
  if (Status entered = enter_in_time(*core, enter); !entered) return fail(entered);
  WriterPlace inside(core);
  if (opening_->is_closed()) return fail(ErrorCode::closed);  // while this one waited
  if (Status writable = core->check_writable(); !writable) return fail(writable);
  return WriteTransaction(std::make_unique<WriteTurn>(opening_, std::move(inside)));
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

Result<bool> Database::put(TableId id, std::string_view name, Bytes key, Bytes value, PutMode mode,
                           std::optional<Durability> durability) const {
  return commit_edit({.id = id, .name = name, .key = key, .value = value, .mode = mode},
                     durability);
}

Result<bool> Database::erase(TableId id, std::string_view name, Bytes key,
                             std::optional<Durability> durability) const {
  return commit_edit({.id = id, .name = name, .key = key, .value = {}}, durability);
}

Result<bool> Database::commit_edit(const SingleEdit& edit,
                                   std::optional<Durability> durability) const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  if (opening_->options().access == Access::read_only) return fail(ErrorCode::read_only);
  const std::shared_ptr<Opening> kept = opening_;
  return core->single_edits().commit(edit, durability.value_or(kept->options().durability));
}

Status Database::sync() const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  if (opening_->options().access == Access::read_only) return fail(ErrorCode::read_only);
  return core->sync();
}

Status Database::close() {
  if (!opening_) return fail(ErrorCode::closed);
  return opening_->close();
}

Result<CheckReport> Database::check(const ProgressHook& hook) const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  SlotAccounts accounts;
  const Result<Snapshot> snapshot = core->written_snapshot(accounts);
  if (!snapshot) return fail(snapshot);
  return check_file(*snapshot, accounts, hook ? hook : opening_->options().progress);
}

Result<Statistics> Database::statistics() const {
  const Result<Snapshot> snapshot = this->snapshot();
  if (!snapshot) return fail(snapshot);
  const Result<std::vector<TableInfo>> tables = snapshot->tables();
  if (!tables) return fail(tables);
  Core& core = *opening_->core();
  const Publication& words = core.publication();
  const WriterCounters& counters = core.counters();
  Statistics statistics;
  statistics.written = words.written();
  statistics.published = words.published();
  statistics.durable = core.group().newest_durable();
  statistics.page_size = core.options().page_size;
  statistics.file_size = words.writer().file_size;
  statistics.page_count = snapshot->state().page_count.value;
  statistics.free_pages = words.writer().free_pages;
  statistics.pending_pages = words.writer().pending_pages;
  statistics.free_extents = words.writer().free_extents;
  statistics.log_pages = words.writer().log_pages;
  statistics.tables = tables->size();
  statistics.pins = core.readers().pin_count() - 1;  // without the one taken here
  statistics.format_version = core.format_version();
  statistics.file_id = core.file_id();
  statistics.commits = counters.commits;
  statistics.syncs = core.group().sync_count();
  statistics.writers = core.gate().queued() + core.single_edits().waiting();
  statistics.sync_waiters = core.group().waiter_count();
  statistics.pages_written = counters.pages_written;
  statistics.write_calls = counters.write_calls;
  return statistics;
}

Result<std::vector<ReaderInfo>> Database::readers() const {
  Core* const core = this->core();
  if (core == nullptr) return fail(ErrorCode::closed);
  return core->reader_list();
}

Result<FileSystemType> Database::file_system() const {
  const Result<Snapshot> snapshot = this->snapshot();  // keeps the file
  if (!snapshot) return fail(snapshot);
  return opening_->core()->data().file().file_system();
}

DatabaseIdentity Database::identity() const noexcept {
  return opening_ ? opening_->core()->identity() : DatabaseIdentity();
}

const std::string& Database::path() const {
  static const std::string no_path;
  return opening_ ? opening_->core()->path() : no_path;
}

Log Database::log() const {
  Core* const core = this->core();
  return core != nullptr ? core->log() : Log();
}

const Options& Database::options() const {
  static const Options no_options;
  return opening_ ? opening_->options() : no_options;
}

}  // namespace quire
