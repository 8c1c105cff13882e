#include "quire/api/storage.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Numbers = Table<std::uint32_t, std::uint32_t>;

Result<Numbers> numbers_in(const Storage& storage, const std::string& name) {
  return storage.new_table<std::uint32_t, std::uint32_t>(name).build();
}

std::vector<std::string> table_names(const Storage& storage) {
  std::vector<std::string> names;
  for (const TableInfo& info : storage.tables().value()) names.push_back(info.name);
  return names;
}

TEST_CASE("tables are made once, opened ever after, and listed by name") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    {
      Storage storage = place.open();
      CHECK(code_of(storage.open_table<std::uint32_t, std::uint32_t>("b").build()) ==
            ErrorCode::table_missing);
      REQUIRE(numbers_in(storage, "b").value().put(1, 2).has_value());
      REQUIRE(numbers_in(storage, "a").has_value());
    }
    Storage storage = place.open();
    CHECK(table_names(storage) == std::vector<std::string>{"a", "b"});
    CHECK(**numbers_in(storage, "b").value().get(1).value() == 2);
    CHECK(storage.open_table<std::uint32_t, std::uint32_t>("a").build().value().size().value() ==
          0);
  }
}

TEST_CASE("a table that is made by several threads at once is one table") {
  Place place;
  Storage storage = place.open();
  std::vector<std::thread> threads;
  for (std::uint32_t n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] { numbers_in(storage, "table").value().put(n, n).value(); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(table_names(storage) == std::vector<std::string>{"table"});
  CHECK(numbers_in(storage, "table").value().size().value() == 4);
}

TEST_CASE("names and descriptors that the catalog cannot keep are refused") {
  Place place;
  Storage storage = place.open();
  CHECK(code_of(numbers_in(storage, "")) == ErrorCode::invalid_argument);
  CHECK_FALSE(numbers_in(storage, std::string(100'000, 'n')).has_value());
  CHECK(storage.tables().value().empty());
}

TEST_CASE("handles on a dropped table give table_missing, also when its name is used again") {
  Place place;
  Storage storage = place.open();
  CHECK(code_of(storage.drop_table("table")) == ErrorCode::table_missing);
  auto table = numbers_in(storage, "table").value();
  REQUIRE(table.put(1, 2).has_value());
  auto range = table.range();
  const auto guard = table.get(1).value().value();
  REQUIRE(storage.drop_table("table").has_value());
  const auto check_missing = [&] {
    CHECK(code_of(table.get(1)) == ErrorCode::table_missing);
    CHECK(code_of(table.contains(1)) == ErrorCode::table_missing);
    CHECK(code_of(table.size()) == ErrorCode::table_missing);
    CHECK(code_of(table.first()) == ErrorCode::table_missing);
    CHECK(code_of(table.range().next()) == ErrorCode::table_missing);
    CHECK(code_of(table.put(1, 1)) == ErrorCode::table_missing);
    CHECK(code_of(table.erase(1)) == ErrorCode::table_missing);
    CHECK(table.range().next().error().message().contains("table"));
  };
  check_missing();
  auto again = numbers_in(storage, "table").value();
  check_missing();
  CHECK(again.size().value() == 0);
  CHECK(*guard == 2);
  CHECK(range.next().value()->key == 1);
  CHECK(code_of(storage.statistics("other")) == ErrorCode::table_missing);
  CHECK(storage.check().value().is_clean());
}

TEST_CASE("after closing every handle gives closed, and what guards show stays") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    Storage storage = place.open();
    Storage other = storage;
    auto table = numbers_in(storage, "table").value();
    REQUIRE(table.put(1, 2).has_value());
    const auto guard = table.get(1).value().value();
    const StorageSnapshot snapshot = storage.snapshot().value();
    REQUIRE(storage.close().has_value());
    for (Storage* closed : {&storage, &other}) {
      CHECK(code_of(closed->snapshot()) == ErrorCode::closed);
      CHECK(code_of(closed->begin_write()) == ErrorCode::closed);
      CHECK(code_of(closed->try_begin_write()) == ErrorCode::closed);
      CHECK(code_of(closed->tables()) == ErrorCode::closed);
      CHECK(code_of(closed->drop_table("table")) == ErrorCode::closed);
      CHECK(code_of(closed->open_raw_table("table")) == ErrorCode::closed);
      CHECK(code_of(closed->check()) == ErrorCode::closed);
      CHECK(code_of(numbers_in(*closed, "table")) == ErrorCode::closed);
    }
    CHECK(code_of(table.get(1)) == ErrorCode::closed);
    CHECK(code_of(table.put(1, 3)) == ErrorCode::closed);
    CHECK(code_of(table.range().next()) == ErrorCode::closed);
    CHECK(*guard == 2);
    CHECK(**snapshot.table(table).get(1).value() == 2);
  }
}

TEST_CASE("a storage with an open transaction is not closed") {
  Place place;
  Storage storage = place.open();
  auto table = numbers_in(storage, "table").value();
  auto txn = storage.begin_write().value();
  REQUIRE(txn.table(table).put(1, 2).has_value());
  CHECK(code_of(storage.close()) == ErrorCode::busy);
  REQUIRE(std::move(txn).commit().has_value());
  REQUIRE(storage.close().has_value());
  CHECK(**numbers_in(place.open(), "table").value().get(1).value() == 2);
}

// NOLINTBEGIN(bugprone-use-after-move): what is left of it is what is tested.
TEST_CASE("a storage that was moved from gives closed, and holds nothing open") {
  Place place;
  Storage storage = place.open();
  {
    const Storage other = std::move(storage);
  }
  CHECK(code_of(storage.snapshot()) == ErrorCode::closed);
  CHECK(code_of(storage.begin_write()) == ErrorCode::closed);
  CHECK(code_of(storage.try_begin_write()) == ErrorCode::closed);
  CHECK(code_of(storage.sync()) == ErrorCode::closed);
  CHECK(code_of(storage.close()) == ErrorCode::closed);
  CHECK(code_of(storage.check()) == ErrorCode::closed);
  CHECK(code_of(storage.statistics()) == ErrorCode::closed);
  CHECK(code_of(numbers_in(storage, "table")) == ErrorCode::closed);
  CHECK(storage.path().empty());
  REQUIRE(place.builder().build().has_value());
}
// NOLINTEND(bugprone-use-after-move)

TEST_CASE("a storage that is opened read-only reads, and refuses to write") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    REQUIRE(numbers_in(place.open(), "table").value().put(1, 2).has_value());
    Storage storage = place.builder().with_access(Access::read_only).build().value();
    auto table = numbers_in(storage, "table").value();
    CHECK(**table.get(1).value() == 2);
    CHECK(table.range().next().value()->key == 1);
    CHECK(storage.check().value().is_clean());
    CHECK(code_of(table.put(1, 3)) == ErrorCode::read_only);
    CHECK(code_of(table.erase(1)) == ErrorCode::read_only);
    CHECK(code_of(storage.begin_write()) == ErrorCode::read_only);
    CHECK(code_of(storage.try_begin_write()) == ErrorCode::read_only);
    CHECK(code_of(storage.drop_table("table")) == ErrorCode::read_only);
    CHECK(code_of(numbers_in(storage, "new")) == ErrorCode::read_only);
    CHECK(code_of(storage.open_table<int, int>("new").build()) == ErrorCode::table_missing);
  }
}

