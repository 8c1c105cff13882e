#include "quire/engine/txn/catalog.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

std::string descriptor(std::size_t size, char first) {
  std::string text(size, first);
  for (std::size_t at = 0; at < size; at += 61) text[at] = static_cast<char>('0' + at % 10);
  return text;
}

struct DescriptorSizes {
  std::size_t key;
  std::size_t value;
};

/// From nothing to the most that there may be, around the size where they leave the leaf.
const std::vector<DescriptorSizes>& descriptor_sizes() {
  constexpr std::size_t most = layout::max_descriptor_size;
  static const std::vector<DescriptorSizes> sizes = {
      {0, 0},    {1, 0},    {0, 1},         {100, 200}, {1010, 0}, {1011, 0},
      {1012, 1}, {0, 4096}, {5000, 70'000}, {most, 0},  {0, most}, {most / 2, most / 2}};
  return sizes;
}

void check_descriptors(const std::optional<TableInfo>& table, const DescriptorSizes& sizes) {
  REQUIRE(table.has_value());
  CHECK((table->key_descriptor == descriptor(sizes.key, 'k')));
  CHECK((table->value_descriptor == descriptor(sizes.value, 'v')));
}

TEST_CASE("descriptors of every size come back, also in the same transaction") {
  Store store;
  WriteTransaction txn = store.begin();
  for (std::size_t index = 0; index < descriptor_sizes().size(); ++index) {
    const DescriptorSizes& sizes = descriptor_sizes()[index];
    const std::string name = "t" + std::to_string(index);
    make_table(txn, name, described_by(descriptor(sizes.key, 'k'), descriptor(sizes.value, 'v')));
    check_descriptors(txn.table(name).value(), sizes);
  }
  CHECK(txn.tables().value().size() == descriptor_sizes().size());
  commit(txn);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t index = 0; index < descriptor_sizes().size(); ++index)
      check_descriptors(store.snapshot().table("t" + std::to_string(index)).value(),
                        descriptor_sizes()[index]);
    require_sound(store.database());
    store.reopen();
  }
}

TEST_CASE("a table is told as it was made") {
  Store store;
  for (std::uint32_t alignment = 1; alignment <= layout::max_value_alignment; alignment *= 2) {
    const std::string name = "aligned " + std::to_string(alignment);
    WriteTransaction txn = store.begin();
    const TxnId created = txn.txn();
    const NamedTable table = make_table(txn, name, aligned_to(alignment));
    put(txn, table, "a", "1");
    put(txn, table, "b", "2");
    const std::optional<TableInfo> inside = txn.table(name).value();
    REQUIRE(inside.has_value());
    CHECK(inside->root.entries == 2);
    commit(txn);
    const std::optional<TableInfo> told = store.snapshot().table(name).value();
    REQUIRE(told.has_value());
    CHECK(told->name == name);
    CHECK(told->root.table == table.id);
    CHECK(told->root.alignment() == alignment);
    CHECK(told->root.entries == 2);
    CHECK(told->created == created);
  }
  CHECK_FALSE(store.snapshot().table("aligned").value().has_value());
}

/// Names of all lengths, also ones that are parts of others, with every byte value in some.
std::string name_of(std::size_t number) {
  std::string name = std::to_string(number);
  name.push_back(static_cast<char>(number));
  return name.append(number % 97 * 5, static_cast<char>(255 - number % 256));
}

// Law: with very many tables each is found by its name and id with its own entries, whether it is
// one of those found without the catalog or not.
TEST_CASE("a thousand tables keep apart") {
  const std::size_t count = scaled(1000);
  Store store;
  std::vector<NamedTable> tables;
  WriteTransaction txn = store.begin();
  for (std::size_t number = 0; number < count; ++number) {
    tables.push_back(make_table(txn, name_of(number)));
    put(txn, tables.back(), "own name", name_of(number));
  }
  commit(txn);
  for (int round = 0; round < 2; ++round) {
    const std::vector<TableInfo> all = store.snapshot().tables().value();
    REQUIRE(all.size() == count);
    CHECK(std::is_sorted(all.begin(), all.end(), [](const TableInfo& left, const TableInfo& right) {
      return compare(as_bytes(left.name), as_bytes(right.name)) < 0;
    }));
    for (const NamedTable& table : tables)
      REQUIRE(content(store.snapshot(), table) == Content{{"own name", table.name}});
    CHECK(store.statistics().tables == count);
    require_sound(store.database());
    store.reopen();
  }
}

// Law: tables come, change, get other names and go in any order, more of them than are found
// without the catalog, and every reader finds exactly what its state has.
TEST_CASE("tables near and far come and go") {
  for (std::uint32_t seed = 0; seed < scaled(10); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store;
    std::map<std::string, std::pair<NamedTable, Content>> model;
    std::vector<NamedTable> dropped;
    for (int round = 0; round < 40; ++round) {
      WriteTransaction txn = store.begin();
      for (int step = 0; step < 4; ++step) {
        const std::string name = "table " + std::to_string(random() % 30);
        const auto known = model.find(name);
        if (known == model.end()) {
          model[name] = {make_table(txn, name), {}};
        } else if (random() % 4 == 0) {
          txn.drop_table(name).value();
          dropped.push_back(known->second.first);
          model.erase(known);
        } else if (random() % 4 == 0) {
          // Who knows it by an older name goes on.
          const std::string other = "table " + std::to_string(random() % 30);
          const bool is_free = other == name || !model.contains(other);
          const Status renamed = txn.rename_table(name, other);
          REQUIRE(renamed.has_value() == is_free);
          if (!is_free) REQUIRE(code_of(renamed) == ErrorCode::table_exists);
          if (is_free && other != name) {
            model[other] = std::move(known->second);
            model.erase(name);
          }
        } else {
          const std::string key = key_of(random() % 50);
          put(txn, known->second.first, key, name);
          known->second.second[key] = name;
        }
      }
      commit(txn);
      if (random() % 8 == 0) store.reopen();
      const Snapshot snapshot = store.snapshot();
      REQUIRE(snapshot.tables().value().size() == model.size());
      for (const auto& [name, entry] : model)
        REQUIRE(content(snapshot, entry.first) == entry.second);
      for (const NamedTable& table : dropped)
        REQUIRE_FALSE(snapshot.root(table.id, table.name).value().has_value());
    }
    require_sound(store.database());
  }
}

