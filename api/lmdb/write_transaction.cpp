#include "quire/api/lmdb/write_transaction.hpp"

#include <string>
#include <utility>

#include "quire/api/lmdb/catalog.hpp"

namespace quire {
namespace {

Failure no_such_lmdb_table(std::string_view name) {
  return fail(Error(ErrorCode::table_missing).with_detail(std::string(name)));
}

}  // namespace

Result<LmdbWriteTransaction::Count*> LmdbWriteTransaction::count_of(TableId id,
                                                                    std::string_view name) {
  if (const auto known = counts_.find(id); known != counts_.end()) return &known->second;
  const auto root = find_lmdb_root(*view_, id);
  if (!root) return fail(root);
  if (!*root) return no_such_lmdb_table(name);
  return &counts_.emplace(id, Count{.entries = (*root)->entries}).first->second;
}

TableInfo LmdbWriteTransaction::with_count(TableInfo info) const {
  const auto known = counts_.find(info.root.table);
  if (known != counts_.end()) info.root.entries = known->second.entries;
  return info;
}

Result<std::optional<TableInfo>> LmdbWriteTransaction::table(std::string_view name) {
  auto found = find_lmdb_table(view_, name);
  if (found && *found) found = with_count(**std::move(found));
  return found;
}

Result<std::vector<TableInfo>> LmdbWriteTransaction::tables() {
  auto all = list_lmdb_tables(view_);
  if (!all) return all;
  for (TableInfo& info : *all) info = with_count(std::move(info));
  return all;
}

Result<TableId> LmdbWriteTransaction::create_table(std::string_view name, const TableSpec& spec) {
  if (Status legal = check_new_table(name, spec); !legal) return fail(legal);
  const auto old = table(name);
  if (!old) return fail(old);
  if (*old) return fail(Error(ErrorCode::table_exists).with_detail(std::string(name)));
  is_changed_ = true;
  return add_lmdb_table(*view_, name, spec);
}

Status LmdbWriteTransaction::drop_table(std::string_view name) {
  const auto found = table(name);
  if (!found) return fail(found);
  if (!*found) return no_such_lmdb_table(name);
  is_changed_ = true;
  counts_.erase((*found)->root.table);
  return remove_lmdb_table(*view_, (*found)->root.table);
}

Status LmdbWriteTransaction::rename_table(std::string_view from, std::string_view to) {
  if (Status legal = check_table_name(to); !legal) return legal;
  auto found = table(from);
  if (!found) return fail(found);
  if (!*found) return no_such_lmdb_table(from);
  if (from == to) return {};
  const auto other = table(to);
  if (!other) return fail(other);
  if (*other) return fail(Error(ErrorCode::table_exists).with_detail(std::string(to)));
  is_changed_ = true;
  (*found)->name = to;
  return describe_lmdb_table(*view_, **found);
}

Result<bool> LmdbWriteTransaction::put(TableId id, std::string_view name, Bytes key, Bytes value,
                                       PutMode mode) {
  const auto count = count_of(id, name);
  if (!count) return fail(count);
  const auto stored = view_->put(id, key, value, mode);
  if (!stored) return stored;
  if (*stored && mode != PutMode::replace_only) {
    (*count)->is_changed = true;
    ++(*count)->entries;
  }
  is_changed_ = is_changed_ || *stored || mode == PutMode::upsert;
  return stored;
}

Result<MutableBytes> LmdbWriteTransaction::reserve(TableId id, std::string_view name, Bytes key,
                                                   std::uint64_t size) {
  const auto count = count_of(id, name);
  if (!count) return fail(count);
  if (lmdb_alignment_log2(id) != 0)
    return fail(Error(ErrorCode::invalid_argument)
                    .with_detail("LMDB lays values anywhere, and those of table " +
                                 std::string(name) + " are aligned: put them"));
  const auto room = view_->reserve(id, key, size);
  if (!room) return fail(room);
  if (room->is_new) ++(*count)->entries;
  (*count)->is_changed = (*count)->is_changed || room->is_new;
  is_changed_ = true;
  return room->bytes;
}

Result<bool> LmdbWriteTransaction::erase(TableId id, std::string_view name, Bytes key) {
  const auto count = count_of(id, name);
  if (!count) return fail(count);
  const auto erased = view_->erase(id, key);
  if (!erased || !*erased) return erased;
  (*count)->is_changed = true;
  --(*count)->entries;
  is_changed_ = true;
  return erased;
}

Result<std::optional<Value>> LmdbWriteTransaction::get(TableId id, std::string_view name,
                                                       Bytes key) {
  if (const auto count = count_of(id, name); !count) return fail(count);
  return view_->get(id, key);
}

Result<TreeRoot> LmdbWriteTransaction::root(TableId id, std::string_view name) {
  const auto count = count_of(id, name);
  if (!count) return fail(count);
  return TreeRoot{.page = {},
                  .table = id,
                  .entries = (*count)->entries,
                  .alignment_log2 = lmdb_alignment_log2(id)};
}

Status LmdbWriteTransaction::write_counts() {
  for (const auto& [id, count] : counts_) {
    if (!count.is_changed) continue;
    if (Status written = count_lmdb_table(*view_, id, count.entries); !written) return written;
  }
  return {};
}

Result<LmdbReceipt> LmdbWriteTransaction::commit(std::optional<Durability> durability) && {
  const TxnId id = is_changed_ ? txn() : TxnId{txn().value - 1};
  const LmdbEnvironment& environment = view_->environment();
  const bool is_synced = environment.settings().is_synced;
  const bool is_wanted = durability == Durability::full || durability == Durability::two_phase;
  if (Status written = write_counts(); !written) return fail(written);
  if (Status committed = view_->commit(); !committed) return fail(committed);
  if (!is_synced && is_wanted) {
    const Status synced = environment.sync();
    if (!synced)
      return fail(Error(ErrorCode::outcome_unknown)
                      .with_system(synced.error().system())
                      .with_detail(std::string(synced.error().detail())));
  }
  return LmdbReceipt{.txn = id, .is_durable = is_synced || is_wanted};
}

}  // namespace quire
