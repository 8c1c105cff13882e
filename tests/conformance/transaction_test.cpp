// Transactions: all or nothing, one writer, and reads of own edits.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "conformance/places.hpp"
#include "support/volume.hpp"
#include "unit/api/model.hpp"

namespace quire::test {
namespace {

using NumbersModel = Model<std::uint32_t, std::uint32_t>;

// Law: of a transaction all edits of all tables are there afterwards, or none.
TEST_CASE_TEMPLATE_DEFINE("a transaction is all or nothing", Place, all_or_nothing) {
  const Place place;
  std::mt19937_64 random(7);
  auto storage = place.open();
  std::array tables{table_in<std::uint32_t, std::uint32_t>(storage, "one"),
                    table_in<std::uint32_t, std::uint32_t>(storage, "two")};
  std::array<NumbersModel, 2> models;
  for (std::size_t round = 0; round < scaled(20); ++round) {
    auto changed = models;
    auto txn = storage.begin_write().value();
    for (std::uint64_t edit = random() % 60; edit > 0; --edit) {
      const std::size_t at = random() % 2;
      auto editor = txn.table(tables[at]);
      edit_both(editor, changed[at], random, 50);
    }
    for (std::size_t at = 0; at < 2; ++at) {
      check_like(txn.table(tables[at]), changed[at]);
      check_like(tables[at], models[at]);
    }
    if (round % 3 == 0) {
      std::move(txn).abandon();
    } else if (round % 3 == 1) {
      std::move(txn).commit().value();
      models = changed;
    } else {
      const auto dropped = std::move(txn);
    }
    for (std::size_t at = 0; at < 2; ++at) check_like(tables[at], models[at]);
  }
}
TEST_CASE_TEMPLATE_APPLY(all_or_nothing, Places);

// Law: a transaction that has ended says so, whatever it is asked.
TEST_CASE_TEMPLATE_DEFINE("an ended transaction gives closed", Place, ended) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::string>(storage);
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  editor.put(1, "one").value();
  std::move(txn).commit().value();
  CHECK(code_of(editor.put(2, "two")) == ErrorCode::closed);
  CHECK(code_of(editor.get(1)) == ErrorCode::closed);
  CHECK(code_of(editor.erase(1)) == ErrorCode::closed);
  CHECK(code_of(editor.size()) == ErrorCode::closed);
  CHECK(code_of(editor.range().next()) == ErrorCode::closed);
  CHECK(table.size().value() == 1);
}
TEST_CASE_TEMPLATE_APPLY(ended, Places);

// Law: a thread has one write transaction, and others wait for its end.
TEST_CASE_TEMPLATE_DEFINE("there is one writer", Place, one_writer) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::uint32_t>(storage);
  auto txn = storage.begin_write().value();
  txn.table(table).put(1, 1).value();
  CHECK(code_of(storage.begin_write()) == ErrorCode::wrong_thread);
  CHECK(code_of(table.put(1, 2)) == ErrorCode::wrong_thread);
  CHECK(code_of(storage.drop_table("table")) == ErrorCode::wrong_thread);
  CHECK(code_of(storage.close()) == ErrorCode::busy);
  std::uint32_t seen = 0;
  std::thread other([&] {
    auto later = storage.begin_write().value();
    seen = **later.table(table).get(1).value();
    later.table(table).put(1, 3).value();
    std::move(later).commit().value();
  });
  std::move(txn).commit().value();
  other.join();
  CHECK(seen == 1);
  CHECK(**table.get(1).value() == 3);
}
TEST_CASE_TEMPLATE_APPLY(one_writer, Places);

// Law: a commit may ask for more than the storage was opened for, and has it when it returns.
TEST_CASE_TEMPLATE_DEFINE("a commit can ask to be durable", Place, durable) {
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::uint32_t, std::uint32_t>(storage);
  for (const Durability durability : {Durability::full, Durability::two_phase}) {
    auto txn = storage.begin_write().value();
    txn.table(table).put(1, 1).value();
    CHECK(std::move(txn).commit(durability).value().is_durable);
  }
  table.put(2, 2, Durability::full).value();
  CHECK(storage.sync().has_value());
}
TEST_CASE_TEMPLATE_APPLY(durable, Places);

}  // namespace
}  // namespace quire::test
