// The catalog: tables are made, renamed, dropped and told of.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

std::vector<std::string> names_in(const auto& storage) {
  std::vector<std::string> names;
  for (const TableInfo& table : storage.tables().value()) names.push_back(table.name);
  return names;
}

using Strings = std::vector<std::string>;

// Law: the catalog has every table, by name, with what it was made as and how much is in it.
TEST_CASE_TEMPLATE_DEFINE("the catalog tells of every table", Place, told) {
  const Place place;
  auto storage = place.open();
  CHECK(storage.tables().value().empty());
  for (const char* name : {"b", "a", "ab"}) table_in<std::uint32_t, std::string>(storage, name);
  CHECK(names_in(storage) == Strings{"a", "ab", "b"});
  auto table = table_in<std::uint32_t, std::string>(storage, "b");
  for (std::uint32_t key = 0; key < 5; ++key) table.put(key, "text").value();
  auto txn = storage.begin_write().value();
  txn.table(table).put(5, "text").value();
  txn.table(table).put(5, "another").value();
  txn.table(table).erase(0).value();
  txn.table(table).erase(1).value();
  CHECK(txn.tables().value()[2].root.entries == 4);
  CHECK(storage.tables().value()[2].root.entries == 5);
  std::move(txn).commit().value();
  const TableInfo info = storage.tables().value()[2];
  CHECK(info.root.entries == 4);
  CHECK(info.root.table == table.id());
  CHECK(info.key_descriptor.contains("u32"));
  CHECK(info.value_descriptor.contains("text"));
}
TEST_CASE_TEMPLATE_APPLY(told, Places);

// Law: a renamed table is the same, for handles and for those who come by its new name.
TEST_CASE_TEMPLATE_DEFINE("a renamed table is the same", Place, renamed) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage, "old");
  table_in<std::uint32_t, std::string>(storage, "other");
  table.put(1, "one").value();
  const auto before = storage.snapshot().value();
  storage.rename_table("old", "new").value();
  CHECK(names_in(storage) == Strings{"new", "other"});
  CHECK(**table.get(1).value() == "one");
  table.put(2, "two").value();
  CHECK(table_in<std::uint32_t, std::string>(storage, "new").size().value() == 2);
  CHECK(before.table(table).size().value() == 1);
  CHECK(code_of(storage.template open_table<std::uint32_t, std::string>("old").build()) ==
        ErrorCode::table_missing);
  CHECK(code_of(storage.rename_table("old", "newer")) == ErrorCode::table_missing);
  CHECK(code_of(storage.rename_table("new", "other")) == ErrorCode::table_exists);
  CHECK(code_of(storage.rename_table("new", "")) == ErrorCode::invalid_argument);
  CHECK(code_of(storage.rename_table("new", std::string(513, 'n'))) == ErrorCode::invalid_argument);
  CHECK(storage.rename_table("new", "new").has_value());
}
TEST_CASE_TEMPLATE_APPLY(renamed, Places);

// Law: a dropped table is gone, and one of the same name is another.
TEST_CASE_TEMPLATE_DEFINE("a dropped table is gone", Place, dropped) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage, "table");
  auto neighbour = table_in<std::uint32_t, std::string>(storage, "neighbour");
  for (std::uint32_t key = 0; key < 2000; ++key) table.put(key, "text").value();
  neighbour.put(1, "one").value();
  storage.drop_table("table").value();
  CHECK(code_of(storage.drop_table("table")) == ErrorCode::table_missing);
  CHECK(names_in(storage) == Strings{"neighbour"});
  auto another = table_in<std::uint32_t, std::string>(storage, "table");
  CHECK(another.size().value() == 0);
  another.put(1, "another").value();
  CHECK(code_of(table.get(1)) == ErrorCode::table_missing);
  CHECK(code_of(table.put(1, "x")) == ErrorCode::table_missing);
  CHECK(code_of(table.erase(1)) == ErrorCode::table_missing);
  CHECK(code_of(table.contains(1)) == ErrorCode::table_missing);
  CHECK(**neighbour.get(1).value() == "one");
  CHECK(**another.get(1).value() == "another");
}
TEST_CASE_TEMPLATE_APPLY(dropped, Places);

// Law: in a transaction tables are renamed and dropped as all else, and an abandoned one did not.
TEST_CASE_TEMPLATE_DEFINE("transactions change the catalog or do not", Place, in_transactions) {
  const Place place;
  auto storage = place.open();
  auto one = table_in<std::uint32_t, std::string>(storage, "one");
  auto two = table_in<std::uint32_t, std::string>(storage, "two");
  one.put(1, "one").value();
  const auto change = [&](auto& txn) {
    txn.table(one).put(2, "two").value();
    txn.drop_table("two").value();
    txn.rename_table("one", "two").value();
    CHECK(txn.tables().value().size() == 1);
    CHECK(txn.tables().value()[0].root.entries == 2);
    CHECK(txn.table(one).size().value() == 2);
    CHECK(code_of(txn.table(two).get(1)) == ErrorCode::table_missing);
    CHECK(code_of(txn.table(two).put(1, "x")) == ErrorCode::table_missing);
  };
  auto abandoned = storage.begin_write().value();
  change(abandoned);
  std::move(abandoned).abandon();
  CHECK(names_in(storage) == Strings{"one", "two"});
  CHECK(one.size().value() == 1);
  auto committed = storage.begin_write().value();
  change(committed);
  std::move(committed).commit().value();
  CHECK(names_in(storage) == Strings{"two"});
  CHECK(one.size().value() == 2);
}
TEST_CASE_TEMPLATE_APPLY(in_transactions, Places);

// Law: a table can be made as bytes from what the catalog tells of another.
TEST_CASE_TEMPLATE_DEFINE("tables are made from what the catalog tells", Place, made_raw) {
  const Place place;
  auto storage = place.open();
  table_in<std::uint32_t, std::uint64_t>(storage, "one").put(1, 11).value();
  const TableInfo info = storage.tables().value()[0];
  const TableSpec spec{.value_alignment = info.root.alignment(),
                       .key_descriptor = info.key_descriptor,
                       .value_descriptor = info.value_descriptor};
  auto copy = storage.create_raw_table("two", spec).value();
  auto raw = storage.open_raw_table("one").value();
  for (const auto& [key, value] : raw.range()) copy.put(key, *value).value();
  CHECK(**table_in<std::uint32_t, std::uint64_t>(storage, "two").get(1).value() == 11);
  CHECK(code_of(storage.create_raw_table("two", spec)) == ErrorCode::table_exists);
  CHECK(code_of(storage.create_raw_table("", spec)) == ErrorCode::invalid_argument);
  TableSpec odd = spec;
  odd.value_alignment = 3;
  CHECK(code_of(storage.create_raw_table("three", odd)) == ErrorCode::invalid_argument);
  CHECK(code_of(storage.open_raw_table("three")) == ErrorCode::table_missing);
}
TEST_CASE_TEMPLATE_APPLY(made_raw, Places);

}  // namespace
}  // namespace quire::test
