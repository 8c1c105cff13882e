// Buffered commits that are recorded in the redo log: when they are durable, and what opens the log
// for them.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "unit/engine/txn/recording_store.hpp"

namespace quire::test {
namespace {

TEST_CASE("a buffered commit writes a record, waits for nothing, and outlives the process") {
  RecordingStore store;
  store.record(0);
  CommitTicket last;
  for (std::uint64_t number = 1; number < 20; ++number) {
    const Traffic before = store.disk().traffic();
    const CommitReceipt receipt = store.commit(number, "value", Durability::buffered);
    const Traffic after = store.disk().traffic();
    CHECK(after.writes - before.writes == 1);
    CHECK(after.syncs == before.syncs);
    CHECK(receipt.pages_written == 0);
    CHECK_FALSE(receipt.is_durable);
    CHECK_FALSE(receipt.ticket.is_durable().value());
    CHECK(look(store.database(), store.table(), key_of(number)) == "value");
    last = receipt.ticket;
  }
  store.kill();
  CHECK(store.content().size() == 20);
}

// Law: a sync of the file makes durable what was recorded before it; pages are not written for
// that.
TEST_CASE("buffered commits are durable when somebody waits, or a full one comes") {
  RecordingStore store;
  store.record(0);
  const std::uint64_t pages = store.statistics().pages_written;
  const CommitTicket first = store.commit(1, "value", Durability::buffered).ticket;
  const CommitTicket second = store.commit(2, "value", Durability::buffered).ticket;
  const std::size_t syncs = store.disk().traffic().syncs;
  first.wait().value();
  CHECK(second.is_durable().value());
  CHECK(store.disk().traffic().syncs == syncs + 1);
  const CommitTicket third = store.commit(3, "value", Durability::buffered).ticket;
  CHECK_FALSE(third.is_durable().value());
  CHECK(store.record(4).is_durable);
  CHECK(third.is_durable().value());
  CHECK(store.disk().traffic().syncs == syncs + 2);
  CHECK(store.statistics().pages_written == pages);
  store.cut_power();
  CHECK(store.content().size() == 5);
}

TEST_CASE("a full commit without changes makes buffered ones before it durable") {
  RecordingStore store;
  store.record(0);
  const CommitTicket ticket = store.commit(1, "value", Durability::buffered).ticket;
  CHECK(std::move(store.begin()).commit(Durability::full).value().is_durable);
  CHECK(ticket.is_durable().value());
  store.cut_power();
  CHECK(store.content().size() == 2);
}

TEST_CASE("the background makes recorded commits durable without writing their pages") {
  RecordingStore store({.background_sync = {.size = 1}});
  store.record(0);
  const std::uint64_t pages = store.statistics().pages_written;
  store.commit(1, "value", Durability::buffered).ticket.wait().value();
  CHECK(store.statistics().pages_written == pages);
  store.cut_power();
  CHECK(store.content().size() == 2);
}

TEST_CASE("a power cut takes the newest of the buffered commits, and no others") {
  RecordingStore store;
  store.record(0, 3);
  store.commit(3, "value", Durability::buffered).ticket.wait().value();
  for (std::uint64_t number = 4; number < 7; ++number)
    store.commit(number, std::string(600, 'v'), Durability::buffered);
  std::set<std::size_t> sizes;
  CrashJournal journal = store.disk().journal();
  const Budget budget{.exhaustive_limit = 256, .samples = 200};
  journal.for_each_image(journal.stop_count() - 1, budget, [&](CrashImage& image) {
    const auto disk = image.mount();
    Options options;
    options.file_system = disk.get();
    const Database database = Database::open("data", options).value();
    const Content found = content(database.snapshot().value(), store.table());
    for (std::uint64_t number = 0; number < found.size(); ++number)
      REQUIRE(found.contains(key_of(number)));
    sizes.insert(found.size());
  });
  CHECK(sizes == std::set<std::size_t>{4, 5, 6, 7});
}

TEST_CASE("buffered commits go on being recorded when the log was full") {
  RecordingStore store;
  std::uint64_t recorded = 0;
  for (std::uint64_t number = 0; number < 400; ++number) {
    const std::string value(300, 'v');
    if (store.commit(number % 50, value, Durability::buffered).pages_written == 0) ++recorded;
  }
  CHECK(recorded > 380);
  CHECK(recorded < 400);
  require_sound(store.database());
}

// Law: where all commits are buffered, and nobody syncs, there is a log after a while, and there is
// one again when something in between was not recorded.
TEST_CASE("buffered commits come to a log without a full one") {
  constexpr std::uint64_t most_missed = 300;
  Store store({.durability = Durability::buffered, .redo_log_size = log_size});
  const NamedTable table = store.table("t");
  const auto commits_until_one_is_recorded = [&] {
    std::uint64_t count = 0;
    while (count < 1'000 && quire::test::store(store.database(), table, "k").pages_written != 0)
      ++count;
    return count;
  };
  CHECK(commits_until_one_is_recorded() < most_missed);
  quire::test::store(store.database(), table, "large", std::string(9'000, 'x'));
  const std::uint64_t missed = commits_until_one_is_recorded();
  CHECK(missed > 100);
  CHECK(missed < most_missed);
}

TEST_CASE("a large buffered commit writes its pages, and waits for nothing") {
  RecordingStore store;
  store.record(0);
  WriteTransaction txn = store.begin();
  for (std::uint64_t number = 0; number < 30; ++number)
    put(txn, store.table(), key_of(number), std::string(300, 'v'));
  const std::size_t syncs = store.disk().traffic().syncs;
  CHECK(commit(txn, Durability::buffered).pages_written == 0);  // it began as a full one
  Store other({.durability = Durability::buffered, .redo_log_size = log_size});
  const NamedTable table = other.table("t");
  other.database().sync().value();
  WriteTransaction large = other.begin();
  for (std::uint64_t number = 0; number < 30; ++number)
    put(large, table, key_of(number), std::string(300, 'v'));
  CHECK(commit(large).pages_written > 0);
  CHECK(store.disk().traffic().syncs == syncs);
}

}  // namespace
}  // namespace quire::test
