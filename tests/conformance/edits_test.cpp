// Edits that read what they replace, and edits of many entries at once.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/places.hpp"

namespace quire::test {
namespace {

TEST_CASE_TEMPLATE_DEFINE("replace gives what was there", Place, replacing) {
  const Place place;
  auto storage = place.open();
  auto table = filled(storage, {{1, "one"}});
  REQUIRE(**table.replace(1, "uno").value() == "one");
  REQUIRE_FALSE(table.replace(2, "due").value());
  REQUIRE(content(table) == Model{{1, "uno"}, {2, "due"}});
}
TEST_CASE_TEMPLATE_APPLY(replacing, Places);

TEST_CASE_TEMPLATE_DEFINE("update stores what its callback makes of the value", Place, updating) {
  const Place place;
  auto storage = place.open();
  auto table = filled(storage, {{1, "one"}});
  const auto longer = [](const auto& old) { return std::string(old ? **old : "new") + "!"; };
  table.update(1, longer).value();
  table.update(2, longer).value();
  REQUIRE(content(table) == Model{{1, "one!"}, {2, "new!"}});
  const auto nothing = [](const auto&) { return std::optional<std::string>(); };
  table.update(1, nothing).value();
  table.update(7, nothing).value();
  REQUIRE(content(table) == Model{{2, "new!"}});
}
TEST_CASE_TEMPLATE_APPLY(updating, Places);

TEST_CASE_TEMPLATE_DEFINE("pop gives the ends one after the other", Place, popping) {
  const Place place;
  auto storage = place.open();
  auto table = filled(storage, numbered(5));
  const auto first = table.pop_first().value();
  REQUIRE(first->key == 0);
  REQUIRE(*first->value == "0");
  REQUIRE(table.pop_last().value()->key == 12);
  REQUIRE(table.pop_last().value()->key == 9);
  REQUIRE(content(table) == Model{{3, "1"}, {6, "2"}});
  REQUIRE(table.pop_first().value());
  REQUIRE(table.pop_first().value());
  REQUIRE_FALSE(table.pop_first().value());
  REQUIRE_FALSE(table.pop_last().value());
}
TEST_CASE_TEMPLATE_APPLY(popping, Places);

TEST_CASE_TEMPLATE_DEFINE("a range is erased from its lower end up to its upper one", Place,
                          erasing_ranges) {
  const Place place;
  auto storage = place.open();
  Model model = numbered(5000);
  auto table = filled(storage, model);
  const auto erase_in_model = [&](std::uint64_t from, std::uint64_t to) {
    const auto first = model.lower_bound(from);
    const auto end = model.lower_bound(to);
    const auto count = static_cast<std::uint64_t>(std::distance(first, end));
    model.erase(first, end);
    return count;
  };
  for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {3, 4}, {300, 300}, {301, 302}, {6000, 9000}, {0, 10}, {14000, 99999}}) {
    CAPTURE(from);
    REQUIRE(table.erase_range(from, to).value() == erase_in_model(from, to));
    REQUIRE(content(table) == model);
    REQUIRE(table.size().value() == model.size());
  }
  REQUIRE(table.erase_range(500, 400).value() == 0);
  {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    REQUIRE(editor.erase_from(12000).value() == erase_in_model(12000, 1 << 20));
    REQUIRE(content(editor) == model);
    std::move(txn).commit().value();
  }
  REQUIRE(content(table) == model);
  REQUIRE(table.clear().value() == model.size());
  REQUIRE(content(table).empty());
}
TEST_CASE_TEMPLATE_APPLY(erasing_ranges, Places);

TEST_CASE_TEMPLATE_DEFINE("a prefix is erased and nothing beside it", Place, erasing_prefixes) {
  const Place place;
  auto storage = place.open();
  auto table = storage.template new_table<std::string, std::uint64_t>("t").build().value();
  for (const char* key : {"a", "ab", "abc", "abd", "ac", "b"}) table.put(key, 1).value();
  REQUIRE(table.erase_prefix("ab").value() == 3);
  std::vector<std::string> left;
  table.range().for_each([&](const auto& entry) { left.push_back(entry.key); }).value();
  REQUIRE(left == std::vector<std::string>{"a", "ac", "b"});
}
TEST_CASE_TEMPLATE_APPLY(erasing_prefixes, Places);

TEST_CASE_TEMPLATE_DEFINE("a bulk load stores entries in any order, the last of each key", Place,
                          loading) {
  const Place place;
  auto storage = place.open();
  Model model = numbered(100);
  auto table = filled(storage, model);
  std::mt19937_64 random(1);
  for (const bool is_sorted : {true, false}) {
    std::vector<std::pair<std::uint64_t, std::string>> entries;
    for (std::uint64_t key = 0; key < 3000; ++key)
      entries.emplace_back(is_sorted ? 1000 + key : random() % 6000, std::to_string(random()));
    for (const auto& [key, value] : entries) model[key] = value;
    REQUIRE(table.bulk_load(entries).value() == entries.size());
    REQUIRE(content(table) == model);
  }
  auto copy = storage.template new_table<std::uint64_t, std::string>("copy").build().value();
  REQUIRE(copy.bulk_load(table.range()).value() == model.size());
  REQUIRE(content(copy) == model);
}
TEST_CASE_TEMPLATE_APPLY(loading, Places);

