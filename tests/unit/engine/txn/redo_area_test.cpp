// The area of the redo log: when there is one, what it needs of the disk, whose turn it is, and
// what other openings make of it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"
#include "unit/engine/txn/recording_store.hpp"

namespace quire::test {
namespace {

// ---- The area

std::uint64_t redo_pages(RecordingStore& store) {
  require_sound(store.database());
  return store.database().check().value().redo_pages;
}

TEST_CASE("an opening without a redo log does again what is in it, and gives it up") {
  RecordingStore store;
  store.record(0, 5);
  CHECK(redo_pages(store) == log_size / page_size);
  store.record(5, 8);
  const std::vector<std::byte> content = store.file();
  MemoryFileSystem files;
  files.add_file("data", content).value();
  Options options;
  options.file_system = &files;
  const Database database = Database::open("data", options).value();
  CHECK(quire::test::content(database.snapshot().value(), store.table()) == store.content());
  quire::test::store(database, store.table(), "key");
  require_sound(database);
  CHECK(database.check().value().redo_pages == 0);
}

TEST_CASE("an opening with a redo log of another size has one of that size") {
  for (const std::uint64_t size : {std::uint64_t{1}, 2 * log_size}) {
    RecordingStore store;
    store.record(0, 5);
    MemoryFileSystem files;
    files.add_file("data", store.file()).value();
    Options options;
    options.redo_log_size = size;
    options.file_system = &files;
    const Database database = Database::open("data", options).value();
    for (int count = 0; count < 3; ++count)
      quire::test::store(database, store.table(), "key" + std::to_string(count));
    add_table(database, "another");
    CHECK(database.check().value().redo_pages == (size + page_size - 1) / page_size);
    require_sound(database);
    CHECK(quire::test::content(database.snapshot().value(), store.table()).size() == 8);
  }
}

TEST_CASE("without room for a redo log commits go on without one") {
  RecordingStore store({.redo_log_size = std::uint64_t{1} << 28});
  CHECK(store.record(0).pages_written > 0);
  CHECK(store.record(1).pages_written > 0);
  CHECK(redo_pages(store) == 0);
  CHECK(store.content().size() == 2);
}

TEST_CASE("a full disk takes what is recorded") {
  RecordingStore store;
  store.record(0);
  store.fail_next(Call::grow, ENOSPC, Lasting::from_then_on);
  store.record(1, 20);
  store.disk().heal();
  CHECK(store.content().size() == 20);
  require_sound(store.database());
}

// Law: who was told that a commit is durable is not told later that its pages do not fit.
TEST_CASE("a disk that is full says so before a commit is recorded") {
  RecordingStore store;
  store.record(0);
  store.fail_next(Call::grow, ENOSPC, Lasting::from_then_on);
  std::uint64_t taken = 0;
  for (bool is_full = false; !is_full; ++taken) {
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < 20; ++number)
      put(txn, store.table(), key_of(taken * 20 + number), std::string(200, 'v'));
    const Result<CommitReceipt> receipt = std::move(txn).commit();
    is_full = !receipt;
    if (is_full) CHECK(receipt.error().code() == ErrorCode::no_space);
    REQUIRE(taken < 1'000);
  }
  CHECK(taken > 2);
  CHECK(store.content().size() == (taken - 1) * 20);
  WriteTransaction txn = store.begin();
  for (std::uint64_t number = 0; number < taken * 20; number += 3)
    erase(txn, store.table(), key_of(number));
  CHECK(commit(txn).pages_written == 0);
  const std::size_t left = store.content().size();
  store.database().close().value();
  store.destroy();
  store.open();
  CHECK(store.content().size() == left);
  require_sound(store.database());
}

// Law: a sync makes all that was committed durable, and writes no pages where records are enough.
TEST_CASE("a sync of recorded commits writes no pages") {
  RecordingStore store;
  store.record(0);
  const std::uint64_t pages = store.statistics().pages_written;
  const std::size_t syncs = store.disk().traffic().syncs;
  store.database().sync().value();
  CHECK(store.disk().traffic().syncs == syncs);
  const CommitTicket ticket = store.commit(1, "value", Durability::buffered).ticket;
  store.database().sync().value();
  CHECK(ticket.is_durable().value());
  CHECK(store.disk().traffic().syncs == syncs + 1);
  CHECK(store.statistics().pages_written == pages);
  store.stay(2, 3);
  store.database().sync().value();
  CHECK(store.statistics().pages_written > pages);
  store.cut_power();
  CHECK(store.content().size() == 3);
}

// Law: with a redo log no transaction builds on a full commit that is not durable: it could not be
// recorded, and nor could the one after it.
TEST_CASE("who comes next finds a full commit durable, whether it is recorded or writes pages") {
  RecordingStore store;
  int syncs = 0;
  store.disk().during_sync([&] {
    ++syncs;
    std::jthread([&] { CHECK(code_of(store.database().try_begin_write()) == ErrorCode::busy); });
  });
  for (std::uint64_t number = 0; number < 250; ++number)
    store.record(number % 20, std::string(300, 'v'));
  store.disk().during_sync({});
  CHECK(syncs >= 250);
  CHECK(store.statistics().written < store.statistics().published);
}

TEST_CASE("a commit that nobody waits for is not recorded, and others do not see it at once") {
  RecordingStore store;
  store.record(0);
  WriteTransaction txn = store.begin();
  put(txn, store.table(), key_of(1), "value");
  const std::size_t syncs = store.disk().traffic().syncs;
  const CommitReceipt receipt = std::move(txn).commit_without_waiting().value();
  CHECK(store.disk().traffic().syncs == syncs);
  CHECK_FALSE(receipt.is_durable);
  CHECK(store.content().size() == 1);
  receipt.ticket.wait().value();
  CHECK(store.content().size() == 2);
  CHECK(store.record(2).pages_written == 0);
}

TEST_CASE("a redo log of more than a gibibyte is refused") {
  MemoryFileSystem files;
  Options options;
  options.redo_log_size = (std::uint64_t{1} << 30) + 1;
  options.file_system = &files;
  CHECK(code_of(Database::open("data", options)) == ErrorCode::invalid_argument);
}

// ---- Other openings

TEST_CASE("who only reads sees what is recorded, and leaves the file as it is") {
  RecordingStore store;
  store.record(0, 5);
  const std::vector<std::byte> content = store.file();
  MemoryFileSystem files;
  files.add_file("data", content).value();
  Options options;
  options.access = Access::read_only;
  options.create = Create::never;
  options.file_system = &files;
  {
    Database database = Database::open("data", options).value();
    CHECK(quire::test::content(database.snapshot().value(), store.table()) == store.content());
    const Result<CheckReport> report = database.check();
    CHECK(code_of(report) == ErrorCode::read_only);
    CHECK(report.error().message().find("redo log") != std::string::npos);
    database.close().value();
  }
  const auto file = files.open("data", Access::read_only).value();
  CHECK(equal(file->map(content.size()).value().first(content.size()), content));
}

// A copy of the file while it is open is what a power cut leaves.
TEST_CASE("who shares the file sees what one who had it for himself recorded") {
  const TemporaryDirectory directory;
  Options alone;
  alone.redo_log_size = log_size;
  const Database database = Database::open(directory / "data", alone).value();
  const NamedTable table = add_table(database);
  for (int count = 0; count < 5; ++count) store(database, table, "key" + std::to_string(count));
  std::filesystem::copy_file(directory / "data", directory / "copy");
  Options shared;
  shared.sharing = Sharing::shared;
  const Database copy = Database::open(directory / "copy", shared).value();
  CHECK(content(copy.snapshot().value(), table).size() == 5);
  store(copy, table, "another");
  require_sound(copy);
  CHECK(copy.check().value().redo_pages == 0);
}

TEST_CASE("an option for a redo log is of no effect where processes share the file") {
  const TemporaryDirectory directory;
  Options shared;
  shared.sharing = Sharing::shared;
  shared.redo_log_size = log_size;
  const Database database = Database::open(directory / "data", shared).value();
  const NamedTable table = add_table(database);
  CHECK(store(database, table, "key").pages_written > 0);
  CHECK(store(database, table, "key").pages_written > 0);
}

}  // namespace
}  // namespace quire::test
