#include "quire/engine/database.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

TEST_CASE("statistics say what the check counts") {
  Store store({.checkpoint_after = 4, .log_in_slots = false});
  const NamedTable table = store.table("t");
  for (std::uint64_t round = 0; round < 12; ++round) {
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < 100; ++number)
      put(txn, table, key_of((round * 37 + number) % 500), std::string(number * 9, 'x'));
    commit(txn);
    const Statistics statistics = store.statistics();
    const CheckReport report = store.database().check().value();
    CHECK(report.is_clean());
    CHECK(report.tables == statistics.tables);
    CHECK(report.log_pages == statistics.log_pages);
    CHECK(report.free_pages == statistics.free_pages + statistics.pending_pages);
    CHECK(report.tree_pages + report.overflow_pages + report.log_pages + report.free_pages ==
          page_total(statistics));
    CHECK(statistics.file_size >= statistics.page_count * statistics.page_size);
    CHECK(statistics.written == statistics.published);
    CHECK(statistics.durable == statistics.published);
    CHECK(statistics.commits == round + 2);
  }
}

TEST_CASE("statistics count the pins of others, not their own") {
  Store store;
  CHECK(store.statistics().pins == 0);
  {
    const Snapshot first = store.snapshot();
    const Pin more = first.pin().value();
    CHECK(store.statistics().pins == 2);
  }
  CHECK(store.statistics().pins == 0);
}

/// What each call of a handle but close() gives.
std::vector<ErrorCode> answers_of(Database& database) {
  return {code_of(database.snapshot()),    code_of(database.get({1}, "t", {})),
          code_of(database.begin_write()), code_of(database.try_begin_write()),
          code_of(database.sync()),        code_of(database.check()),
          code_of(database.statistics())};
}

TEST_CASE("a closed handle, its copies, and one that was moved from give closed") {
  MemoryFileSystem files;
  Database database = Database::open("a", {.file_system = &files}).value();
  Database copy = database;
  Database moved = std::move(database);
  for (const ErrorCode code : answers_of(database)) CHECK(code == ErrorCode::closed);
  CHECK(code_of(database.close()) == ErrorCode::closed);
  moved.close().value();
  moved.close().value();  // once more does no harm
  for (Database* handle : {&moved, &copy})
    for (const ErrorCode code : answers_of(*handle)) CHECK(code == ErrorCode::closed);
}

TEST_CASE("a file closes with the last copy of its handle") {
  MemoryFileSystem files;
  std::optional<Database> database = Database::open("a", {.file_system = &files}).value();
  std::optional<Database> copy = database;
  database.reset();
  CHECK(copy->snapshot().has_value());
  CHECK(code_of(Database::open("a", {.file_system = &files})) == ErrorCode::busy);
  copy.reset();
  CHECK(Database::open("a", {.file_system = &files}).has_value());
}

TEST_CASE("a database does not close under a write transaction") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  CHECK(code_of(store.database().close()) == ErrorCode::busy);
  put(txn, table, "still", "works");
  commit(txn);
  store.reopen();
  CHECK(get(store.snapshot(), table, "still") == "works");
}

TEST_CASE("opened for reading, a database reads and does not write") {
  MemoryFileSystem files;
  {
    const Database made = Database::open("a", {.file_system = &files}).value();
    WriteTransaction txn = made.begin_write().value();
    const NamedTable table = make_table(txn, "t");
    put(txn, table, "k", "v");
    commit(txn);
  }
  const Database opened =
      Database::open("a", {.access = Access::read_only, .file_system = &files}).value();
  CHECK(code_of(opened.begin_write()) == ErrorCode::read_only);
  CHECK(code_of(opened.try_begin_write()) == ErrorCode::read_only);
  const auto value = opened.get({1}, "t", as_bytes("k")).value();
  REQUIRE(value.has_value());
  CHECK(as_text(value->bytes) == "v");
  CHECK(opened.check().value().is_clean());
}

// Law: a commit that would rather have new pages takes free ones where there are no new ones.
TEST_CASE("commits go on when the map is used up, as long as enough pages are free") {
  for (const std::uint64_t budget : {std::uint64_t{64} << 20, std::uint64_t{5} << 12}) {
    CAPTURE(budget);
    const TemporaryDirectory directory;
    const Database database =
        Database::open(directory / "file", {.memory_budget = budget, .map_reserve = 300 << 12})
            .value();
    const auto put_some = [&](const NamedTable& table, std::uint64_t first, std::uint64_t step) {
      WriteTransaction txn = database.begin_write().value();
      for (std::uint64_t number = first; number < 700; number += step)
        put(txn, table, key_of(number), std::string(900, 'v'));
      commit(txn);
    };
    WriteTransaction txn = database.begin_write().value();
    const NamedTable table = make_table(txn, "t");
    commit(txn);
    put_some(table, 0, 1);
    for (std::uint64_t round = 0; round < 300; ++round) put_some(table, round % 97, 97);
    CHECK(database.statistics().value().file_size >= 290 << 12);
    require_sound(database);
  }
}

}  // namespace
}  // namespace quire::test
