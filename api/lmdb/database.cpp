#include "quire/api/lmdb/database.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <system_error>

#include "quire/api/lmdb/catalog.hpp"

namespace quire {
namespace {

/// Why LMDB cannot honour these choices; empty when it can.
std::string lmdb_contradiction(const StorageChoices& choices) {
  struct Rule {
    bool is_broken;
    const char* reason;
  };
  const std::array rules{
      Rule{choices.page_size.has_value(),
           "LMDB's pages are those of the machine: leave out the page size"},
      Rule{choices.durability == Durability::resident,
           "LMDB writes each commit into its file: commit with Durability::buffered"},
      Rule{choices.background_sync && choices.background_sync->is_on(),
           "LMDB has no thread that syncs: call sync() and leave out the background sync"},
      Rule{choices.sync_after && *choices.sync_after != std::numeric_limits<std::uint64_t>::max(),
           "LMDB does not count what is not synced: call sync() and leave out the sync after so "
           "many bytes"},
      Rule{choices.sharing == Sharing::exclusive,
           "a file of LMDB's may be opened by every process: leave out Sharing::exclusive"},
      Rule{choices.memory_budget.has_value(),
           "LMDB has a limit of its own to a transaction's pages: leave out the memory budget"},
      Rule{choices.redo_log_size.has_value(), "LMDB has no redo log: leave it out"},
      Rule{choices.verification.value_or(Verification::off) != Verification::off,
           "LMDB's pages have no checksums: leave out the verification"},
      Rule{choices.reader_limits.has_value(),
           "LMDB does not oust readers: leave out the reader limits"},
      Rule{choices.progress != nullptr,
           "LMDB does not say how far it is: leave out the progress hook"},
      Rule{choices.log != nullptr, "LMDB logs nothing: leave out the log hook"},
      Rule{choices.poison_free_pages, "LMDB does not poison pages: leave that out"}};
  for (const Rule& rule : rules) {
    if (rule.is_broken) return rule.reason;
  }
  return {};
}

LmdbSettings lmdb_settings(const StorageChoices& choices) {
  LmdbSettings settings{.access = choices.access,
                        .is_synced = choices.durability != Durability::buffered};
  if (choices.map_reserve) settings.map_size = *choices.map_reserve;
  if (choices.reader_slots) settings.reader_slots = *choices.reader_slots;
  return settings;
}

}  // namespace

Result<LmdbDatabase> LmdbDatabase::open(const StorageChoices& choices) {
  for (const std::string& reason : {contradiction(choices), lmdb_contradiction(choices)}) {
    if (!reason.empty()) return fail(Error(ErrorCode::invalid_argument).with_detail(reason));
  }
  std::error_code ignored;
  if (choices.creation() == Create::never && !std::filesystem::exists(choices.path, ignored))
    return fail(Error(ErrorCode::file_missing).with_detail(choices.path));
  auto environment = LmdbEnvironment::open(choices.path, lmdb_settings(choices));
  if (!environment) return fail(environment);
  return LmdbDatabase(*std::move(environment));
}

Result<LmdbEnvironment*> LmdbDatabase::environment() const {
  if (opening_->is_closed.load()) return fail(ErrorCode::closed);
  return opening_->environment.get();
}

Result<LmdbSnapshot> LmdbDatabase::snapshot() const {
  const auto open = environment();
  if (!open) return fail(open);
  auto view = (*open)->read();
  if (!view) return fail(view);
  return LmdbSnapshot(*std::move(view));
}

Result<std::optional<Kept<LmdbKeeper>>> LmdbDatabase::get(TableId id, std::string_view name,
                                                          Bytes key) const {
  const auto newest = snapshot();
  if (!newest) return fail(newest);
  const TreeRoot root{.page = {}, .table = id, .alignment_log2 = lmdb_alignment_log2(id)};
  auto found = newest->find(root, key);
  if (!found || *found) return found;
  // Only where nothing was found is there anything to ask of the catalog: dropped tables are empty.
  const auto table = newest->root(id, name);
  if (!table) return fail(table);
  if (*table) return found;
  return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
}

Result<LmdbWriteTransaction> LmdbDatabase::begin_write() const {
  const auto open = environment();
  if (!open) return fail(open);
  auto view = (*open)->write();
  if (!view) return fail(view);
  return LmdbWriteTransaction(*std::move(view));
}

template <class Edit>
Result<bool> LmdbDatabase::commit_edit(std::optional<Durability> durability,
                                       const Edit& edit) const {
  auto txn = begin_write();
  if (!txn) return fail(txn);
  Result<bool> edited = edit(*txn);
  if (!edited) return edited;
  if (auto committed = std::move(*txn).commit(durability); !committed) return fail(committed);
  return edited;
}

Result<bool> LmdbDatabase::put(TableId id, std::string_view name, Bytes key, Bytes value,
                               PutMode mode, std::optional<Durability> durability) const {
  return commit_edit(
      durability, [&](LmdbWriteTransaction& txn) { return txn.put(id, name, key, value, mode); });
}

Result<bool> LmdbDatabase::erase(TableId id, std::string_view name, Bytes key,
                                 std::optional<Durability> durability) const {
  return commit_edit(durability,
                     [&](LmdbWriteTransaction& txn) { return txn.erase(id, name, key); });
}

Status LmdbDatabase::sync() const {
  const auto open = environment();
  if (!open) return fail(open);
  return (*open)->sync();
}

Status LmdbDatabase::close() {
  const auto open = environment();
  if (!open) return fail(open);
  if ((*open)->is_writing())
    return fail(Error(ErrorCode::busy).with_detail("a write transaction is open"));
  opening_->is_closed.store(true);
  return (*open)->sync();
}

}  // namespace quire
