// Guards: a value stays as it was, whatever goes or changes.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

std::string text_of(std::uint32_t key) { return std::string(10 + key * 301, char('a' + key % 26)); }

/// A storage and all that may be made of it.
template <class Place>
struct Scene {
  static constexpr std::uint32_t count = 20;

  explicit Scene(const Place& place) : storage(place.open()) {
    table = table_in<std::uint32_t, std::string>(*storage);
    for (std::uint32_t key = 0; key < count; ++key) table->put(key, text_of(key)).value();
    snapshot = storage->snapshot().value();
    txn = storage->begin_write().value();
  }

  std::optional<BasicStorage<typename Place::Backend>> storage;
  std::optional<TableOf<Place, std::uint32_t, std::string>> table;
  std::optional<BasicStorageSnapshot<typename Place::Backend>> snapshot;
  std::optional<BasicStorageTransaction<typename Place::Backend>> txn;
};

template <class Guard>
bool are_right(const std::vector<Guard>& guards) {
  for (std::uint32_t key = 0; key < guards.size(); ++key) {
    if (*guards[key] != text_of(key % 20)) return false;
  }
  return !guards.empty();
}

// Law: a guard shows its value whatever goes first, and whatever is written.
TEST_CASE_TEMPLATE_DEFINE("guards outlive everything", Place, outliving) {
  const Place place;
  std::optional<Scene<Place>> scene(place);
  std::vector<typename TableOf<Place, std::uint32_t, std::string>::Guard> guards;
  for (std::uint32_t key = 0; key < scene->count; ++key)
    guards.push_back(scene->table->get(key).value().value());
  for (auto [key, value] : scene->snapshot->table(*scene->table).range()) guards.push_back(value);
  for (auto& guard : scene->table->get_many(std::vector<std::uint32_t>{0, 1, 2}).value())
    guards.push_back(*std::move(guard));
  auto editor = scene->txn->table(*scene->table);
  auto copy = editor.get(3).value().value();
  for (std::uint32_t key = 0; key < scene->count; ++key) editor.put(key, "changed").value();
  CHECK(*copy == text_of(3));
  CHECK(are_right(guards));
  std::move(*scene->txn).commit().value();
  scene->txn.reset();
  scene->table->erase(1).value();
  scene->storage->drop_table("table").value();
  CHECK(are_right(guards));
  scene->storage->close().value();
  CHECK(code_of(scene->table->get(1)) == ErrorCode::closed);
  scene.reset();
  CHECK(are_right(guards));
  CHECK(*copy == text_of(3));
}
TEST_CASE_TEMPLATE_APPLY(outliving, Places);

// Law: a guard alone keeps its value, however it was come by, when all pages are written anew.
TEST_CASE_TEMPLATE_DEFINE("a guard alone keeps its value", Place, alone) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage);
  using Guard = typename TableOf<Place, std::uint32_t, std::string>::Guard;
  const std::vector<std::function<Guard()>> ways{
      [&] { return table.get(7).value().value(); },
      [&] { return storage.snapshot().value().table(table).get(7).value().value(); },
      [&] { return table.lower_bound(7).value()->value; },
      [&] { return table.get_many(std::vector{7u}).value()[0].value(); },
      [&] { return table.get(7).value()->share().value(); }};
  for (std::size_t way = 0; way < ways.size(); ++way) {
    CAPTURE(way);
    for (std::uint32_t key = 0; key < 20; ++key) table.put(key, text_of(key)).value();
    const Guard guard = ways[way]();
    for (std::uint32_t round = 0; round < 200; ++round)
      table.put(round % 20, std::string(100 + round % 7 * 100, 'x')).value();
    REQUIRE(*guard == text_of(7));
  }
}
TEST_CASE_TEMPLATE_APPLY(alone, Places);

// Law: so does a range, with its state; and one of a transaction tells that this has ended.
TEST_CASE_TEMPLATE_DEFINE("ranges keep their states", Place, ranges) {
  const Place place;
  std::optional<Scene<Place>> scene(place);
  auto of_table = scene->table->range();
  auto of_snapshot = scene->snapshot->table(*scene->table).reverse();
  auto of_txn = scene->txn->table(*scene->table).range();
  CHECK(of_txn.next().value()->key == 0);
  scene->txn->table(*scene->table).put(0, "changed").value();
  CHECK(code_of(of_txn.next()) == ErrorCode::invalid_argument);
  auto read_on = scene->txn->table(*scene->table).range();
  CHECK(*read_on.next().value()->value == "changed");
  std::move(*scene->txn).commit().value();
  CHECK(code_of(read_on.next()) == ErrorCode::closed);
  scene.reset();
  std::uint32_t key = 0;
  for (const auto& entry : of_table) CHECK(*entry.value == text_of(key++));
  CHECK(key == 20);
  for (const auto& entry : of_snapshot) CHECK(*entry.value == text_of(--key));
  CHECK(key == 0);
}
TEST_CASE_TEMPLATE_APPLY(ranges, Places);

// Law: guards may be had by the hundred, and go to other threads.
TEST_CASE_TEMPLATE_DEFINE("guards cross threads", Place, crossing) {
  const Place place;
  Scene<Place> scene(place);
  std::move(*scene.txn).abandon();
  std::vector<typename TableOf<Place, std::uint32_t, std::string>::Guard> guards;
  for (std::uint32_t key = 0; key < 3000; ++key)
    guards.push_back(scene.table->get(key % 20).value().value());
  auto copies = guards;
  bool is_right = false;
  std::thread([&is_right, moved = std::move(guards)]() mutable {
    is_right = are_right(moved);
    moved.clear();
  }).join();
  CHECK(is_right);
  CHECK(are_right(copies));
}
TEST_CASE_TEMPLATE_APPLY(crossing, Places);

}  // namespace
}  // namespace quire::test
