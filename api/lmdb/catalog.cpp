#include "quire/api/lmdb/catalog.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "quire/api/lmdb/cursor.hpp"
#include "quire/engine/base/little_endian.hpp"
#include "quire/engine/base/overlay.hpp"

namespace quire {
namespace {

constexpr std::string_view magic = "quire in LMDB\r\n\n";
constexpr std::uint32_t newest_version = 1;

struct LmdbHeader {
  std::array<char, 16> magic;  //  0
  U32le version;               // 16
  U32le next_number;           // 20  of the table that is made next
};
static_assert(sizeof(LmdbHeader) == 24 && magic.size() == 16);

/// What a table is; its name and descriptors follow it.
struct LmdbDescription {
  U64le created;              //  0  the transaction
  U32le name_size;            //  8
  U32le key_descriptor_size;  // 12
};
static_assert(sizeof(LmdbDescription) == 16);

enum class RecordKind : char { description = 'd', count = 'n' };

/// Where the catalog has a table's record of this kind.
std::string lmdb_record_key(RecordKind kind, TableId id) {
  std::string key(1, static_cast<char>(kind));
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(id.value >> shift & 0xFF);
  return key;
}

TableId id_in_record_key(Bytes key) {
  TableId id;
  for (const std::byte byte : key.subspan(1))
    id.value = id.value << 8 | static_cast<std::uint8_t>(byte);
  return id;
}

template <OnDisk T>
Bytes lmdb_record_bytes(const T& record) {
  return std::as_bytes(std::span(&record, 1));
}

Failure bad_lmdb_catalog(const char* what) {
  return fail(Error(ErrorCode::corrupt).with_detail(std::string("the catalog in LMDB: ") + what));
}

Status put_record(LmdbView& view, std::string_view key, Bytes record) {
  const auto stored = view.put(catalog_table, as_bytes(key), record, PutMode::upsert);
  return stored ? Status() : fail(stored);
}

/// Needs a header.
Result<LmdbHeader> read_header(const LmdbView& view) {
  const auto stored = view.get(catalog_table, {});
  if (!stored) return fail(stored);
  if (!*stored || (*stored)->size() != sizeof(LmdbHeader)) return bad_lmdb_catalog("its header");
  return *overlay<LmdbHeader>((*stored)->data());
}

/// Nothing when there is none: the table does not exist.
Result<std::optional<std::uint64_t>> read_count(const LmdbView& view, TableId id) {
  const auto stored = view.get(catalog_table, as_bytes(lmdb_record_key(RecordKind::count, id)));
  if (!stored) return fail(stored);
  if (!*stored) return std::optional<std::uint64_t>();
  if ((*stored)->size() != sizeof(U64le)) return bad_lmdb_catalog("a count of entries");
  return std::uint64_t{*overlay<U64le>((*stored)->data())};
}

/// Without the count.
Result<TableInfo> decode_description(const LmdbEntry& entry) {
  const Bytes record = entry.value;
  if (entry.key.size() != 5 || record.size() < sizeof(LmdbDescription))
    return bad_lmdb_catalog("the description of a table");
  const auto& head = *overlay<LmdbDescription>(record.data());
  const std::string_view texts = as_text(record.subspan(sizeof(LmdbDescription)));
  const std::size_t name_size = head.name_size;
  const std::size_t key_size = head.key_descriptor_size;
  if (name_size > texts.size() || key_size > texts.size() - name_size)
    return bad_lmdb_catalog("the sizes in the description of a table");
  const TableId id = id_in_record_key(entry.key);
  return TableInfo{.name = std::string(texts.substr(0, name_size)),
                   .root = {.page = {}, .table = id, .alignment_log2 = lmdb_alignment_log2(id)},
                   .created = TxnId{head.created},
                   .key_descriptor = std::string(texts.substr(name_size, key_size)),
                   .value_descriptor = std::string(texts.substr(name_size + key_size))};
}

Status read_count_into(const LmdbView& view, TableInfo& info) {
  const auto count = read_count(view, info.root.table);
  if (!count) return fail(count);
  if (!*count) return bad_lmdb_catalog("a table without a count of entries");
  info.root.entries = **count;
  return {};
}

/// Calls visit with each description, until it returns false.
template <class Visit>
Status for_each_description(const std::shared_ptr<LmdbView>& view, const Visit& visit) {
  LmdbCursor cursor(view, TreeRoot{.page = {}, .table = catalog_table});
  auto moved = cursor.seek(as_bytes("d"));
  for (; moved && *moved && as_text(cursor.key()).front() == 'd'; moved = cursor.next()) {
    const auto value = cursor.value();
    if (!value) return fail(value);
    auto info = decode_description({.key = cursor.key(), .value = *value});
    if (!info) return fail(info);
    if (!visit(*info)) return {};
  }
  return moved ? Status() : fail(moved);
}

}  // namespace

Result<bool> has_lmdb_header(const LmdbView& view) {
  const auto stored = view.get(catalog_table, {});
  if (!stored) return fail(stored);
  if (!*stored || (*stored)->size() < sizeof(LmdbHeader)) return false;
  const auto& header = *overlay<LmdbHeader>((*stored)->data());
  if (std::string_view(header.magic.data(), header.magic.size()) != magic) return false;
  if (header.version > newest_version)
    return fail(Error(ErrorCode::format_too_new).with_detail(view.environment().path()));
  return true;
}

Status write_lmdb_header(LmdbEnvironment& environment) {
  const auto view = environment.write();
  if (!view) return fail(view);
  LmdbHeader header{.magic = {}, .version = newest_version, .next_number = 1};
  std::ranges::copy(magic, header.magic.begin());
  const auto put = (*view)->put(catalog_table, {}, lmdb_record_bytes(header), PutMode::insert_only);
  if (!put) return fail(put);
  return (*view)->commit();
}

Result<std::optional<TreeRoot>> find_lmdb_root(const LmdbView& view, TableId id) {
  const auto count = read_count(view, id);
  if (!count) return fail(count);
  if (!*count) return std::optional<TreeRoot>();
  return TreeRoot{
      .page = {}, .table = id, .entries = **count, .alignment_log2 = lmdb_alignment_log2(id)};
}

Result<std::optional<TableInfo>> find_lmdb_table(const std::shared_ptr<LmdbView>& view,
                                                 std::string_view name) {
  std::optional<TableInfo> found;
  const Status looked = for_each_description(view, [&](TableInfo& info) {
    if (info.name == name) found = std::move(info);
    return !found;
  });
  if (!looked) return fail(looked);
  if (!found) return found;
  if (const Status counted = read_count_into(*view, *found); !counted) return fail(counted);
  return found;
}

Result<std::vector<TableInfo>> list_lmdb_tables(const std::shared_ptr<LmdbView>& view) {
  std::vector<TableInfo> all;
  const Status looked = for_each_description(view, [&](TableInfo& info) {
    all.push_back(std::move(info));
    return true;
  });
  if (!looked) return fail(looked);
  for (TableInfo& info : all) {
    if (const Status counted = read_count_into(*view, info); !counted) return fail(counted);
  }
  std::ranges::sort(all, {}, &TableInfo::name);
  return all;
}

Result<TableId> add_lmdb_table(LmdbView& view, std::string_view name, const TableSpec& spec) {
  auto header = read_header(view);
  if (!header) return fail(header);
  const std::uint32_t number = header->next_number;
  if (number > std::numeric_limits<std::uint32_t>::max() / 8)
    return fail(Error(ErrorCode::full).with_detail("no table ids are left"));
  header->next_number = number + 1;
  const auto log2 = static_cast<std::uint32_t>(std::countr_zero(spec.value_alignment));
  const TableId id{number * 8 + log2};
  if (Status put = put_record(view, {}, lmdb_record_bytes(*header)); !put) return fail(put);
  const TableInfo info{.name = std::string(name),
                       .root = {.page = {}, .table = id},
                       .created = view.txn(),
                       .key_descriptor = spec.key_descriptor,
                       .value_descriptor = spec.value_descriptor};
  if (Status described = describe_lmdb_table(view, info); !described) return fail(described);
  if (Status counted = count_lmdb_table(view, id, 0); !counted) return fail(counted);
  return id;
}

Status describe_lmdb_table(LmdbView& view, const TableInfo& info) {
  const LmdbDescription head{
      .created = info.created.value,
      .name_size = static_cast<std::uint32_t>(info.name.size()),
      .key_descriptor_size = static_cast<std::uint32_t>(info.key_descriptor.size())};
  std::string record(as_text(lmdb_record_bytes(head)));
  record.append(info.name).append(info.key_descriptor).append(info.value_descriptor);
  return put_record(view, lmdb_record_key(RecordKind::description, info.root.table),
                    as_bytes(record));
}

Status remove_lmdb_table(LmdbView& view, TableId id) {
  for (const RecordKind kind : {RecordKind::description, RecordKind::count}) {
    const auto erased = view.erase(catalog_table, as_bytes(lmdb_record_key(kind, id)));
    if (!erased) return fail(erased);
  }
  return view.erase_all(id);
}

Status count_lmdb_table(LmdbView& view, TableId id, std::uint64_t entries) {
  const U64le count = entries;
  return put_record(view, lmdb_record_key(RecordKind::count, id), lmdb_record_bytes(count));
}

}  // namespace quire
