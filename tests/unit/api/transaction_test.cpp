#include "quire/api/transaction.hpp"

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "support/volume.hpp"
#include "unit/api/model.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

using Numbers = Table<std::uint32_t, std::uint32_t>;
using NumbersModel = Model<std::uint32_t, std::uint32_t>;

Numbers numbers_in(const Storage& storage, const std::string& name) {
  return storage.new_table<std::uint32_t, std::uint32_t>(name).build().value();
}

enum class Ending { commit, abandon, drop };

void end(StorageTransaction txn, Ending ending) {
  if (ending == Ending::commit) REQUIRE(std::move(txn).commit().has_value());
  if (ending == Ending::abandon) std::move(txn).abandon();
}

// Law: of a transaction all edits of all tables are there afterwards, or none.
TEST_CASE("a transaction is all or nothing, over several tables") {
  for (std::uint64_t seed = 0; seed < scaled(20); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Place place;
    Storage storage = place.open();
    std::array tables{numbers_in(storage, "one"), numbers_in(storage, "two"),
                      numbers_in(storage, "three")};
    std::array<NumbersModel, 3> models;
    for (int round = 0; round < 20; ++round) {
      auto changed = models;
      auto txn = storage.begin_write().value();
      for (std::uint64_t edit = random() % 60; edit > 0; --edit) {
        const std::size_t at = random() % 3;
        auto editor = txn.table(tables[at]);
        edit_both(editor, changed[at], random, 50);
      }
      for (std::size_t at = 0; at < 3; ++at) {
        check_like(txn.table(tables[at]), changed[at]);
        check_like(tables[at], models[at]);
      }
      const auto ending = static_cast<Ending>(random() % 3);
      end(std::move(txn), ending);
      if (ending == Ending::commit) models = changed;
      for (std::size_t at = 0; at < 3; ++at) check_like(tables[at], models[at]);
    }
    CHECK(storage.check().value().is_clean());
  }
}

/// A storage with one table and a transaction that has put one entry into it.
struct Open {
  Place place;
  Storage storage = place.open();
  Numbers table = numbers_in(storage, "table");
  StorageTransaction txn = storage.begin_write().value();
  TableEditor<Numbers::SchemaType> editor = txn.table(table);

  Open() { editor.put(1, 2).value(); }
};

void check_closed(auto& editor) {
  CHECK(code_of(editor.put(1, 3)) == ErrorCode::closed);
  CHECK(code_of(editor.insert_if_absent(1, 3)) == ErrorCode::closed);
  CHECK(code_of(editor.erase(1)) == ErrorCode::closed);
  CHECK(code_of(editor.get(1)) == ErrorCode::closed);
  CHECK(code_of(editor.contains(1)) == ErrorCode::closed);
  CHECK(code_of(editor.size()) == ErrorCode::closed);
  CHECK(code_of(editor.first()) == ErrorCode::closed);
  CHECK(code_of(editor.range().next()) == ErrorCode::closed);
}

void check_closed(StorageTransaction& txn, const Numbers& table) {
  auto editor = txn.table(table);
  check_closed(editor);
  CHECK(code_of(txn.txn()) == ErrorCode::closed);
  CHECK(code_of(txn.tables()) == ErrorCode::closed);
  CHECK(code_of(txn.drop_table("table")) == ErrorCode::closed);
  CHECK(code_of(std::move(txn).commit()) == ErrorCode::closed);
  std::move(txn).abandon();
}

// NOLINTBEGIN(bugprone-use-after-move): what an ended transaction says is what is tested.
TEST_CASE("an ended transaction, and what came from it, give closed") {
  for (const Ending ending : {Ending::commit, Ending::abandon, Ending::drop}) {
    CAPTURE(static_cast<int>(ending));
    Open open;
    auto range = open.editor.range();
    const auto guard = open.editor.get(1).value().value();
    if (ending == Ending::commit) REQUIRE(std::move(open.txn).commit().has_value());
    if (ending == Ending::abandon) std::move(open.txn).abandon();
    if (ending == Ending::drop) const StorageTransaction dropped = std::move(open.txn);
    check_closed(open.editor);
    check_closed(open.txn, open.table);
    CHECK(code_of(range.next()) == ErrorCode::closed);
    CHECK(*guard == 2);
    CHECK(open.table.contains(1).value() == (ending == Ending::commit));
  }
}

