#include "quire/engine/txn/snapshot.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

TEST_CASE("a snapshot stays as it was, whatever is committed later") {
  Store store({.durability = Durability::buffered, .checkpoint_after = 4, .log_in_slots = false});
  const NamedTable table = store.table("t");
  std::vector<std::pair<Snapshot, Content>> snapshots;
  Content model;
  for (std::uint64_t round = 0; round < 60; ++round) {
    WriteTransaction txn = store.begin();
    for (std::uint64_t step = 0; step < 20; ++step) {
      const std::string key = key_of((round * 37 + step * 11) % 90);
      const std::string value(step % 7 == 0 ? 5000 : 100, static_cast<char>('a' + round % 26));
      if (step % 5 == 4) {
        erase(txn, table, key);
        model.erase(key);
      } else {
        put(txn, table, key, value);
        model[key] = value;
      }
    }
    const TxnId txn_id = commit(txn).txn;
    if (round % 4 == 0) {
      snapshots.emplace_back(store.snapshot(), model);
      CHECK(snapshots.back().first.txn() == txn_id);
    }
    if (snapshots.size() > 6) snapshots.erase(snapshots.begin() + 2);
    for (const auto& [snapshot, expected] : snapshots)
      REQUIRE((content(snapshot, table) == expected));
  }
  require_sound(store.database());
}

// Law: copies are as good as the first, also those for which its reader slot had no more room.
TEST_CASE("a copy of a snapshot stays as it was when the first one and its slot go") {
  Store store;
  const NamedTable table = store.table("t");
  quire::test::store(store.database(), table, "key", "old");
  std::optional<Snapshot> first = store.snapshot();
  std::vector<Snapshot> copies;
  for (std::uint32_t count = 0; count < SlotWord::max_count; ++count) copies.push_back(*first);
  const Snapshot last = copies.back();
  copies.clear();
  first.reset();
  for (int round = 0; round < 5; ++round) quire::test::store(store.database(), table, "key", "new");
  CHECK(get(store.snapshot(), table, "key") == "new");
  CHECK(last.state().txn == last.txn());
  CHECK(get(last, table, "key") == "old");
  require_sound(store.database());
}

TEST_CASE("a table that a state has not got is not found in it") {
  Store store;
  const Snapshot empty = store.snapshot();
  const NamedTable table = store.table("t");
  const Snapshot with = store.snapshot();
  WriteTransaction drop = store.begin();
  drop.drop_table("t").value();
  commit(drop);
  const Snapshot without = store.snapshot();
  for (const Snapshot* snapshot : {&empty, &without}) {
    CHECK_FALSE(snapshot->root(table.id, table.name).value().has_value());
    CHECK_FALSE(snapshot->table("t").value().has_value());
    CHECK(snapshot->tables().value().empty());
  }
  CHECK(with.root(table.id, table.name).value().has_value());
  CHECK(with.tables().value().size() == 1);
  // The same name does not make it the same table.
  store.table("t");
  CHECK_FALSE(store.snapshot().root(table.id, table.name).value().has_value());
}

TEST_CASE("a value lives as long as a pin, whatever else goes first") {
  std::vector<PinnedValue> values;
  {
    std::optional<Store> store(std::in_place);
    const NamedTable table = store->table("t");
    for (const std::size_t size : {std::size_t{5}, std::size_t{2000}, std::size_t{100'000}}) {
      WriteTransaction txn = store->begin();
      put(txn, table, "key", std::string(size, 'x'));
      commit(txn);
      const Snapshot snapshot = store->snapshot();
      const Value value = snapshot.get(root_of(snapshot, table), as_bytes("key")).value().value();
      values.push_back({snapshot.pin().value(), value});
    }
    store->database().close().value();
    store.reset();  // the file system and its last name go, too
  }
  CHECK(as_text(values[0].bytes) == std::string(5, 'x'));
  CHECK((as_text(values[1].bytes) == std::string(2000, 'x')));
  CHECK((as_text(values[2].bytes) == std::string(100'000, 'x')));
  CHECK(values[0].pin.holds());
}

TEST_CASE("the statistics of a table are those of its tree") {
  Store store;
  const NamedTable table = store.table("t");
  const auto measured = [&] {
    const Snapshot snapshot = store.snapshot();
    return snapshot.statistics(root_of(snapshot, table)).value();
  };
  const TableStatistics empty = measured();
  CHECK(empty.entries == 0);
  CHECK(empty.height == 0);
  CHECK(empty.leaf_pages + empty.branch_pages + empty.overflow_pages == 0);

  WriteTransaction rows = store.begin();
  for (std::uint64_t number = 0; number < 2000; ++number)
    put(rows, table, key_of(number), "8 bytes.");
  commit(rows);
  const TableStatistics of_rows = measured();
  CHECK(of_rows.entries == 2000);
  CHECK(of_rows.height == 2);
  CHECK(of_rows.branch_pages == 1);
  CHECK(of_rows.rows_pages == of_rows.leaf_pages);
  CHECK(of_rows.overflow_pages == 0);

  WriteTransaction large = store.begin();
  for (std::uint64_t number = 0; number < 10; ++number)
    put(large, table, key_of(number * 200), std::string(10'000, 'x'));
  commit(large);
  const TableStatistics with_runs = measured();
  CHECK(with_runs.entries == 2000);
  CHECK(with_runs.overflow_pages == 10 * 3);
  CHECK(with_runs.rows_pages < with_runs.leaf_pages);

  const CheckReport report = store.database().check().value();
  CHECK(report.entries == 2000);
  CHECK(report.overflow_pages == with_runs.overflow_pages);
  // One page is the catalog's.
  CHECK(report.tree_pages == with_runs.leaf_pages + with_runs.branch_pages + 1);
  const std::uint64_t pages = with_runs.leaf_pages + with_runs.branch_pages;
  const std::uint64_t body = layout::default_page_size - sizeof(layout::PageHeader);
  CHECK(with_runs.used_bytes + with_runs.free_bytes == pages * body);
}

}  // namespace
}  // namespace quire