TEST_CASE("a table takes the name of another that goes in the same commit") {
  Store store;
  WriteTransaction make = store.begin();
  const NamedTable old = make_table(make, "name");
  const NamedTable next = make_table(make, "next");
  put(make, old, "k", "old");
  put(make, next, "k", "next");
  commit(make);
  WriteTransaction txn = store.begin();
  CHECK(code_of(txn.rename_table("next", "name")) == ErrorCode::table_exists);
  txn.drop_table("name").value();
  txn.rename_table("next", "name").value();
  CHECK(txn.table("name").value()->root.table == next.id);
  CHECK(code_of(txn.rename_table("next", "other")) == ErrorCode::table_missing);
  CHECK(code_of(txn.rename_table("name", "")) == ErrorCode::invalid_argument);
  CHECK(code_of(txn.rename_table("name", std::string(513, 'n'))) == ErrorCode::invalid_argument);
  SUBCASE("or not, when it is abandoned") {
    std::move(txn).abandon();
    CHECK(store.snapshot().table("name").value()->root.table == old.id);
    CHECK(store.snapshot().table("next").value()->root.table == next.id);
  }
  SUBCASE("which stays so") {
    commit(txn);
    for (int round = 0; round < 2; ++round) {
      CHECK(store.snapshot().tables().value().size() == 1);
      CHECK(get(store.snapshot(), {next.id, "name"}, "k") == "next");
      CHECK_FALSE(store.snapshot().root(old.id, "name").value().has_value());
      store.reopen();
    }
  }
  require_sound(store.database());
}

// Law: a table that no transaction changes says of the same one that it changed it, and of another
// after each change.
TEST_CASE("a table tells which transaction changed it") {
  Store store;
  const NamedTable table = store.table("table");
  const NamedTable other = store.table("other");
  const auto changed = [&](WriteTransaction& txn) {
    return txn.changed(txn.root(table.id, table.name).value()).value();
  };
  TxnId last = no_txn;
  for (std::uint64_t number = 0; number < 60; ++number) {
    WriteTransaction txn = store.begin();
    REQUIRE(changed(txn) == last);
    put(txn, number % 3 == 0 ? table : other, key_of(number % 7), "value");
    if (number % 3 == 0) last = txn.txn();
    commit(txn);
    if (number % 10 == 9) store.reopen();
  }
  WriteTransaction txn = store.begin();
  for (std::uint64_t number = 0; number < 7; ++number) erase(txn, table, key_of(number));
  CHECK(changed(txn) == no_txn);
}

TEST_CASE("an id is never that of two tables") {
  Store store;
  std::vector<std::uint32_t> ids;
  for (int round = 0; round < 10; ++round) {
    WriteTransaction txn = store.begin();
    ids.push_back(make_table(txn, "same name").id.value);
    commit(txn);
    WriteTransaction drop = store.begin();
    drop.drop_table("same name").value();
    if (round % 2 == 0) {
      ids.push_back(make_table(drop, "same name").id.value);
      drop.drop_table("same name").value();
    }
    commit(drop);
    if (round % 3 == 0) store.reopen();
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

// Law: what a table took is free again once it is dropped and nobody can see it any more.
TEST_CASE("dropping a table releases everything") {
  Store store;
  const NamedTable kept = store.table("kept");
  WriteTransaction warm = store.begin();
  put(warm, kept, "k", "v");
  commit(warm);
  const CheckReport before = store.database().check().value();

  WriteTransaction fill = store.begin();
  const NamedTable table =
      make_table(fill, "dropped", described_by(std::string(5000, 'k'), std::string(200'000, 'v')));
  for (std::uint64_t number = 0; number < 3000; ++number)
    put(fill, table, key_of(number), std::string(number % 40 == 0 ? 20'000 : 100, 'x'));
  commit(fill);
  CHECK(store.database().check().value().overflow_pages > 300);

  WriteTransaction drop = store.begin();
  drop.drop_table("dropped").value();
  CHECK(code_of(drop.put(table.id, table.name, {}, {})) == ErrorCode::table_missing);
  commit(drop);
  const CheckReport after = store.database().check().value();
  CHECK(after.is_clean());
  CHECK(after.tables == 1);
  CHECK(after.entries == 1);
  CHECK(after.tree_pages == before.tree_pages);
  CHECK(after.overflow_pages == before.overflow_pages);

  // Nobody keeps them: another table of that size finds room without growing the file.
  const std::uint64_t page_count = store.statistics().page_count;
  WriteTransaction again = store.begin();
  const NamedTable second = make_table(again, "second");
  for (std::uint64_t number = 0; number < 1500; ++number)
    put(again, second, key_of(number), std::string(number % 40 == 0 ? 20'000 : 100, 'x'));
  commit(again);
  CHECK(store.statistics().page_count == page_count);
  require_sound(store.database());
}

}  // namespace
}  // namespace quire
