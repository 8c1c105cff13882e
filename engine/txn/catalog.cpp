#include "quire/engine/txn/catalog.hpp"

#include <bit>
#include <utility>

#include "quire/engine/tree/lookup.hpp"

namespace quire {
namespace {

using layout::DescriptorHeader;
using layout::TableRecord;

Failure damaged(std::string_view name) {
  return fail(Error(ErrorCode::corrupt)
                  .with_detail("the catalog entry of table '" + std::string(name) + "'"));
}

/// A record in the file may not name a page that is in memory only.
Result<TableInfo> decode_record(const Pages& pages, std::string_view name, Bytes bytes) {
  if (bytes.size() != sizeof(TableRecord)) return damaged(name);
  const auto& record = *overlay<TableRecord>(bytes.data());
  const PageRef root = PageRef::from_raw(record.root);
  const std::uint64_t entries = record.entry_count;
  const bool is_sound = record.id != 0 && record.level <= max_level &&
                        record.alignment_log2 <= layout::max_alignment_log2 &&
                        root.is_none() == (entries == 0) &&
                        !(root.is_in_arena() && pages.are_in_file(bytes));
  if (!is_sound) return damaged(name);
  TableInfo table;
  table.name = name;
  table.created = {record.created};
  table.root = {.page = root,
                .table = {record.id},
                .entries = entries,
                .level = record.level,
                .alignment_log2 = record.alignment_log2};
  return table;
}

Status add_descriptors(const Pages& pages, const TreeRoot& catalog, TableInfo& table) {
  const Result<std::optional<Value>> found =
      lookup(pages, catalog, as_bytes(descriptor_key(table.root.table)));
  if (!found) return fail(found);
  if (!*found || (*found)->size() < sizeof(DescriptorHeader)) return damaged(table.name);
  const auto& header = *overlay<DescriptorHeader>((*found)->data());
  const Bytes texts = (*found)->subspan(sizeof(DescriptorHeader));
  const std::uint64_t key_size = header.key_size;
  if (key_size + header.value_size != texts.size()) return damaged(table.name);
  table.key_descriptor = as_text(texts.first(key_size));
  table.value_descriptor = as_text(texts.subspan(key_size));
  return {};
}

/// Calls visit with each table's record, by name, until it says that this was enough.
template <class Visit>
Result<bool> visit_records(const Pages& pages, const TreeRoot& catalog, const Visit& visit) {
  Cursor cursor(pages, catalog);
  Result<bool> at = cursor.seek_first();
  for (; at && *at; at = cursor.next()) {
    const Bytes key = cursor.key();
    if (key.empty() || key.front() != layout::table_record_tag) continue;
    const Result<Value> record = cursor.value();
    if (!record) return fail(record);
    Result<TableInfo> table = decode_record(pages, as_text(key.subspan(1)), *record);
    if (!table) return fail(table);
    const Result<bool> is_enough = visit(*table);
    if (!is_enough || *is_enough) return is_enough;
  }
  return at;
}

}  // namespace

std::string record_key(std::string_view table_name) {
  std::string key(1, static_cast<char>(layout::table_record_tag));
  return key.append(table_name);
}

std::string descriptor_key(TableId table) {
  std::string key(1, static_cast<char>(layout::descriptor_tag));
  for (int shift = 24; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(table.value >> shift & 0xff));
  return key;
}

layout::TableRecord encode_record(const TreeRoot& root, TxnId created) {
  TableRecord record{};
  record.id = root.table.value;
  record.root = root.page.raw();
  record.entry_count = root.entries;
  record.created = created.value;
  record.level = root.level;
  record.alignment_log2 = root.alignment_log2;
  return record;
}

std::vector<std::byte> encode_descriptors(std::string_view key, std::string_view value) {
  std::vector<std::byte> bytes(sizeof(DescriptorHeader) + key.size() + value.size());
  DescriptorHeader header{};
  header.key_size = static_cast<std::uint32_t>(key.size());
  header.value_size = static_cast<std::uint32_t>(value.size());
  *overlay<DescriptorHeader>(bytes.data()) = header;
  copy_bytes(bytes.data() + sizeof(header), as_bytes(key));
  copy_bytes(bytes.data() + sizeof(header) + key.size(), as_bytes(value));
  return bytes;
}

Result<std::optional<TableInfo>> find_record(const Pages& pages, const TreeRoot& catalog,
                                             std::string_view name) {
  const Result<std::optional<Value>> found = lookup(pages, catalog, as_bytes(record_key(name)));
  if (!found) return fail(found);
  if (!*found) return std::optional<TableInfo>();
  Result<TableInfo> table = decode_record(pages, name, **found);
  if (!table) return fail(table);
  return std::optional<TableInfo>(*std::move(table));
}

Result<std::optional<TableInfo>> find_record(const Pages& pages, const TreeRoot& catalog,
                                             TableId id, std::string_view name) {
  Result<std::optional<TableInfo>> found = find_record(pages, catalog, name);
  if (!found || (*found && (*found)->root.table == id)) return found;
  std::optional<TableInfo> renamed;
  const Result<bool> searched =
      visit_records(pages, catalog, [&](const TableInfo& table) -> Result<bool> {
        if (table.root.table == id) renamed = table;
        return renamed.has_value();
      });
  if (!searched) return fail(searched);
  return renamed;
}

Result<std::optional<TreeRoot>> find_root(const Pages& pages, const State& state, TableId id,
                                          std::string_view name) {
  if (const TreeRoot* near = state.near_root(id)) [[likely]]
    return std::optional(*near);
  const Result<std::optional<TableInfo>> found = find_record(pages, state.catalog, id, name);
  if (!found) return fail(found);
  return *found ? std::optional((*found)->root) : std::optional<TreeRoot>();
}

Result<std::optional<TableInfo>> find_table(const Pages& pages, const TreeRoot& catalog,
                                            std::string_view name) {
  Result<std::optional<TableInfo>> found = find_record(pages, catalog, name);
  if (!found || !*found) return found;
  if (Status added = add_descriptors(pages, catalog, **found); !added) return fail(added);
  return found;
}

Result<std::vector<TableInfo>> list_tables(const Pages& pages, const TreeRoot& catalog) {
  std::vector<TableInfo> tables;
  const Result<bool> ended = visit_records(pages, catalog, [&](TableInfo& table) -> Result<bool> {
    if (Status added = add_descriptors(pages, catalog, table); !added) return fail(added);
    tables.push_back(std::move(table));
    return false;
  });
  if (!ended) return fail(ended);
  return tables;
}

}  // namespace quire
