// Tables of all formats stay readable by their types, and today's code stores the same bytes.
//
// To make the file of a new version (never again of one that was released):
//   QUIRE_WRITE_GOLDEN_FORMATS=tests/compat/golden/formats2.quire compat_tests -tc="*same keys*"
#include <doctest/doctest.h>

#include <compare>
#include <concepts>
#include <string>
#include <vector>

#include "documented_file.hpp"
#include "golden_content.hpp"
#include "golden_formats.hpp"

namespace quire::test {
namespace {

constexpr const char* file_name = "formats";

std::vector<std::byte> golden_formats_file() { return golden_bytes("formats1"); }

/// Commits stay in memory until the end, so that the file has each page once.
Storage storage_on(MemoryFileSystem& files) {
  return StorageBuilder(file_name)
      .with_backend(files)
      .with_page_size(golden_page_size)
      .with_durability(Durability::resident)
      .build()
      .value();
}

template <class V, class Format, class K, class Given>
auto build(Storage& storage, const std::string& name, const Format& format,
           const GoldenEntries<K, Given>&) {
  return storage.new_table<K, V>(name).with_value_format(format).build().value();
}

/// Creates the tables, or puts their entries again where they are.
void put_all(Storage& storage) {
  for_each_golden_table(
      [&]<class V>(const std::string& name, const auto& format, const auto& entries) {
        const auto table = build<V>(storage, name, format, entries);
        auto txn = storage.begin_write().value();
        auto editor = txn.table(table);
        for (const auto& [key, value] : entries) editor.put(key, value).value();
        std::move(txn).commit().value();
      });
}

// ---- Whether what is read is what was put

template <class K>
bool is_same_key(const K& left, const K& right) {
  if constexpr (std::floating_point<K>) {
    return std::is_eq(std::strong_order(left, right));
  } else {
    return left == right;
  }
}

bool is_same(std::uint32_t shown, std::uint32_t given) { return shown == given; }
bool is_same(std::string_view shown, const std::string& given) { return shown == given; }
bool is_same(const rkyv::RecordView<GoldenRecord>& shown, const GoldenRecord& given) {
  return shown.to_owned() == given && shown.counts().size() == given.counts.size();
}
bool is_same(const golden::Line& shown, const golden::LineT& given) {
  return shown.article()->str() == given.article && shown.count() == given.count;
}
bool is_same(const golden::Order& shown, const golden::OrderT& given) {
  bool is_right = shown.customer()->str() == given.customer && shown.priority() == given.priority &&
                  shown.extra_type() == given.extra.type &&
                  (shown.span() == nullptr) == (given.span == nullptr);
  if (shown.span() != nullptr) is_right &= shown.span()->to() == given.span->to();
  const auto lines = shown.lines() == nullptr ? 0 : shown.lines()->size();
  const auto codes = shown.codes() == nullptr ? 0 : shown.codes()->size();
  if (!is_right || lines != given.lines.size() || codes != given.codes.size()) return false;
  for (flatbuffers::uoffset_t n = 0; n < lines; ++n)
    is_right &= is_same(*shown.lines()->Get(n), *given.lines[n]);
  for (flatbuffers::uoffset_t n = 0; n < codes; ++n)
    is_right &= shown.codes()->Get(n) == given.codes[n];
  if (const auto* line = shown.extra_as_Line()) is_right &= is_same(*line, *given.extra.AsLine());
  return is_right;
}

/// By ranges, which must give the keys in the order of the entries, and one by one.
void check_all(Storage& storage) {
  for_each_golden_table(
      [&]<class V>(const std::string& name, const auto& format, const auto& entries) {
        CAPTURE(name);
        const auto table = build<V>(storage, name, format, entries);
        CHECK(table.size().value() == entries.size());
        auto expected = entries.begin();
        for (const auto& [key, shown] : table.range()) {
          REQUIRE(expected != entries.end());
          CHECK(is_same_key(key, expected->first));
          CHECK(is_same(*shown, expected->second));
          ++expected;
        }
        CHECK(expected == entries.end());
        for (const auto& [key, given] : entries) {
          const auto found = table.get(key).value();
          REQUIRE(found.has_value());
          CHECK(is_same(**found, given));
        }
      });
  CHECK(storage.check().value().is_clean());
}

// ---- Bytes

DocumentedTables tables_in(MemoryFileSystem& files) {
  Options options;
  options.access = Access::read_only;
  options.file_system = &files;
  return tables_of(Database::open(file_name, options).value());
}

/// What must be the same for ever: not the binary schema, whose words before it say the same, and
/// not the frames that another zstd makes.
DocumentedTables lasting_part(DocumentedTables tables) {
  DocumentedTable& orders = tables.at("orders");
  orders.value_descriptor.resize(orders.value_descriptor.find(",bfbs:"));
  for (auto& [key, value] : tables.at("texts").entries) value.clear();
  return tables;
}

std::vector<std::byte> file_in(MemoryFileSystem& files) {
  const auto file = files.open(file_name, Access::read_only).value();
  const Bytes content = file->map(file->size().value()).value().first(file->size().value());
  return {content.begin(), content.end()};
}

TEST_CASE("the golden file of formats is read by its types") {
  MemoryFileSystem files;
  files.add_file(file_name, golden_formats_file()).value();
  Storage storage = storage_on(files);
  CHECK(storage.tables().value().size() == 13);
  check_all(storage);
}

TEST_CASE("the golden file of formats can be written on") {
  MemoryFileSystem files;
  files.add_file(file_name, golden_formats_file()).value();
  const DocumentedTables before = tables_in(files);
  {
    Storage storage = storage_on(files);
    put_all(storage);
    check_all(storage);
    storage.close().value();
  }
  CHECK(lasting_part(tables_in(files)) == lasting_part(before));
}

TEST_CASE("the golden file of formats is as the document says") {
  MemoryFileSystem files;
  files.add_file(file_name, golden_formats_file()).value();
  const std::vector<std::byte> content = golden_formats_file();
  CHECK(DocumentedFile(content).tables() == tables_in(files));
}

TEST_CASE("today's code stores the same keys and values as the golden file of formats") {
  MemoryFileSystem files;
  {
    Storage storage = storage_on(files);
    put_all(storage);
    check_all(storage);
    storage.close().value();
  }
  write_if_asked("QUIRE_WRITE_GOLDEN_FORMATS", file_in(files));
  MemoryFileSystem golden_files;
  golden_files.add_file(file_name, golden_formats_file()).value();
  const DocumentedTables expected = lasting_part(tables_in(golden_files));
  const DocumentedTables written = lasting_part(tables_in(files));
  for (const auto& [name, table] : expected) {
    CAPTURE(name);
    REQUIRE(written.contains(name));
    CHECK(written.at(name).key_descriptor == table.key_descriptor);
    CHECK(written.at(name).value_descriptor == table.value_descriptor);
    CHECK(written.at(name) == table);
  }
  CHECK(written.size() == expected.size());
}

}  // namespace
}  // namespace quire::test