TEST_CASE("a transaction that was moved from gives closed, the other one goes on") {
  Open open;
  StorageTransaction other = std::move(open.txn);
  check_closed(open.txn, open.table);
  REQUIRE(other.table(open.table).put(3, 4).has_value());
  REQUIRE(open.editor.put(5, 6).has_value());
  REQUIRE(std::move(other).commit().has_value());
  check_like(open.table, NumbersModel{{1, 2}, {3, 4}, {5, 6}});
}
// NOLINTEND(bugprone-use-after-move)

TEST_CASE("assigning to a transaction abandons the one that was there") {
  Open other;  // its files must outlive the transaction that goes over
  Open open;
  open.txn = std::move(other.txn);
  check_closed(open.editor);
  CHECK_FALSE(open.table.contains(1).value());
  REQUIRE(std::move(open.txn).commit().has_value());
  CHECK(other.table.contains(1).value());
  REQUIRE(open.storage.begin_write().has_value());
}

TEST_CASE("a range that is read on after any edit gives invalid_argument") {
  const auto check = [](auto&& edit) {
    Open open;
    REQUIRE(open.editor.put(2, 3).has_value());
    auto before = open.editor.range();
    auto begun = open.editor.range();
    REQUIRE(begun.next().value()->key == 1);
    edit(open);
    CHECK(code_of(before.next()) == ErrorCode::invalid_argument);
    CHECK(code_of(begun.next()) == ErrorCode::invalid_argument);
    CHECK(open.editor.size().has_value() != false);
  };
  check([](Open& open) { open.editor.put(1, 7).value(); });
  check([](Open& open) { open.editor.insert_if_absent(1, 7).value(); });
  check([](Open& open) { open.editor.erase(1).value(); });
  check([](Open& open) { open.txn.table(open.table).erase(9).value(); });
}

TEST_CASE("reading does not end a range") {
  Open open;
  auto range = open.editor.range();
  CHECK(open.editor.get(1).value().has_value());
  CHECK(open.editor.size().value() == 1);
  CHECK(open.editor.last().value()->key == 1);
  CHECK(range.next().value()->key == 1);
}

TEST_CASE("the thread that has the transaction gets no second one") {
  Open open;
  CHECK(code_of(open.storage.begin_write()) == ErrorCode::wrong_thread);
  CHECK(code_of(open.storage.try_begin_write()) == ErrorCode::wrong_thread);
  CHECK(code_of(open.storage.begin_write_for(std::chrono::hours(1))) == ErrorCode::wrong_thread);
  CHECK(code_of(open.table.put(1, 1)) == ErrorCode::wrong_thread);
  CHECK(code_of(open.table.insert_if_absent(1, 1)) == ErrorCode::wrong_thread);
  CHECK(code_of(open.table.erase(1)) == ErrorCode::wrong_thread);
  CHECK(code_of(open.storage.drop_table("table")) == ErrorCode::wrong_thread);
  CHECK(code_of(open.storage.new_table<int, int>("new").build()) == ErrorCode::wrong_thread);
  CHECK(numbers_in(open.storage, "table").size().value() == 0);
  REQUIRE(std::move(open.txn).commit().has_value());
  REQUIRE(open.table.put(1, 1).has_value());
}

TEST_CASE("another thread waits for its turn, or is told busy") {
  Open open;
  std::thread([&] { CHECK(code_of(open.storage.try_begin_write()) == ErrorCode::busy); }).join();
  std::thread waiting([&] { open.table.put(1, 9).value(); });
  REQUIRE(open.editor.put(1, 8).has_value());
  REQUIRE(std::move(open.txn).commit().has_value());
  waiting.join();
  CHECK(**open.table.get(1).value() == 9);
}

