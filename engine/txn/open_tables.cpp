// The tables of a write transaction: made, dropped, renamed and told of.

#include <algorithm>
#include <bit>
#include <utility>

#include "quire/engine/txn/catalog.hpp"
#include "quire/engine/txn/open_transaction.hpp"
#include "quire/engine/txn/table_info.hpp"

namespace quire {
namespace {

Failure refused(const char* why) {
  return fail(Error(ErrorCode::invalid_argument).with_detail(why));
}

}  // namespace

Status check_table_name(std::string_view name) {
  if (name.empty()) return refused("a table's name must not be empty");
  if (name.size() > layout::max_table_name_size)
    return refused("a table's name has at most 512 bytes");
  return {};
}

Status check_new_table(std::string_view name, const TableSpec& spec) {
  if (Status legal = check_table_name(name); !legal) return legal;
  if (!std::has_single_bit(spec.value_alignment) ||
      spec.value_alignment > layout::max_value_alignment)
    return refused("a value alignment is a power of two from 1 to 64");
  if (spec.key_descriptor.size() + spec.value_descriptor.size() > layout::max_descriptor_size)
    return refused("the two descriptors of a table have at most 1 MiB together");
  return {};
}

/// What the catalog's record says of a table, with this transaction's edits of it.
TreeRoot OpenTransaction::current_root(const TableInfo& stored) {
  const auto open = tables_.find(stored.root.table);
  return open == tables_.end() ? base_.root_of(stored.root) : open->second.editor.root();
}

bool OpenTransaction::is_dropped(TableId id) const {
  return std::find(dropped_.begin(), dropped_.end(), id) != dropped_.end();
}

Result<std::optional<TableInfo>> OpenTransaction::table(std::string_view name) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  if (Status done = flush(); !done) return watched<std::optional<TableInfo>>(fail(done));
  Result<std::optional<TableInfo>> found = quire::find_table(context_.pages, catalog_.root(), name);
  if (found && *found) (*found)->root = current_root(**found);
  return found;
}

Result<std::vector<TableInfo>> OpenTransaction::tables() {
  if (Status sound = check_sound(); !sound) return fail(sound);
  if (Status done = flush(); !done) return watched<std::vector<TableInfo>>(fail(done));
  Result<std::vector<TableInfo>> all = list_tables(context_.pages, catalog_.root());
  if (!all) return all;
  for (TableInfo& table : *all) table.root = current_root(table);
  return all;
}

Result<TableId> OpenTransaction::create_table(std::string_view name, const TableSpec& spec) {
  if (Status sound = check_sound(); !sound) return fail(sound);
  if (Status legal = check_new_table(name, spec); !legal) return fail(legal);
  if (Status done = settle_reservation(); !done) return fail(done);
  const Result<std::optional<TableInfo>> old = find_record(context_.pages, catalog_.root(), name);
  if (!old) return fail(old);
  if (*old) return fail(Error(ErrorCode::table_exists).with_detail(std::string(name)));
  if (next_table_.value == UINT32_MAX)
    return fail(Error(ErrorCode::full).with_detail("no table ids are left"));

  const TableId id = next_table_;
  const TreeRoot root{
      .page = {},
      .table = id,
      .alignment_log2 = static_cast<std::uint8_t>(std::countr_zero(spec.value_alignment))};
  const layout::TableRecord record = encode_record(root, txn());
  const std::vector<std::byte> texts =
      encode_descriptors(spec.key_descriptor, spec.value_descriptor);
  const Result<EditOutcome> recorded = store(catalog_, as_bytes(record_key(name)),
                                             std::as_bytes(std::span(&record, 1)), PutMode::upsert);
  if (!recorded) return watched<TableId>(fail(recorded));
  const Result<EditOutcome> described =
      store(catalog_, as_bytes(descriptor_key(id)), texts, PutMode::upsert);
  if (!described) return watched<TableId>(fail(described));
  next_table_ = {id.value + 1};
  add_table(name, root).created = txn();
  return id;
}

Status OpenTransaction::drop_table(std::string_view name) {
  if (Status sound = check_sound(); !sound) return sound;
  if (Status done = settle_reservation(); !done) return done;
  if (Status done = set_appender(nullptr); !done) return done;
  if (Status done = flush(); !done) return watched<void>(fail(done));
  const Result<std::optional<TableInfo>> found = find_record(context_.pages, catalog_.root(), name);
  if (!found) return fail(found);
  if (!*found) return no_such_table(name);
  const TableId id = (*found)->root.table;
  const Result<OpenTable*> table = open_table(id, name);
  if (!table) return fail(table);
  count_erased((*table)->editor.root().entries);
  if (Status cleared = (*table)->editor.clear(); !cleared) return watched<void>(cleared);
  for (const std::string& key : {record_key(name), descriptor_key(id)}) {
    const Result<EditOutcome> erased = catalog_.erase(as_bytes(key));
    if (!erased) return watched<void>(fail(erased));
    if (Status done = release_run(*erased, catalog_table); !done) return watched<void>(done);
  }
  note_change();
  last_table_ = nullptr;
  tables_.erase(id);
  dropped_.push_back(id);
  return {};
}

Status OpenTransaction::rename_table(std::string_view from, std::string_view to) {
  if (Status sound = check_sound(); !sound) return sound;
  if (Status legal = check_table_name(to); !legal) return legal;
  if (Status done = settle_reservation(); !done) return done;
  const Result<std::optional<TableInfo>> found = find_record(context_.pages, catalog_.root(), from);
  if (!found) return fail(found);
  if (!*found) return no_such_table(from);
  if (from == to) return {};
  const Result<std::optional<TableInfo>> other = find_record(context_.pages, catalog_.root(), to);
  if (!other) return fail(other);
  if (*other) return fail(Error(ErrorCode::table_exists).with_detail(std::string(to)));
  return watched<void>(move_record(**found, to));
}

/// The record says what the file's catalog said: commit() tells it of a changed tree.
Status OpenTransaction::move_record(const TableInfo& table, std::string_view name) {
  const Result<OpenTable*> open = find_table(table.root.table, table.name);
  if (!open) return fail(open);
  const layout::TableRecord record = encode_record(table.root, table.created);
  const Result<EditOutcome> recorded = store(catalog_, as_bytes(record_key(name)),
                                             std::as_bytes(std::span(&record, 1)), PutMode::upsert);
  if (!recorded) return fail(recorded);
  const Result<EditOutcome> erased = catalog_.erase(as_bytes(record_key(table.name)));
  if (!erased) return fail(erased);
  (*open)->name = name;
  return release_run(*erased, catalog_table);
}

Result<TxnId> OpenTransaction::changed(const TreeRoot& root) const {
  if (root.page.is_none()) return TxnId{};
  const Result<PageView> page =
      context_.pages.page(root.page, {root.table, root.level, context_.pages.newest()});
  if (!page) return fail(page);
  return page->born();
}

}  // namespace quire
