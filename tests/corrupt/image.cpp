#include "image.hpp"

#include <algorithm>

#include "quire/engine/base/checksum.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/txn/meta.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t page_size = 4096;

std::string counted_key(std::uint32_t value) {
  std::string key;
  for (int shift = 24; shift >= 0; shift -= 8)
    key.push_back(static_cast<char>(value >> shift & 0xff));
  return key;
}

std::string letters(std::uint32_t seed, std::size_t size) {
  std::string text;
  for (std::uint32_t i = 0; text.size() < size; ++i)
    text.push_back(static_cast<char>('a' + (seed * 31 + i * i) % 26));
  return text;
}

Content make_content() {
  TableContent empty{"empty", "bool", "empty", 1, {}};
  TableContent large{"large", "string", "raw(align=16)", 16, {}};
  large.entries = {{"inline", letters(1, 40)}, {"run", letters(2, 5000)}, {"tiny", ""}};
  TableContent rows{"rows", "u32", "plain(u64)", 8, {}};
  for (std::uint32_t i = 0; i < 300; ++i)
    rows.entries.emplace_back(counted_key(2 * i), letters(i, 8));
  TableContent texts{"texts", "string", "text", 1, {}};
  for (std::uint32_t i = 100; i < 190; ++i)
    texts.entries.emplace_back("a shared beginning/" + std::to_string(i) + letters(i, i % 7),
                               letters(i, i % 53));
  return {empty, large, rows, texts};
}

Status write_content(const Database& database, const Content& content) {
  auto txn = database.begin_write();
  if (!txn) return fail(txn);
  for (const TableContent& table : content) {
    const TableSpec spec{table.alignment, table.key_descriptor, table.value_descriptor};
    const Result<TableId> id = txn->create_table(table.name, spec);
    if (!id) return fail(id);
    for (const auto& [key, value] : table.entries) {
      const auto put = txn->put(*id, table.name, as_bytes(key), as_bytes(value));
      if (!put) return fail(put);
    }
  }
  if (const auto done = std::move(*txn).commit(); !done) return fail(done);
  return {};
}

/// Puts what is there once more, so that pages die, and a table that goes again.
Status churn(const Database& database, const Content& content) {
  for (const std::size_t index : {std::size_t{1}, std::size_t{3}}) {
    auto txn = database.begin_write();
    if (!txn) return fail(txn);
    const TableContent& table = content[index];
    const auto info = txn->table(table.name);
    if (!info) return fail(info);
    for (const auto& [key, value] : table.entries) {
      const auto put = txn->put((*info)->root.table, table.name, as_bytes(key), as_bytes(value));
      if (!put) return fail(put);
    }
    if (const auto done = std::move(*txn).commit(); !done) return fail(done);
  }
  return {};
}

std::vector<std::byte> make_image() {
  MemoryFileSystem files;
  Options options;
  options.file_system = &files;
  options.checkpoint_after = 2;
  options.log_in_slots = false;
  {
    Database database = Database::open("image", options).value();
    write_content(database, image_content()).value();
    churn(database, image_content()).value();
    database.close().value();
  }
  std::vector<std::byte> bytes = bytes_of(files, "image");
  bytes.resize(std::size_t{page_count_of(bytes).value} * page_size);
  return bytes;
}

const layout::MetaSlot& slot_of(Bytes file, std::uint32_t slot) {
  return *overlay<layout::MetaSlot>(file.data() + slot_offset(slot));
}

std::string wrong_entry(const Snapshot& snapshot, const TableInfo& info,
                        const TableContent& expected, std::size_t index) {
  const auto& [key, value] = expected.entries[index];
  const auto found = snapshot.get(info.root, as_bytes(key));
  if (!found) return {};
  if (!*found) return "an entry of table '" + expected.name + "' is not found";
  return equal(**found, as_bytes(value)) ? "" : "another value is found in '" + expected.name + "'";
}