TEST_CASE("every thread's edits are there in the end") {
  Place place;
  Storage storage = place.open();
  const Numbers table = numbers_in(storage, "table");
  std::vector<std::thread> threads;
  const auto count = static_cast<std::uint32_t>(scaled(100));
  for (std::uint32_t n = 0; n < 4; ++n) {
    threads.emplace_back([&, n, own = table]() mutable {
      for (std::uint32_t round = 0; round < count; ++round) own.put(round * 4 + n, n).value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(table.size().value() == count * 4);
  for (const auto& [key, value] : table.range()) REQUIRE(*value == key % 4);
}

TEST_CASE("a table of another storage is refused, and nothing is put anywhere") {
  Open open;
  Place place;
  Storage other_storage = place.open();
  const Numbers other = numbers_in(other_storage, "table");
  CHECK(code_of(open.txn.table(other).put(7, 7)) == ErrorCode::invalid_argument);
  CHECK(code_of(open.txn.table(other).get(7)) == ErrorCode::invalid_argument);
  CHECK(code_of(open.txn.table(other).range().next()) == ErrorCode::invalid_argument);
  const StorageSnapshot snapshot = open.storage.snapshot().value();
  CHECK(code_of(snapshot.table(other).get(7)) == ErrorCode::invalid_argument);
  CHECK(code_of(snapshot.table(other).range().next()) == ErrorCode::invalid_argument);
  REQUIRE(std::move(open.txn).commit().has_value());
  CHECK_FALSE(open.table.contains(7).value());
  CHECK_FALSE(other.contains(7).value());
}

TEST_CASE("dropping a table is part of the transaction") {
  for (const Ending ending : {Ending::commit, Ending::abandon}) {
    Open open;
    REQUIRE(std::move(open.txn).commit().has_value());
    auto txn = open.storage.begin_write().value();
    REQUIRE(txn.drop_table("table").has_value());
    CHECK(code_of(txn.drop_table("table")) == ErrorCode::table_missing);
    CHECK(code_of(txn.table(open.table).get(1)) == ErrorCode::table_missing);
    CHECK(code_of(txn.table(open.table).put(1, 1)) == ErrorCode::table_missing);
    CHECK(txn.tables().value().empty());
    CHECK(open.table.contains(1).value());
    end(std::move(txn), ending);
    if (ending == Ending::commit) {
      CHECK(code_of(open.table.contains(1)) == ErrorCode::table_missing);
      CHECK(open.storage.tables().value().empty());
    } else {
      CHECK(open.table.contains(1).value());
      CHECK(open.storage.tables().value().size() == 1);
    }
  }
}

TEST_CASE("a commit says what it was, and one without changes is free") {
  Open open;
  const TxnId txn = open.txn.txn().value();
  const CommitReceipt receipt = std::move(open.txn).commit(Durability::full).value();
  CHECK(receipt.txn == txn);
  CHECK(receipt.is_durable);
  CHECK(receipt.pages_written > 0);
  CHECK(open.storage.snapshot().value().txn() == txn);
  const CommitReceipt free = open.storage.begin_write().value().commit().value();
  CHECK(free.txn == txn);
  CHECK(free.pages_written == 0);
}

TEST_CASE("a buffered commit is seen at once, and durable without anybody's waiting") {
  Storage storage = StorageBuilder("memory")
                        .with_backend(backend::memory)
                        .with_durability(Durability::buffered)
                        .with_background_sync({.size = 1})
                        .build()
                        .value();
  const auto table = storage.new_table<int, int>("table").build().value();
  for (int number = 0; number < 10; ++number) {
    auto txn = storage.begin_write().value();
    REQUIRE(txn.table(table).put(number, number));
    const CommitTicket ticket = std::move(txn).commit().value().ticket;
    CHECK(table.contains(number).value());
    while (!ticket.is_durable().value()) std::this_thread::yield();
  }
}

TEST_CASE("a guard of a transaction keeps the value that it was made with") {
  Open open;
  const auto before = open.editor.get(1).value().value();
  REQUIRE(open.editor.put(1, 9).has_value());
  const auto after = open.editor.get(1).value().value();
  REQUIRE(open.editor.erase(1).value());
  CHECK(*before == 2);
  CHECK(*after == 9);
}

}  // namespace
}  // namespace quire::test
