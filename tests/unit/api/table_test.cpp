#include "quire/api/table.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <tuple>

#include "support/volume.hpp"
#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using NameAndNumber = std::tuple<std::string, std::uint32_t>;

/// Law: a table answers like a sorted map, at its newest state, in a snapshot, inside a
/// transaction, and when it is opened again.
template <class K, class V>
void check_table_is_a_map(Place::Kind kind, std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Place place(kind);
  Model<K, V> model;
  for (int opening = 0; opening < 2; ++opening) {
    Storage storage = place.open();
    auto table = storage.new_table<K, V>("table").build().value();
    for (int edit = 0; edit < 30; ++edit) edit_both(table, model, random, 40);
    check_like(table, model);
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (int edit = 0; edit < 200; ++edit) edit_both(editor, model, random, 300);
    check_like(editor, model);
    REQUIRE(std::move(txn).commit().has_value());
    check_like(table, model);
    check_like(storage.snapshot().value().table(table), model);
    CHECK(storage.check().value().is_clean());
  }
}

TEST_CASE("a table answers like a sorted map") {
  for (const Place::Kind kind : Place::all) {
    const std::size_t seed_count = scaled(kind == Place::Kind::memory ? 30 : 3);
    for (std::uint64_t seed = 0; seed < seed_count; ++seed) {
      check_table_is_a_map<std::uint32_t, std::uint64_t>(kind, seed);
      check_table_is_a_map<std::string, std::string>(kind, seed);
      check_table_is_a_map<NameAndNumber, Empty>(kind, seed);
      check_table_is_a_map<std::int16_t, Reading>(kind, seed);
    }
  }
}

TEST_CASE("values of any size come back, in one page or in many") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::string>("table").build().value();
  std::mt19937_64 random(1);
  for (const std::size_t size : {0u, 1u, 100u, 4000u, 4096u, 5000u, 100'000u, 3'000'000u}) {
    CAPTURE(size);
    std::string text(size, ' ');
    for (char& character : text) character = static_cast<char>(random());
    const auto key = static_cast<std::uint32_t>(size);
    REQUIRE(table.put(key, text).has_value());
    CHECK(**table.get(key).value() == text);
    auto txn = storage.begin_write().value();
    CHECK(**txn.table(table).get(key).value() == text);
    CHECK(*txn.table(table).last().value()->value == text);
  }
}

TEST_CASE("a key that is too long is refused and changes nothing") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, std::string>("table").build().value();
  REQUIRE(table.put("a", "b").has_value());
  const std::string key(storage.options().page_size, 'k');
  CHECK(code_of(table.put(key, "value")) == ErrorCode::key_too_long);
  CHECK(code_of(table.insert_if_absent(key, "value")) == ErrorCode::key_too_long);
  check_like(table, Model<std::string, std::string>{{"a", "b"}});
}

TEST_CASE("in a transaction a complaint about arguments leaves it usable") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::string, std::string>("table").build().value();
  auto txn = storage.begin_write().value();
  const std::string key(storage.options().page_size, 'k');
  CHECK(code_of(txn.table(table).put(key, "value")) == ErrorCode::key_too_long);
  REQUIRE(txn.table(table).put("a", "b").has_value());
  REQUIRE(std::move(txn).commit().has_value());
  CHECK(**table.get("a").value() == "b");
}

TEST_CASE("copies of a table, and one that was moved from, stand for the same table") {
  Place place;
  Storage storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::uint32_t>("table").build().value();
  auto other = std::move(table);
  REQUIRE(other.put(1, 2).has_value());
  CHECK(**table.get(1).value() == 2);  // NOLINT(bugprone-use-after-move)
  CHECK(table.name() == "table");
  CHECK(table.id() == other.id());
}

TEST_CASE("a table keeps its storage open") {
  Place place;
  auto table = place.open().new_table<std::uint32_t, std::uint32_t>("table").build().value();
  REQUIRE(table.put(1, 2).has_value());
  CHECK(**table.get(1).value() == 2);
  CHECK(code_of(place.builder().build()) == ErrorCode::busy);
}

}  // namespace
}  // namespace quire::test
