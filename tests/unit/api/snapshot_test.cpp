#include "quire/api/snapshot.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/volume.hpp"
#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Texts = Table<std::uint32_t, std::string>;
using TextModel = Model<std::uint32_t, std::string>;

Texts texts_in(const Storage& storage) {
  return storage.new_table<std::uint32_t, std::string>("texts").build().value();
}

// Law: a snapshot shows one state for ever.
TEST_CASE("snapshots keep their states, whatever is committed after them") {
  for (const Place::Kind kind : Place::all) {
    for (std::uint64_t seed = 0; seed < scaled(5); ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      Place place(kind);
      Storage storage = place.open();
      auto table = texts_in(storage);
      TextModel model;
      std::vector<std::pair<StorageSnapshot, TextModel>> kept;
      for (int round = 0; round < 100; ++round) {
        edit_both(table, model, random, 60);
        if (random() % 4 == 0) kept.emplace_back(storage.snapshot().value(), model);
        if (random() % 6 == 0 && !kept.empty()) {
          const std::size_t at = random() % kept.size();
          check_like(kept[at].first.table(table), kept[at].second);
          kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(at));
        }
      }
      for (const auto& [snapshot, then] : kept) check_like(snapshot.table(table), then);
      CHECK(storage.check().value().is_clean());
    }
  }
}

TEST_CASE("a table of a snapshot that goes keeps its state by itself") {
  Place place;
  Storage storage = place.open();
  auto texts = texts_in(storage);
  texts.put(1, "then").value();
  const auto then = storage.snapshot().value().table(texts);
  CHECK(storage.readers().value().at(0).pins == 1);
  texts.put(1, "now").value();
  CHECK(**then.get(1).value() == "then");
  CHECK(storage.readers().value().size() == 1);
}

TEST_CASE("all tables of a snapshot are of one state") {
  Place place;
  Storage storage = place.open();
  auto texts = texts_in(storage);
  auto other = storage.new_table<std::uint32_t, std::string>("other").build().value();
  const StorageSnapshot before = storage.snapshot().value();
  auto txn = storage.begin_write().value();
  REQUIRE(txn.table(texts).put(1, "a").has_value());
  REQUIRE(txn.table(other).put(1, "b").has_value());
  const StorageSnapshot during = storage.snapshot().value();
  REQUIRE(std::move(txn).commit().has_value());
  const StorageSnapshot after = storage.snapshot().value();
  for (const auto* snapshot : {&before, &during}) {
    CHECK(snapshot->table(texts).size().value() == 0);
    CHECK(snapshot->table(other).size().value() == 0);
  }
  CHECK(**after.table(texts).get(1).value() == "a");
  CHECK(**after.table(other).get(1).value() == "b");
  CHECK(before.txn() == during.txn());
  CHECK(before.txn() < after.txn());
}

TEST_CASE(
    "a table is missing from snapshots of before it was made, and in those of before it was "
    "dropped it stays") {
  Place place;
  Storage storage = place.open();
  const StorageSnapshot before = storage.snapshot().value();
  auto table = texts_in(storage);
  REQUIRE(table.put(1, "a").has_value());
  const StorageSnapshot between = storage.snapshot().value();
  const auto in_between = between.table(table);
  REQUIRE(storage.drop_table("texts").has_value());
  auto again = texts_in(storage);
  CHECK(code_of(before.table(table).get(1)) == ErrorCode::table_missing);
  CHECK(code_of(before.table(table).range().next()) == ErrorCode::table_missing);
  CHECK(before.tables().value().empty());
  CHECK(**in_between.get(1).value() == "a");
  CHECK(**between.table(table).get(1).value() == "a");
  REQUIRE(between.tables().value().size() == 1);
  CHECK(code_of(table.get(1)) == ErrorCode::table_missing);
  CHECK(again.size().value() == 0);
  CHECK(code_of(storage.snapshot().value().table(table).get(1)) == ErrorCode::table_missing);
}

TEST_CASE("a copy of a snapshot shows the same state; one that was moved from gives closed") {
  Place place;
  Storage storage = place.open();
  auto table = texts_in(storage);
  REQUIRE(table.put(1, "a").has_value());
  StorageSnapshot snapshot = storage.snapshot().value();
  const StorageSnapshot copy = snapshot;
  const StorageSnapshot other = std::move(snapshot);
  auto in_snapshot = other.table(table);
  const auto in_other = std::move(in_snapshot);
  REQUIRE(table.put(1, "b").has_value());
  // NOLINTBEGIN(bugprone-use-after-move)
  CHECK(code_of(snapshot.table(table).get(1)) == ErrorCode::closed);
  CHECK(code_of(snapshot.table(table).size()) == ErrorCode::closed);
  CHECK(code_of(snapshot.tables()) == ErrorCode::closed);
  CHECK(**in_snapshot.get(1).value() == "a");
  // NOLINTEND(bugprone-use-after-move)
  CHECK(**copy.table(table).get(1).value() == "a");
  CHECK(**in_other.get(1).value() == "a");
}

/// Law: whoever reads while others commit sees each commit whole: here all values are the same.
TEST_CASE("one snapshot, and many, are read by several threads while another commits") {
  Place place;
  Storage storage = place.open();
  const auto table = texts_in(storage);
  const auto commit_all = [&](std::size_t round) {
    auto txn = storage.begin_write().value();
    auto editor = txn.table(table);
    for (std::uint32_t key = 0; key < 50; ++key) editor.put(key, std::to_string(round)).value();
    std::move(txn).commit().value();
  };
  commit_all(0);
  const StorageSnapshot first = storage.snapshot().value();
  std::atomic<bool> is_over = false;
  std::atomic<std::size_t> wrong = 0, read = 0;
  const auto check_state = [&](const StorageSnapshot& snapshot) {
    const auto texts = snapshot.table(table);
    const auto expected = texts.get(7).value().value();
    for (const auto& [key, value] : texts.range()) wrong += *value == *expected ? 0 : 1;
    wrong += texts.size().value() == 50 ? 0 : 1;
    ++read;
  };
  std::vector<std::thread> threads;
  for (int n = 0; n < 3; ++n) {
    threads.emplace_back([&] {
      do {
        check_state(storage.snapshot().value());
        check_state(first);
      } while (!is_over);
    });
  }
  for (std::size_t round = 1; round <= scaled(200); ++round) commit_all(round);
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(read >= 6);
  CHECK(**first.table(table).get(7).value() == "0");
  CHECK(**table.get(7).value() == std::to_string(scaled(200)));
}

TEST_CASE("a snapshot made by one thread is read and dropped by another, after its storage") {
  for (const Place::Kind kind : Place::all) {
    Place place(kind);
    std::optional<Storage> storage(place.open());
    std::optional<Texts> table(texts_in(*storage));
    REQUIRE(table->put(1, "a").has_value());
    auto in_snapshot = std::optional(storage->snapshot().value().table(*table));
    table.reset();
    storage.reset();
    std::thread([&, own = *std::exchange(in_snapshot, std::nullopt)] {
      CHECK(**own.get(1).value() == "a");
      CHECK(own.size().value() == 1);
    }).join();
    CHECK(**texts_in(place.open()).get(1).value() == "a");
  }
}

}  // namespace
}  // namespace quire::test