TEST_CASE_TEMPLATE_DEFINE("a batch is one commit of the last edit of each key", Place, batching) {
  const Place place;
  auto storage = place.open();
  auto first = filled(storage, {{1, "one"}, {2, "two"}});
  auto second = storage.template new_table<std::string, std::uint64_t>("second").build().value();
  auto batch = storage.batch();
  batch.put(first, 3, "three").value();
  batch.put(first, 1, "uno").value();
  batch.erase(first, 2).value();
  batch.erase(first, 3).value();
  batch.put(second, "b", 2).value();
  batch.put(second, "a", 1).value();
  REQUIRE(batch.size() == 6);
  REQUIRE(content(first) == Model{{1, "one"}, {2, "two"}});
  batch.commit().value();
  REQUIRE(batch.size() == 0);
  REQUIRE(content(first) == Model{{1, "uno"}});
  REQUIRE(**second.get("a").value() == 1);
  REQUIRE(**second.get("b").value() == 2);

  // Law: a batch that fails changes nothing and keeps its edits.
  storage.drop_table("second").value();
  batch.put(first, 9, "nine").value();
  batch.put(second, "c", 3).value();
  REQUIRE(batch.commit().error().code() == ErrorCode::table_missing);
  REQUIRE(batch.size() == 2);
  REQUIRE(content(first) == Model{{1, "uno"}});
}
TEST_CASE_TEMPLATE_APPLY(batching, Places);

TEST_CASE_TEMPLATE_DEFINE("a sequence gives each number once, and none for what is abandoned",
                          Place, counting) {
  const Place place;
  auto storage = place.open();
  const auto orders = storage.sequence("orders").value();
  REQUIRE(orders.last().value() == 0);
  {
    auto txn = storage.begin_write().value();
    REQUIRE(orders.next(txn).value() == 1);
    REQUIRE(orders.next(txn).value() == 2);
    std::move(txn).commit().value();
  }
  {
    auto txn = storage.begin_write().value();
    REQUIRE(orders.next(txn).value() == 3);
  }
  REQUIRE(orders.take(10).value() == 3);
  REQUIRE(storage.sequence("orders").value().last().value() == 12);
  REQUIRE(storage.sequence("others").value().take(1).value() == 1);
}
TEST_CASE_TEMPLATE_APPLY(counting, Places);

TEST_CASE_TEMPLATE_DEFINE("a multi-table has each pair once, in order", Place, pairing) {
  const Place place;
  auto storage = place.open();
  auto cities = storage.template new_multi_table<std::string, std::string>("cities").value();
  REQUIRE(cities.put("CH", "Zug").value());
  REQUIRE(cities.put("CH", "Bern").value());
  REQUIRE_FALSE(cities.put("CH", "Zug").value());
  REQUIRE(cities.put("C", "x").value());
  REQUIRE(cities.put("D", "Bonn").value());
  const auto values = [&](const std::string& key) {
    std::vector<std::string> all;
    for (const auto& value : cities.values(key)) all.push_back(value);
    return all;
  };
  REQUIRE(values("CH") == std::vector<std::string>{"Bern", "Zug"});
  REQUIRE(values("none").empty());
  REQUIRE(cities.count("CH").value() == 2);
  REQUIRE(cities.contains("D", "Bonn").value());
  REQUIRE(cities.erase("D", "Bonn").value());
  REQUIRE_FALSE(cities.erase("D", "Bonn").value());
  REQUIRE(cities.erase_all("CH").value() == 2);
  REQUIRE(cities.size().value() == 1);
}
TEST_CASE_TEMPLATE_APPLY(pairing, Places);

TEST_CASE_TEMPLATE_DEFINE("a sample is of different entries of the table", Place, sampling) {
  const Place place;
  auto storage = place.open();
  const Model model = numbered(500);
  auto table = filled(storage, model);
  std::mt19937_64 random(7);
  for (const std::uint64_t count : {0U, 1U, 20U, 500U, 9999U}) {
    const auto sample = table.sample(count, random).value();
    REQUIRE(sample.size() == std::min<std::uint64_t>(count, model.size()));
    Model seen;
    for (const auto& entry : sample) {
      REQUIRE(model.at(entry.key) == *entry.value);
      REQUIRE((seen.empty() || seen.rbegin()->first < entry.key));
      seen[entry.key] = *entry.value;
    }
    REQUIRE(seen.size() == sample.size());
  }
  // Law: every entry can be in one.
  Model seen;
  for (int round = 0; round < 300; ++round)
    for (const auto& entry : table.sample(50, random).value()) seen[entry.key] = *entry.value;
  REQUIRE(seen == model);
}
TEST_CASE_TEMPLATE_APPLY(sampling, Places);

TEST_CASE_TEMPLATE_DEFINE("a table that a transaction makes is there when it is committed", Place,
                          making_tables) {
  const Place place;
  auto storage = place.open();
  for (const bool is_committed : {false, true}) {
    auto txn = storage.begin_write().value();
    auto table = txn.template new_table<std::uint64_t, std::string>("made").build().value();
    txn.table(table).put(1, "one").value();
    const auto again = txn.template new_table<std::uint64_t, std::string>("made").build().value();
    REQUIRE(**txn.table(again).get(1).value() == "one");
    const auto other = txn.template new_table<std::string, std::string>("made").build();
    REQUIRE(other.error().code() == ErrorCode::type_mismatch);
    REQUIRE(table.get(1).error().code() == ErrorCode::table_missing);
    if (is_committed) {
      std::move(txn).commit().value();
      REQUIRE(content(table) == Model{{1, "one"}});
    } else {
      std::move(txn).abandon();
      REQUIRE(table.get(1).error().code() == ErrorCode::table_missing);
    }
  }
}
TEST_CASE_TEMPLATE_APPLY(making_tables, Places);

}  // namespace
}  // namespace quire::test
