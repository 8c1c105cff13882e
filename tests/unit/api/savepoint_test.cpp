// Savepoints and nested transactions as the typed layer has them;
// tests/unit/engine/txn/savepoint_test.cpp tries the laws of the former.
#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <ranges>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/volume.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

// Law: what was done since a savepoint is undone by going back to it, and the rest is committed.
TEST_CASE("a transaction goes back to a savepoint and is committed from there") {
  Place place;
  auto storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::string>("t").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  editor.put(1, "one").value();
  const auto outer = txn.savepoint().value();
  editor.put(1, "uno").value();
  editor.put(2, "two").value();
  const auto made = txn.new_table<std::uint32_t, std::string>("made").build().value();
  const auto inner = txn.savepoint().value();
  editor.clear().value();
  txn.rollback_to(inner).value();
  REQUIRE(**editor.get(2).value() == "two");
  REQUIRE(txn.table(made).size().value() == 0);
  txn.rollback_to(outer).value();
  REQUIRE(code_of(txn.rollback_to(inner)) == ErrorCode::invalid_argument);
  REQUIRE(**editor.get(1).value() == "one");
  REQUIRE_FALSE(editor.get(2).value());
  editor.put(3, "three").value();
  txn.release(outer).value();
  REQUIRE(code_of(txn.rollback_to(outer)) == ErrorCode::invalid_argument);
  std::move(txn).commit().value();
  REQUIRE(table.size().value() == 2);
  REQUIRE(**table.get(1).value() == "one");
  REQUIRE(storage.tables().value().size() == 1);
}

// Law: a range that was begun before going back is not read on.
TEST_CASE("a range does not outlive a rollback to a savepoint") {
  Place place;
  auto storage = place.open();
  auto table = storage.new_table<std::uint32_t, std::string>("t").build().value();
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  const auto savepoint = txn.savepoint().value();
  for (std::uint32_t key = 0; key < 100; ++key) editor.put(key, "value").value();
  auto range = editor.range();
  REQUIRE(range.next().value() != nullptr);
  txn.rollback_to(savepoint).value();
  REQUIRE(code_of(range.next()) == ErrorCode::invalid_argument);
}

using Numbers = std::map<std::uint32_t, std::string>;

/// A storage with a table and a transaction over it.
struct Nesting {
  Place place;
  Storage storage = place.open();
  Table<std::uint32_t, std::string> table =
      storage.new_table<std::uint32_t, std::string>("t").build().value();
  StorageTransaction txn = storage.begin_write().value();
  decltype(txn.table(table)) editor = txn.table(table);

  static Numbers content(const auto& read) {
    Numbers all;
    read.range().for_each([&](const auto& entry) { all[entry.key] = *entry.value; }).value();
    return all;
  }
  [[nodiscard]] Numbers now() const { return content(editor); }
  [[nodiscard]] Numbers committed() {
    std::move(txn).commit().value();
    return content(table);
  }
};

// Law: of a nested transaction all is there, or nothing, as of those in it that were committed.
TEST_CASE("nested transactions answer like a stack of maps") {
  for (std::uint64_t seed = 0; seed < scaled(40); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Nesting t;
    std::vector<NestedTransaction> open;
    std::vector<Numbers> models(1);
    const auto end_one = [&](bool is_committed) {
      if (is_committed) {
        std::move(open.back()).commit().value();
        models[models.size() - 2] = models.back();
      }
      open.pop_back();
      models.pop_back();
    };
    for (int step = 0; step < 200; ++step) {
      const auto key = static_cast<std::uint32_t>(random() % 50);
      switch (random() % 8) {
        case 0:
          open.push_back(t.txn.nested().value());
          models.push_back(Numbers(models.back()));
          break;
        case 1:
          if (!open.empty()) end_one(random() % 2 == 0);
          break;
        case 2:
          t.editor.erase(key).value();
          models.back().erase(key);
          break;
        default:
          models.back()[key] = std::to_string(step);
          t.editor.put(key, std::to_string(step)).value();
      }
      REQUIRE(t.now() == models.back());
    }
    while (!open.empty()) end_one(random() % 2 == 0);
    REQUIRE(t.committed() == models.front());
    REQUIRE(t.storage.check().value().is_clean());
  }
}

TEST_CASE("an exception takes back the nested transaction that it leaves, and no other") {
  Nesting t;
  t.editor.put(1, "one").value();
  const auto fail_inside = [&] {
    auto inner = t.txn.nested().value();
    t.editor.put(2, "two").value();
    t.txn.new_table<std::uint32_t, std::string>("made").build().value();
    throw std::runtime_error("left");
  };
  REQUIRE_THROWS_AS(fail_inside(), std::runtime_error);
  REQUIRE(t.txn.tables().value().size() == 1);
  t.editor.put(3, "three").value();
  REQUIRE(t.committed() == Numbers{{1, "one"}, {3, "three"}});
}

