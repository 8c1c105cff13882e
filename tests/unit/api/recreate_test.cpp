// What becomes of a table that is there already: opened, refused, made anew, or another name.
#include "quire/api/recreate.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <string>

#include "unit/api/place.hpp"

namespace quire::test {
namespace {

Result<Table<std::uint32_t, std::uint64_t>> numbers_in(Storage& storage, Recreate recreate) {
  return storage.new_table<std::uint32_t, std::uint64_t>("table").with_recreate(recreate).build();
}

Result<Table<std::uint32_t, std::string>> texts_in(Storage& storage, Recreate recreate) {
  return storage.new_table<std::uint32_t, std::string>("table").with_recreate(recreate).build();
}

TEST_CASE("a table of the schema that is asked for stays, unless it is always made anew") {
  Place place;
  Storage storage = place.open();
  const auto made = numbers_in(storage, Recreate::always).value();
  REQUIRE(Table(made).put(1, 2).has_value());
  for (const Recreate recreate : {Recreate::never, Recreate::if_incompatible}) {
    const auto again = numbers_in(storage, recreate).value();
    CHECK(again.id() == made.id());
    CHECK(again.size().value() == 1);
  }
  const auto anew = numbers_in(storage, Recreate::always).value();
  CHECK(anew.size().value() == 0);
  CHECK(code_of(made.get(1)) == ErrorCode::table_missing);
}

TEST_CASE("a table of another schema is made anew only where that was asked for") {
  for (const Recreate recreate : {Recreate::never, Recreate::if_incompatible, Recreate::always}) {
    CAPTURE(static_cast<int>(recreate));
    Place place;
    Storage storage = place.open();
    auto numbers = numbers_in(storage, Recreate::never).value();
    REQUIRE(numbers.put(1, 2).has_value());
    auto texts = texts_in(storage, recreate);
    if (recreate == Recreate::never) {
      CHECK(code_of(texts) == ErrorCode::type_mismatch);
      CHECK(**numbers.get(1).value() == 2);
      continue;
    }
    CHECK(texts.value().size().value() == 0);
    REQUIRE(texts->put(1, "one").has_value());
    CHECK(code_of(numbers.get(1)) == ErrorCode::table_missing);
    CHECK(code_of(numbers.put(1, 3)) == ErrorCode::table_missing);
    CHECK(storage.tables().value().size() == 1);
    CHECK(storage.check().value().is_clean());
  }
}

TEST_CASE("a table that is not there and may not be made is missing, whatever is asked") {
  Place place;
  Storage storage = place.open();
  for (const Recreate recreate : {Recreate::never, Recreate::if_incompatible, Recreate::always})
    CHECK(code_of(storage.open_table<std::uint32_t, std::uint64_t>("table")
                      .with_recreate(recreate)
                      .build()) == ErrorCode::table_missing);
  CHECK(storage.tables().value().empty());
}

TEST_CASE("nothing is made anew in a storage that is opened read-only") {
  Place place;
  {
    Storage storage = place.open();
    REQUIRE(numbers_in(storage, Recreate::never).value().put(1, 2).has_value());
  }
  Storage storage = place.builder().with_access(Access::read_only).build().value();
  CHECK(code_of(texts_in(storage, Recreate::if_incompatible)) == ErrorCode::read_only);
  CHECK(code_of(numbers_in(storage, Recreate::always)) == ErrorCode::read_only);
  CHECK(numbers_in(storage, Recreate::if_incompatible).value().size().value() == 1);
}

TEST_CASE("what a storage says holds for all its tables whose builders do not say, but sequences") {
  Place place;
  {
    Storage storage = place.open();
    CHECK(storage.recreate() == Recreate::never);
    REQUIRE(numbers_in(storage, Recreate::never).value().put(1, 2).has_value());
    REQUIRE(storage.sequence("ids").value().take(10).has_value());
  }
  Storage storage = place.builder().with_recreate(Recreate::always).build().value();
  CHECK(storage.recreate() == Recreate::always);
  CHECK(numbers_in(storage, Recreate::never).value().size().value() == 1);
  const auto opened = storage.new_table<std::uint32_t, std::uint64_t>("table").build().value();
  CHECK(opened.size().value() == 0);
  REQUIRE(numbers_in(storage, Recreate::never).value().put(1, 2).has_value());
  auto txn = storage.begin_write().value();
  const auto anew = txn.new_table<std::uint32_t, std::uint64_t>("table").build().value();
  CHECK(txn.table(anew).size().value() == 0);
  std::move(txn).commit().value();
  CHECK(storage.sequence("ids").value().last().value() == 10);
}

TEST_CASE("handles on a table that gets another name stay good") {
  Place place;
  Storage storage = place.open();
  auto table = numbers_in(storage, Recreate::never).value();
  REQUIRE(table.put(1, 2).has_value());
  REQUIRE(storage.rename_table("table", "other").has_value());
  REQUIRE(table.put(2, 3).has_value());
  CHECK(**table.get(1).value() == 2);
  CHECK(storage.tables().value().front().name == "other");
  const auto same = storage.open_table<std::uint32_t, std::uint64_t>("other").build().value();
  CHECK(same.id() == table.id());
  CHECK(same.size().value() == 2);
  auto txn = storage.begin_write().value();
  CHECK(code_of(txn.rename_table("table", "third")) == ErrorCode::table_missing);
  REQUIRE(txn.rename_table("other", "third").has_value());
  CHECK(**txn.table(table).get(2).value() == 3);
  std::move(txn).abandon();
  CHECK(code_of(storage.rename_table("other", "")) == ErrorCode::invalid_argument);
  CHECK(storage.tables().value().front().name == "other");
}

}  // namespace
}  // namespace quire::test
