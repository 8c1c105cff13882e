#include "quire/engine/txn/bulk_load.hpp"

#include <utility>

#include "quire/engine/txn/entry_sorter.hpp"
#include "quire/engine/txn/table_appender.hpp"

namespace quire {
namespace {

/// So many entries tell whether they come in order.
constexpr std::uint64_t probe_count = 1024;
/// Progress is told after so many.
constexpr std::uint64_t told_after = 1 << 16;

}  // namespace

Result<BulkLoad> OpenTransaction::bulk_load(TableId id, std::string_view name,
                                            BulkOptions options) {
  auto appender = TableAppender::open(*this, id, name);
  if (!appender) return fail(appender);
  auto sorter = std::make_unique<EntrySorter>(writer().files(), core_.path(), options.memory);
  return BulkLoad(*std::move(appender), std::move(sorter), name, std::move(options));
}

BulkLoad::BulkLoad(std::unique_ptr<TableAppender> appender, std::unique_ptr<EntrySorter> sorter,
                   std::string_view table, BulkOptions options)
    : appender_(std::move(appender)),
      sorter_(std::move(sorter)),
      options_(std::move(options)),
      progress_{.work = Work::loading, .table = std::string(table)} {}
BulkLoad::BulkLoad(BulkLoad&&) noexcept = default;
BulkLoad& BulkLoad::operator=(BulkLoad&&) noexcept = default;
BulkLoad::~BulkLoad() = default;

Status BulkLoad::append(Bytes key, Bytes value) {
  if (!appender_) return fail(ErrorCode::closed);
  Status done = add(key, value);
  if (!done) return done;
  if (++progress_.total % told_after == 0) tell();
  return {};
}

Status BulkLoad::add(Bytes key, Bytes value) {
  if (stage_ == Stage::appending) {
    const Result<bool> appended = appender_->append_behind(key, value);
    if (!appended) return fail(appended);
    if (*appended) {
      ++progress_.done;
      return {};
    }
    stage_ = Stage::sorting;
  }
  return add_to_sort(key, value);
}

Status BulkLoad::add_to_sort(Bytes key, Bytes value) {
  const Result<StoredValue> stored = appender_->store_value(key, value);
  if (!stored) return fail(stored);
  if (Status done = sorter_->add(key, stored->leaf_value()); !done) {
    appender_->give_up();
    return done;
  }
  if (stage_ == Stage::sorting || sorter_->count() < probe_count) return {};
  stage_ = sorter_->is_in_order() ? Stage::appending : Stage::sorting;
  return stage_ == Stage::appending ? drain() : Status();
}

/// Stores all that waits.
Status BulkLoad::drain() {
  Status done = sorter_->begin_reading();
  if (!done) appender_->give_up();
  while (done) {
    const WaitingEntry* const entry = sorter_->next();
    if (entry == nullptr) break;
    done = appender_->append_waiting(entry->key, entry->value);
    if (++progress_.done % told_after == 0) tell();
  }
  sorter_->clear();
  return done;
}

Status BulkLoad::finish() {
  if (!appender_) return fail(ErrorCode::closed);
  if (Status done = drain(); !done) return done;
  if (Status done = appender_->finish(); !done) return done;
  tell();
  appender_.reset();
  sorter_.reset();
  return {};
}

void BulkLoad::tell() const {
  if (options_.progress) options_.progress(progress_);
}

}  // namespace quire
