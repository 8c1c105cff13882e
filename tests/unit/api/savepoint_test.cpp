// Savepoints as the typed layer has them; tests/unit/engine/txn/savepoint_test.cpp tries their
// laws.
#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <cstdint>
#include <string>

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

}  // namespace
}  // namespace quire::test
