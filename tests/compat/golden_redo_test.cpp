// A file that was left with records in its redo log stays readable, and its log is what
// docs/file-format.md says.
//
// To make the file of a new version (never again of one that was released):
//   QUIRE_WRITE_GOLDEN=tests/compat/golden/redo2.quire compat_tests -tc="*golden redo*written*"
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden_content.hpp"
#include "quire/engine/base/checksum.hpp"
#include "quire/engine/file/memory_file.hpp"
#include "support/crash_disk.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t log_size = 16384;

/// Two tables, of which the slot tells one's tree and the catalog the other's.
constexpr const char* near_table = "near";
constexpr const char* far_table = "far";
constexpr int far_id = 20;

std::vector<std::byte> golden_file() { return golden_bytes("redo2"); }

DocumentedTables golden_tables_with_redo() {
  DocumentedTables tables{{near_table, {"", "", 8, {}}}, {far_table, {"", "", 1, {}}}};
  for (int count = 0; count < 30; ++count) {
    if (count % 3 != 1) tables[near_table].entries["key " + std::to_string(count)] = "recorded";
    tables[far_table].entries[std::string(40, static_cast<char>('a' + count % 26))] =
        std::string(static_cast<std::size_t>(count % 26), 'v');
  }
  return tables;
}

/// A program that is killed when its last commits were recorded. The same bytes each time.
std::vector<std::byte> make_golden_redo_file() {
  CrashDisk disk;
  Options options;
  options.page_size = golden_page_size;
  options.redo_log_size = log_size;
  options.file_system = &disk;
  const Database database = Database::open("golden", options).value();
  WriteTransaction tables = database.begin_write().value();
  const TableId near = tables.create_table(near_table, {8, "", ""}).value();
  for (int passing = 2; passing < far_id; ++passing) {
    tables.create_table("passing", {}).value();
    tables.drop_table("passing").value();
  }
  const TableId far = tables.create_table(far_table, {}).value();
  for (int count = 0; count < 10; ++count) {
    const std::string key = "key " + std::to_string(count);
    tables.put(near, near_table, as_bytes(key), as_bytes("written")).value();
  }
  std::move(tables).commit().value();
  const DocumentedTables wanted = golden_tables_with_redo();
  for (int count = 0; count < 30; ++count) {
    WriteTransaction txn = database.begin_write().value();
    const std::string key = "key " + std::to_string(count);
    txn.put(near, near_table, as_bytes(key), as_bytes("recorded")).value();
    if (count % 3 == 1) txn.erase(near, near_table, as_bytes(key)).value();
    const std::string name(40, static_cast<char>('a' + count % 26));
    txn.put(far, far_table, as_bytes(name), as_bytes(wanted.at(far_table).entries.at(name)))
        .value();
    std::move(txn).commit().value();
  }
  disk.kill_process();
  const auto file = disk.open("golden", Access::read_only).value();
  const Bytes content = file->map(file->size().value()).value().first(file->size().value());
  return {content.begin(), content.end()};
}

/// What the log says by the document alone.
class DocumentedRedo {
 public:
  explicit DocumentedRedo(Bytes file) : bytes_(file), file_(file) {}

  /// Does the edits of all records; how many records there are.
  int apply(DocumentedTables& tables, const std::map<std::uint64_t, std::string>& names) const {
    const std::uint64_t slot = file_.newest_slot() * 16384;
    const std::uint64_t area = slot + file_.place("MetaSlot", "redo").offset;
    const std::uint64_t begin = field(area, "RedoArea", "first_page") * file_.meta("page_size");
    const std::uint64_t end =
        begin + field(area, "RedoArea", "page_count") * file_.meta("page_size");
    const DocumentedField id = file_.place("MetaSlot", "file_id");
    const std::uint64_t file_seed = checksum64(bytes_.subspan(slot + id.offset, id.size), 0);
    const U64le txn = file_.meta("txn");
    const std::uint64_t seed = checksum64(std::as_bytes(std::span(&txn, 1)), file_seed);
    std::uint64_t previous = 0;
    int records = 0;
    for (std::uint64_t at = begin; at + 40 <= end; ++records) {
      const std::uint64_t size = field(at, "RedoRecordHeader", "size");
      if (size < 40 || size % 8 != 0 || at + size > end) break;
      const std::uint64_t sum = field(at, "RedoRecordHeader", "checksum");
      if (sum != checksum64(bytes_.subspan(at + 8, size - 8), seed ^ (at - begin))) break;
      if (field(at, "RedoRecordHeader", "previous") != previous) break;
      apply(at, tables, names);
      previous = sum;
      at += size;
    }
    return records;
  }

 private:
  [[nodiscard]] std::uint64_t field(std::uint64_t base, const std::string& of,
                                    const std::string& name) const {
    return file_.field(base, of, name);
  }

  void apply(std::uint64_t record, DocumentedTables& tables,
             const std::map<std::uint64_t, std::string>& names) const {
    std::uint64_t at = record + 40;
    const std::uint64_t count = field(record, "RedoRecordHeader", "edit_count");
    for (std::uint64_t edit = 0; edit < count; ++edit) {
      const std::uint64_t key_size = field(at, "RedoEditHeader", "key_size");
      const std::uint64_t value_size = field(at, "RedoEditHeader", "value_size");
      auto& entries = tables.at(names.at(field(at, "RedoEditHeader", "table"))).entries;
      const std::string key(as_text(bytes_.subspan(at + 8, key_size)));
      at += 8 + key_size;
      entries.erase(key);
      if (value_size == 65535) continue;
      entries[key] = as_text(bytes_.subspan(at, value_size));
      at += value_size;
    }
  }

  Bytes bytes_;
  DocumentedFile file_;
};

TEST_CASE("the golden redo file has what was written and what was recorded") {
  for (const Access access : {Access::read_only, Access::read_write}) {
    MemoryFileSystem files;
    files.add_file("golden", golden_file()).value();
    Options options;
    options.access = access;
    options.create = Create::never;
    options.file_system = &files;
    const Database database = Database::open("golden", options).value();
    CHECK(tables_of(database) == golden_tables_with_redo());
  }
}

TEST_CASE("the golden redo file is what the document says") {
  const std::vector<std::byte> content = golden_file();
  DocumentedFile file(content);
  CHECK(file.meta("incompatible_features") == 1);
  DocumentedTables tables = file.tables();
  CHECK(tables != golden_tables_with_redo());
  const int records = DocumentedRedo(content).apply(tables, {{1, near_table}, {far_id, far_table}});
  CHECK(records == 30);
  CHECK(tables == golden_tables_with_redo());
}

// Law: what is written today has the form of the golden file, byte for byte.
TEST_CASE("the golden redo file is the one that is written today") {
  const std::vector<std::byte> content = make_golden_redo_file();
  write_if_asked("QUIRE_WRITE_GOLDEN", content);
  CHECK(content == golden_file());
}

}  // namespace
}  // namespace quire::test
