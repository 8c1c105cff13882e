// Arguments that cannot be: a clear error each, the transaction goes on, and nothing is changed.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <string>

#include "image.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/quire.hpp"

namespace quire::test {
namespace {

/// Address space of a given size that no memory stands behind.
class AddressSpace {
 public:
  explicit AddressSpace(std::size_t size) : size_(size) {
    base_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(base_ != MAP_FAILED);
  }
  ~AddressSpace() { ::munmap(base_, size_); }
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;
  [[nodiscard]] Bytes bytes() const { return {static_cast<const std::byte*>(base_), size_}; }

 private:
  void* base_;
  std::size_t size_;
};

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "done" : std::string(name(result.error().code()));
}

/// A new database with one table "table".
struct Setting {
  explicit Setting(std::uint32_t page_size = 4096) {
    Options options;
    options.page_size = page_size;
    options.file_system = &files;
    database.emplace(Database::open("file", options).value());
    auto txn = database->begin_write().value();
    id = txn.create_table("table", {}).value();
    std::move(txn).commit().value();
  }

  MemoryFileSystem files;
  std::optional<Database> database;
  TableId id;
};

TEST_CASE("the longest key is a quarter of a page, and a longer one is refused") {
  for (std::uint32_t page_size = 4096; page_size <= 65536; page_size *= 2) {
    CAPTURE(page_size);
    Setting setting(page_size);
    auto txn = setting.database->begin_write().value();
    const std::string longest(page_size / 4, 'k');
    const std::string longer(page_size / 4 + 1, 'k');
    CHECK(code_of(txn.put(setting.id, "table", as_bytes(longer), {})) == "key_too_long");
    CHECK(code_of(txn.put(setting.id, "table", as_bytes(longest), as_bytes("v"))) == "done");
    CHECK(code_of(std::move(txn).commit()) == "done");
    const Snapshot snapshot = setting.database->snapshot().value();
    const TreeRoot root = snapshot.root(setting.id, "table").value().value();
    CHECK(root.entries == 1);
    CHECK(equal(snapshot.get(root, as_bytes(longest)).value().value(), as_bytes("v")));
    CHECK(!snapshot.get(root, as_bytes(longer)).value());
  }
}

TEST_CASE("the message about a long key says how long it is and may be") {
  Setting setting;
  auto txn = setting.database->begin_write().value();
  const auto put = txn.put(setting.id, "table", as_bytes(std::string(1234, 'k')), {});
  REQUIRE(!put);
  CHECK(put.error().message().find("1234") != std::string::npos);
  CHECK(put.error().message().find("1024") != std::string::npos);
}

TEST_CASE("a value above the limit is refused before a byte of it is read") {
  Setting setting;
  const AddressSpace space(layout::max_value_size + 1);
  auto txn = setting.database->begin_write().value();
  const auto put = txn.put(setting.id, "table", as_bytes("key"), space.bytes());
  REQUIRE(!put);
  CHECK(put.error().code() == ErrorCode::value_too_large);
  CHECK(put.error().message().find(std::to_string(layout::max_value_size)) != std::string::npos);
  CHECK(code_of(txn.put(setting.id, "table", as_bytes("key"), as_bytes("small"))) == "done");
}

TEST_CASE("a transaction of nothing but refused calls changes no byte of the file") {
  MemoryFileSystem files;
  files.add_file("file", image()).value();
  {
    const Database database =
        Database::open("file", options_for(files, Access::read_write)).value();
    auto txn = database.begin_write().value();
    const TableId rows = txn.table("rows").value().value().root.table;
    CHECK(code_of(txn.put(rows, "rows", as_bytes(std::string(1025, 'k')), {})) == "key_too_long");
    CHECK(code_of(txn.create_table("rows", {})) == "table_exists");
    CHECK(code_of(txn.create_table("", {})) == "invalid_argument");
    CHECK(code_of(txn.drop_table("none")) == "table_missing");
    CHECK(code_of(txn.put(rows, "none", as_bytes("k"), {})) == "done");  // known by its id already
    CHECK(code_of(txn.erase({77}, "none", as_bytes("k"))) == "table_missing");
    std::move(txn).abandon();
  }
  CHECK(bytes_of(files, "file") == image());
}

TEST_CASE("tables that cannot be are refused, and the transaction goes on") {
  Setting setting;
  auto txn = setting.database->begin_write().value();
  const auto made = [&](const std::string& name, const TableSpec& spec) {
    return code_of(txn.create_table(name, spec));
  };
  for (const std::uint32_t alignment : {0U, 3U, 65U, 128U, 0x80000000U}) {
    CAPTURE(alignment);
    CHECK(made("name",
               {.value_alignment = alignment, .key_descriptor = "", .value_descriptor = ""}) ==
          "invalid_argument");
  }
  CHECK(made(std::string(513, 'n'), {}) == "invalid_argument");
  CHECK(made("name", {.value_alignment = 1,
                      .key_descriptor = std::string(1 << 20, 'd'),
                      .value_descriptor = "d"}) == "invalid_argument");
  CHECK(made(std::string(512, 'n'), {.value_alignment = 64,
                                     .key_descriptor = std::string((1 << 20) - 1, 'd'),
                                     .value_descriptor = "d"}) == "done");
  CHECK(code_of(std::move(txn).commit()) == "done");
  CHECK(setting.database->check().value().is_clean());
  CHECK(setting.database->snapshot().value().tables().value().size() == 2);
}

TEST_CASE("options that cannot be are refused, and no file is made") {
  MemoryFileSystem files;
  for (const std::uint32_t page_size : {0U, 1U, 2048U, 4095U, 4097U, 12288U, 131072U}) {
    CAPTURE(page_size);
    Options options;
    options.page_size = page_size;
    options.file_system = &files;
    CHECK(code_of(Database::open("file", options)) == "invalid_argument");
    CHECK(code_of(files.open("file", Access::read_only)) == "file_missing");
  }
}

// ---- Tables opened as what they are not

struct Other {
  std::uint64_t number;
};

TEST_CASE("a table is not opened with other types, and the message shows both") {
  MemoryFileSystem files;
  files.add_file("file", image()).value();
  {
    const Storage storage(Database::open("file", options_for(files, Access::read_write)).value());
    const auto check = [](const auto& built, const std::string& stored, const std::string& asked) {
      REQUIRE(!built);
      CHECK(built.error().code() == ErrorCode::type_mismatch);
      CAPTURE(built.error().message());
      CHECK(built.error().message().find(stored) != std::string::npos);
      CHECK(built.error().message().find(asked) != std::string::npos);
    };
    using Key = std::uint32_t;
    check(storage.new_table<std::uint64_t, std::uint64_t>("rows").build(), "u32", "u64");
    check(storage.new_table<Key, std::uint32_t>("rows").build(), "plain(u64)", "plain(u32)");
    check(storage.new_table<Key, std::string>("rows").build(), "plain(u64)", "text");
    check(storage.new_table<Key, Other>("rows").build(), "plain(u64)", "plain(size=8,align=8)");
    check(storage.open_table<std::string, std::uint64_t>("rows").build(), "u32", "string");
    CHECK((storage.new_table<Key, std::uint64_t>("rows").build().has_value()));
  }
  CHECK(bytes_of(files, "file") == image());
}

}  // namespace
}  // namespace quire::test