TEST_CASE("any table is read and written as raw bytes") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, Reading>("readings").build().value();
  const Reading reading{.value = 0.5, .sensor = 3, .flags = 4};
  REQUIRE(table.put("key", reading).has_value());
  CHECK(code_of(storage.open_raw_table("none")) == ErrorCode::table_missing);
  auto raw = storage.open_raw_table("readings").value();
  const auto stored = raw.get(as_bytes("key")).value().value();
  REQUIRE(stored->size() == sizeof(Reading));
  REQUIRE(raw.put(as_bytes("other"), *stored).has_value());
  CHECK(**table.get("other").value() == reading);
  CHECK(storage.statistics("readings").value().entries == 2);
  // What no Reading is like is an error where it is read, and never shown.
  REQUIRE(raw.put(as_bytes("bad"), as_bytes("short")).has_value());
  CHECK(code_of(table.get("bad")) == ErrorCode::corrupt);
  CHECK(code_of(table.first()) == ErrorCode::corrupt);
  CHECK(table.contains("bad").value());
}

TEST_CASE("a storage says what it is") {
  Place place;
  Storage storage = place.builder("named").with_page_size(16384).build().value();
  CHECK(storage.path() == "named");
  CHECK(storage.options().page_size == 16384);
  CHECK(storage.statistics().value().page_size == 16384);
  REQUIRE(storage.sync().has_value());
}

}  // namespace
}  // namespace quire::test
