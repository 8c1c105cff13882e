// Files of every format version stay readable, and they are what docs/file-format.md says.
//
// To make the file of a new version (never again of one that was released):
//   QUIRE_WRITE_GOLDEN=tests/compat/golden/version2.quire compat_tests -tc="*writes*"
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "golden_content.hpp"
#include "quire/engine/file/memory_file.hpp"

namespace quire::test {
namespace {

/// What is written today, and what earlier versions wrote.
constexpr std::array versions{1, 2};

std::string name_of(int version) { return "version" + std::to_string(version); }

std::vector<std::byte> golden_file(int version) { return golden_bytes(name_of(version)); }

Options options_in(MemoryFileSystem& files, Access access) {
  Options options;
  options.access = access;
  options.create = Create::never;
  options.file_system = &files;
  return options;
}

/// Reads the file by the document alone, and compares every entry and every page.
void check_as_documented(Bytes content, int version) {
  DocumentedFile file(content);
  CHECK(file.meta("format_version") == static_cast<std::uint64_t>(version));
  CHECK(file.tables() == golden_tables(version));
  const DocumentedSpace space = file.space();
  const std::uint64_t first = 65536 / file.meta("page_size");
  CHECK(space.trees.size() + space.log.size() + space.free.size() ==
        file.meta("page_count") - first);
  std::set<std::uint64_t> all = space.trees;
  all.insert(space.log.begin(), space.log.end());
  all.insert(space.free.begin(), space.free.end());
  CHECK(all.size() == file.meta("page_count") - first);
  CHECK(*all.begin() == first);
  CHECK(*all.rbegin() == file.meta("page_count") - 1);
}

TEST_CASE("the golden files have what was put into them") {
  for (const int version : versions) {
    CAPTURE(version);
    MemoryFileSystem files;
    files.add_file("golden", golden_file(version)).value();
    const Database database =
        Database::open("golden", options_in(files, Access::read_only)).value();
    CHECK(tables_of(database) == golden_tables(version));
    CHECK(database.statistics().value().format_version == static_cast<std::uint32_t>(version));
    const CheckReport report = database.check().value();
    for (const Finding& finding : report.findings) MESSAGE(finding.text);
    CHECK(report.is_clean());
  }
}

TEST_CASE("the golden files are opened where they lie, and not changed") {
  for (const int version : versions) {
    CAPTURE(version);
    const std::vector<std::byte> before = golden_file(version);
    {
      Options options;
      options.access = Access::read_only;
      const Database database = Database::open(golden_path(name_of(version)), options).value();
      CHECK(tables_of(database) == golden_tables(version));
    }
    CHECK(golden_file(version) == before);
  }
}

std::vector<std::byte> content_of(MemoryFileSystem& files) {
  const auto file = files.open("golden", Access::read_only).value();
  const std::uint64_t size = file->size().value();
  const Bytes content = file->map(size).value().first(size);
  return {content.begin(), content.end()};
}

TEST_CASE("the golden files can be written on, and are files of today's version then") {
  for (const int version : versions) {
    CAPTURE(version);
    MemoryFileSystem files;
    files.add_file("golden", golden_file(version)).value();
    DocumentedTables expected = golden_tables(version);
    {
      const Database database =
          Database::open("golden", options_in(files, Access::read_write)).value();
      auto txn = database.begin_write().value();
      const TableId towns = txn.table("towns").value()->root.table;
      txn.put(towns, "towns", as_bytes("new"), as_bytes("town")).value();
      std::move(txn).commit().value();
      CHECK(database.check().value().is_clean());
    }
    expected["towns"].entries["new"] = "town";
    {
      const Database again = Database::open("golden", options_in(files, Access::read_only)).value();
      CHECK(tables_of(again) == expected);
      CHECK(again.check().value().is_clean());
    }
    const std::vector<std::byte> content = content_of(files);
    DocumentedFile file(content);
    CHECK(file.meta("format_version") == versions.back());
    CHECK(file.tables() == expected);
  }
}

TEST_CASE("the golden files are as the document says") {
  for (const int version : versions) check_as_documented(golden_file(version), version);
}

// Without this the golden file could come to hold less than it is there for.
TEST_CASE("the golden files have everything that the format has") {
  for (const int version : versions) {
    CAPTURE(version);
    const std::vector<std::byte> content = golden_file(version);
    DocumentedFile file(content);
    static_cast<void>(file.tables());
    const DocumentedSpace space = file.space();
    for (const std::string type :
         {"leaf", "rows", "branch", "overflow", "log_record", "log_checkpoint"}) {
      CAPTURE(type);
      CHECK(file.page_types().contains(type));
    }
    CHECK(file.page_types().at("branch") > file.impure_branches());
    CHECK(file.impure_branches() > 0);
    CHECK(space.free_before > 0);
    CHECK(space.pending > 0);
    CHECK((space.slot_records > 1) == (version > 1));
    CHECK((space.page_tails > 0) == (version > 1));
  }
}

TEST_CASE("the meta slots of the golden files have what was put into them") {
  for (const int version : versions) {
    CAPTURE(version);
    const std::vector<std::byte> content = golden_file(version);
    const DocumentedFile file(content);
    CHECK(file.meta("page_size") == golden_page_size);
    CHECK(file.meta("compatible_features") == 0);
    CHECK(file.meta("read_only_features") == 0);
    CHECK(file.meta("incompatible_features") == 0);
    CHECK(file.meta("durable") == file.meta("txn"));
    CHECK(file.meta("ceiling") > file.meta("txn"));
    // Six tables were made, one of which was dropped; since version 2, twelve more.
    CHECK(file.meta("next_table") == (version == 1 ? 7 : 19));
    CHECK(file.meta("catalog_entries") == 2 * golden_tables(version).size());
  }
}

TEST_CASE("today's code writes files that are as the document says") {
  const std::vector<std::byte> content = make_golden_file();
  CHECK(make_golden_file() == content);
  check_as_documented(content, versions.back());
  write_if_asked("QUIRE_WRITE_GOLDEN", content);
}

}  // namespace
}  // namespace quire::test