// Law: what is nested ends first, and otherwise nothing is committed and nothing has happened.
TEST_CASE("nothing is committed over a nested transaction that is open") {
  Nesting t;
  const auto before = t.txn.savepoint().value();
  auto outer = t.txn.nested().value();
  t.editor.put(1, "one").value();
  auto inner = t.txn.nested().value();
  t.editor.put(2, "two").value();
  // NOLINTBEGIN(bugprone-use-after-move): what is refused is still there.
  REQUIRE(code_of(std::move(t.txn).commit()) == ErrorCode::invalid_argument);
  REQUIRE(code_of(std::move(t.txn).commit_without_waiting()) == ErrorCode::invalid_argument);
  REQUIRE(code_of(std::move(outer).commit()) == ErrorCode::invalid_argument);
  REQUIRE(code_of(t.txn.release(before)) == ErrorCode::invalid_argument);
  REQUIRE(t.now() == Numbers{{1, "one"}, {2, "two"}});
  std::move(inner).commit().value();
  std::move(outer).commit().value();
  REQUIRE(code_of(std::move(inner).commit()) == ErrorCode::closed);
  // NOLINTEND(bugprone-use-after-move)
  t.txn.release(before).value();
  REQUIRE(t.committed() == Numbers{{1, "one"}, {2, "two"}});
}

TEST_CASE("what is nested goes with what it is nested in") {
  Nesting t;
  const auto before = t.txn.savepoint().value();
  std::optional<NestedTransaction> outer = t.txn.nested().value();
  t.editor.put(1, "one").value();
  auto inner = t.txn.nested().value();
  t.editor.put(2, "two").value();
  outer.reset();
  REQUIRE(t.now().empty());
  REQUIRE(code_of(std::move(inner).commit()) == ErrorCode::closed);

  auto again = t.txn.nested().value();
  t.editor.put(3, "three").value();
  t.txn.rollback_to(before).value();
  REQUIRE(code_of(std::move(again).commit()) == ErrorCode::closed);
  {
    const auto last = t.txn.nested().value();
    const auto inside = t.txn.savepoint().value();
    t.editor.put(4, "four").value();
    t.txn.rollback_to(inside).value();
    t.txn.release(inside).value();
    t.editor.put(5, "five").value();
  }
  REQUIRE(t.now().empty());
  auto left = t.txn.nested().value();
  t.editor.put(6, "six").value();
  std::move(t.txn).abandon();
  REQUIRE(code_of(std::move(left).commit()) == ErrorCode::closed);
  REQUIRE(Nesting::content(t.table).empty());
}

// NOLINTBEGIN(bugprone-use-after-move): what one says that was moved from is what is tested.
TEST_CASE("a nested transaction moves, and takes back the one it is moved over") {
  Nesting t;
  auto first = t.txn.nested().value();
  t.editor.put(1, "one").value();
  auto moved = std::move(first);
  REQUIRE(code_of(std::move(first).commit()) == ErrorCode::closed);
  auto inner = t.txn.nested().value();
  t.editor.put(2, "two").value();
  inner = std::move(moved);
  REQUIRE(t.now() == Numbers{{1, "one"}});
  std::move(inner).commit().value();
  REQUIRE(t.committed() == Numbers{{1, "one"}});
}
// NOLINTEND(bugprone-use-after-move)

TEST_CASE("abandoning a nested transaction mends what a failed call in it has broken") {
  Nesting t;
  t.editor.put(1, "one").value();
  {
    auto inner = t.txn.nested().value();
    const auto fail_at_three = [](std::uint32_t key) {
      if (key == 3) throw std::runtime_error("no more of them");
      return std::pair(key, std::string("loaded"));
    };
    const auto entries = std::views::iota(1U, 9U) | std::views::transform(fail_at_three);
    REQUIRE_THROWS_AS(t.editor.bulk_load(entries).value(), std::runtime_error);
    REQUIRE(code_of(t.editor.put(3, "three")) == ErrorCode::transaction_broken);
    // NOLINTNEXTLINE(bugprone-use-after-move): what is refused is still there.
    REQUIRE(code_of(std::move(inner).commit()) == ErrorCode::transaction_broken);
  }
  t.editor.put(4, "four").value();
  REQUIRE(t.committed() == Numbers{{1, "one"}, {4, "four"}});
}

}  // namespace
}  // namespace quire::test
