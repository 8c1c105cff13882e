// What a table answers: the same on every backend, which is what a sorted map answers.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "conformance/places.hpp"
#include "support/volume.hpp"
#include "unit/api/model.hpp"

namespace quire::test {
namespace {

template <class K, class V>
void check_against_map(const auto& place) {
  for (std::uint64_t seed = 0; seed < scaled(4); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    auto storage = place.open("storage" + std::to_string(seed));
    auto table = table_in<K, V>(storage);
    auto neighbour = table_in<K, V>(storage, "neighbour");
    neighbour.put(sample<K>(5), sample<V>(5)).value();
    Model<K, V> model;
    for (int round = 0; round < 4; ++round) {
      for (int edit = 0; edit < 50; ++edit) edit_both(table, model, random, 200);
      check_like(table, model);
      check_like(storage.snapshot().value().table(table), model);
      auto txn = storage.begin_write().value();
      auto editor = txn.table(table);
      for (int edit = 0; edit < 50; ++edit) edit_both(editor, model, random, 200);
      check_like(editor, model);
      std::move(txn).commit().value();
    }
    CHECK(neighbour.size().value() == 1);
  }
}

// Law: a table answers like a sorted map, however it is read, and its neighbours are not in it.
TEST_CASE_TEMPLATE_DEFINE("a table answers like a sorted map", Place, sorted_map) {
  const Place place;
  SUBCASE("numbers") { check_against_map<std::uint32_t, Reading>(place); }
  SUBCASE("texts") { check_against_map<std::string, std::string>(place); }
  SUBCASE("tuples") { check_against_map<std::tuple<std::string, std::uint32_t>, Empty>(place); }
}
TEST_CASE_TEMPLATE_APPLY(sorted_map, Places);

using Names = std::vector<std::string>;

Names keys_of(auto range) {
  Names names;
  for (const auto& [key, value] : range) names.push_back(key);
  return names;
}

// Law: a prefix is the part of the order where keys begin with it, also at the end of the order.
TEST_CASE_TEMPLATE_DEFINE("a prefix is a part of the order", Place, prefixes) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::string, std::uint32_t>(storage);
  const Names all{"", "a", "ab", "abc", "b", "\xFF", "\xFF\xFF", "\xFF\xFF\xFF"};
  for (const std::string& name : all) table.put(name, 1).value();
  CHECK(keys_of(table.range()) == all);
  CHECK(keys_of(table.prefix("")) == all);
  CHECK(keys_of(table.prefix("ab")) == Names{"ab", "abc"});
  CHECK(keys_of(table.prefix("ab").reversed()) == Names{"abc", "ab"});
  CHECK(keys_of(table.prefix("\xFF")) == Names{"\xFF", "\xFF\xFF", "\xFF\xFF\xFF"});
  CHECK(keys_of(table.prefix("c")).empty());
  CHECK(table.prefix("\xFF\xFF").count().value() == 2);
  CHECK(table.upper_bound("\xFF\xFF\xFF").value().has_value() == false);
  CHECK(table.lower_bound("abd").value()->key == "b");
}
TEST_CASE_TEMPLATE_APPLY(prefixes, Places);

// Law: an insertion does not replace, and an edit tells whether the entry was there.
TEST_CASE_TEMPLATE_DEFINE("edits tell what was there", Place, telling) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::string, std::string>(storage);
  CHECK(table.insert_if_absent("key", "first").value());
  CHECK_FALSE(table.insert_if_absent("key", "second").value());
  CHECK(**table.get("key").value() == "first");
  table.put("key", "third").value();
  CHECK(**table.get("key").value() == "third");
  CHECK(table.size().value() == 1);
  CHECK(table.erase("key").value());
  CHECK_FALSE(table.erase("key").value());
  CHECK_FALSE(table.contains("key").value());
  table.put("", "").value();
  CHECK(table.get("").value().value()->empty());
}
TEST_CASE_TEMPLATE_APPLY(telling, Places);

// Law: what was committed is there when the storage is opened again.
TEST_CASE_TEMPLATE_DEFINE("a storage is there again", Place, lasting) {
  const Place place;
  Model<std::string, std::uint32_t> model;
  for (std::uint32_t round = 0; round < 5; ++round) {
    auto storage = place.open();
    auto table = table_in<std::string, std::uint32_t>(storage);
    check_like(table, model);
    auto txn = storage.begin_write().value();
    for (std::uint64_t number = round; number < 200; number += 7) {
      txn.table(table).put(sample<std::string>(number), round).value();
      model.insert_or_assign(sample<std::string>(number), round);
    }
    std::move(txn).commit(Durability::full).value();
    if (round % 2 == 0) storage.close().value();
  }
}
TEST_CASE_TEMPLATE_APPLY(lasting, LastingPlaces);

}  // namespace
}  // namespace quire::test