std::string wrong_table(const Snapshot& snapshot, const TableInfo& info,
                        const TableContent& expected, int& answered) {
  if (info.name != expected.name || info.key_descriptor != expected.key_descriptor ||
      info.value_descriptor != expected.value_descriptor ||
      info.root.alignment() != expected.alignment || info.root.entries != expected.entries.size())
    return "the catalog says something else of table '" + expected.name + "'";
  for (std::size_t i = 0; i < expected.entries.size(); i += 29)
    if (std::string wrong = wrong_entry(snapshot, info, expected, i); !wrong.empty()) return wrong;
  const auto absent = snapshot.get(info.root, as_bytes("not there"));
  if (absent && *absent) return "an entry is found that was never there";
  Cursor cursor = snapshot.cursor(info.root);
  std::size_t next = 0;
  Result<bool> at = cursor.seek_first();
  for (; at && *at; at = cursor.next(), ++next) {
    if (next == expected.entries.size()) return "table '" + expected.name + "' has more entries";
    const auto& [key, value] = expected.entries[next];
    if (!equal(cursor.key(), as_bytes(key))) return "'" + expected.name + "' has another key";
    const Result<Value> found = cursor.value();
    if (!found) return {};
    if (!equal(*found, as_bytes(value))) return "'" + expected.name + "' has another value";
  }
  if (!at) return {};
  if (next != expected.entries.size()) return "table '" + expected.name + "' ends early";
  ++answered;
  return {};
}

}  // namespace

const Content& image_content() {
  static const Content content = make_content();
  return content;
}

const std::vector<std::byte>& image() {
  static const std::vector<std::byte> bytes = make_image();
  return bytes;
}

Options options_for(FileSystem& files, Access access) {
  Options options;
  options.access = access;
  options.create = Create::never;
  options.reader_slots = 8;
  options.file_system = &files;
  return options;
}

std::vector<std::byte> bytes_of(MemoryFileSystem& files, const std::string& path) {
  const auto file = files.open(path, Access::read_only).value();
  const std::uint64_t size = file->size().value();
  const Bytes map = file->map(size).value().first(size);
  return {map.begin(), map.end()};
}

std::string wrong_answer(const Database& database, const Content& content, int& answered) {
  const Result<Snapshot> snapshot = database.snapshot();
  if (!snapshot) return {};
  const Result<std::vector<TableInfo>> tables = snapshot->tables();
  if (!tables) return {};
  if (tables->size() != content.size()) return "there are more or fewer tables";
  for (std::size_t i = 0; i < content.size(); ++i) {
    std::string wrong = wrong_table(*snapshot, (*tables)[i], content[i], answered);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

void seal_slot(MutableBytes file, std::uint32_t slot) {
  auto& meta = *overlay<layout::MetaSlot>(file.data() + slot_offset(slot));
  const auto sum =
      checksum128(Bytes(file.subspan(slot_offset(slot), offsetof(layout::MetaSlot, checksum))));
  meta.checksum[0] = sum[0];
  meta.checksum[1] = sum[1];
}

void seal_again(MutableBytes file, PageNo page) {
  const std::size_t base = std::size_t{page.value} * page_size;
  auto& header = *overlay<layout::PageHeader>(file.data() + base);
  std::size_t covered = page_size;
  if (header.type == static_cast<std::uint8_t>(layout::PageType::overflow)) {
    const auto& run = *overlay<layout::OverflowHeader>(file.data() + base);
    covered = std::min<std::uint64_t>(file.size() - base,
                                      overflow_header_size + std::uint64_t{run.value_length});
  }
  FileId id;
  std::ranges::copy(slot_of(file, 0).file_id, id.begin());
  const PageIdentity identity{page, {header.born}, {header.table}};
  seal_page(file.subspan(base, covered), identity, seed_of(id));
}

PageNo page_count_of(Bytes file) {
  std::uint32_t count = 0;
  for (std::uint32_t slot = 0; slot < layout::meta_slot_count; ++slot)
    count = std::max<std::uint32_t>(count, slot_of(file, slot).page_count);
  return {count};
}

}  // namespace quire::test
