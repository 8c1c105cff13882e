// Snapshots: one state, whatever comes later.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "conformance/places.hpp"
#include "support/volume.hpp"
#include "unit/api/model.hpp"

namespace quire::test {
namespace {

using NumbersModel = Model<std::uint32_t, std::uint32_t>;

// Law: each snapshot shows the state that it was taken of, until it goes.
TEST_CASE_TEMPLATE_DEFINE("snapshots show their states", Place, states) {
  const Place place;
  std::mt19937_64 random(1);
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::uint32_t>(storage);
  struct State {
    BasicStorageSnapshot<typename Place::Backend> snapshot;
    NumbersModel model;
  };
  std::vector<State> states;
  NumbersModel model;
  for (std::size_t round = 0; round < scaled(12); ++round) {
    for (int edit = 0; edit < 20; ++edit) edit_both(table, model, random, 100);
    states.push_back({storage.snapshot().value(), model});
    for (const State& state : states) check_like(state.snapshot.table(table), state.model);
    if (round % 3 == 2) states.erase(states.begin());
  }
}
TEST_CASE_TEMPLATE_APPLY(states, Places);

// Law: a snapshot has the tables of its state: no later ones, and earlier ones as they were.
TEST_CASE_TEMPLATE_DEFINE("snapshots have the tables of their states", Place, tables_of_states) {
  const Place place;
  auto storage = place.open();
  auto old_table = table_in<std::uint32_t, std::string>(storage, "old");
  old_table.put(1, "one").value();
  const auto snapshot = storage.snapshot().value();
  auto new_table = table_in<std::uint32_t, std::string>(storage, "new");
  new_table.put(2, "two").value();
  storage.drop_table("old").value();
  CHECK(**snapshot.table(old_table).get(1).value() == "one");
  CHECK(snapshot.table(old_table).size().value() == 1);
  CHECK(code_of(snapshot.table(new_table).get(2)) == ErrorCode::table_missing);
  CHECK(code_of(old_table.get(1)) == ErrorCode::table_missing);
  CHECK(code_of(old_table.size()) == ErrorCode::table_missing);
  CHECK(code_of(old_table.range().next()) == ErrorCode::table_missing);
  CHECK(code_of(storage.snapshot().value().table(old_table).get(1)) == ErrorCode::table_missing);
  const auto tables = snapshot.tables().value();
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].name == "old");
  CHECK(tables[0].root.entries == 1);
}
TEST_CASE_TEMPLATE_APPLY(tables_of_states, Places);

// Law: the number of a state is that of the transaction that committed it, and grows.
TEST_CASE_TEMPLATE_DEFINE("states are known by their transactions", Place, numbers_of_states) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage);
  const auto before = storage.snapshot().value();
  CHECK(storage.snapshot().value().txn() == before.txn());
  auto txn = storage.begin_write().value();
  txn.table(table).put(1, "one").value();
  const TxnId id = txn.txn().value();
  CHECK(std::move(txn).commit().value().txn == id);
  CHECK(id > before.txn());
  CHECK(storage.snapshot().value().txn() == id);
  auto idle = storage.begin_write().value();
  CHECK(std::move(idle).commit().value().txn == id);
  CHECK(storage.snapshot().value().txn() == id);
}
TEST_CASE_TEMPLATE_APPLY(numbers_of_states, Places);

// Law: a snapshot is for the tables of its own storage.
TEST_CASE_TEMPLATE_DEFINE("tables of another storage are refused", Place, other_storages) {
  const Place place;
  auto one = place.open("one");
  auto two = place.open("two");
  auto table = table_in<std::uint32_t, std::string>(one);
  table_in<std::uint32_t, std::string>(two);
  CHECK(code_of(two.snapshot().value().table(table).get(1)) == ErrorCode::invalid_argument);
  auto txn = two.begin_write().value();
  CHECK(code_of(txn.table(table).get(1)) == ErrorCode::invalid_argument);
  CHECK(code_of(txn.table(table).put(1, "x")) == ErrorCode::invalid_argument);
}
TEST_CASE_TEMPLATE_APPLY(other_storages, Places);

// Law: so is one whose storage is gone, also where another one has taken its place in memory.
TEST_CASE_TEMPLATE_DEFINE("tables of a later storage are refused", Place, later_storages) {
  const Place place;
  const auto before = [&] {
    auto gone = place.open("gone");
    table_in<std::uint32_t, std::string>(gone);
    return gone.snapshot().value();
  }();
  for (int round = 0; round < 8; ++round) {
    auto later = place.open("later");
    auto table = table_in<std::uint32_t, std::string>(later);
    REQUIRE(code_of(before.table(table).get(1)) == ErrorCode::invalid_argument);
  }
}
TEST_CASE_TEMPLATE_APPLY(later_storages, Places);

}  // namespace
}  // namespace quire::test
