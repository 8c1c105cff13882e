// Commits that are recorded in the redo log: what they cost, what ends the log, and what an opening
// makes of it. That nothing is lost whatever fails is the crash suite's.
#include "quire/engine/txn/redo_log.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"
#include "unit/engine/txn/resident_store.hpp"

namespace quire::test {
namespace {

constexpr std::uint32_t page_size = layout::default_page_size;
constexpr std::uint64_t log_size = std::uint64_t{16} * page_size;

/// A store whose redo log is there.
class RecordingStore : public ResidentStore {
 public:
  explicit RecordingStore(Options options = {}) : ResidentStore(with_log(std::move(options))) {}

  CommitReceipt record(std::uint64_t number, std::string_view value = "value") {
    return commit(number, value, Durability::full);
  }
  void record(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number < to; ++number) record(number);
  }
  /// The death of the process, of which the cache keeps nothing.
  void cut_power() {
    disk().kill_process();
    destroy();
    disk().evict_cache();
    open();
  }
  /// The bytes of the file as others see them.
  std::vector<std::byte> file() {
    const auto file = disk().open("data", Access::read_only).value();
    const Bytes bytes = file->map(file->size().value()).value().first(file->size().value());
    return {bytes.begin(), bytes.end()};
  }

 private:
  static Options with_log(Options options) {
    if (options.redo_log_size == 0) options.redo_log_size = log_size;
    return options;
  }
};

// ---- What it costs

TEST_CASE("a recorded commit writes a record, waits for that, and is seen and durable") {
  RecordingStore store;
  store.record(0);
  for (std::uint64_t number = 1; number < 20; ++number) {
    const Traffic before = store.disk().traffic();
    const TxnId written = store.statistics().written;
    const CommitReceipt receipt = store.record(number);
    const Traffic after = store.disk().traffic();
    CHECK(after.writes - before.writes == 1);
    CHECK(after.syncs - before.syncs == 1);
    CHECK(after.bytes_written - before.bytes_written < 100);
    CHECK(receipt.pages_written == 0);
    CHECK(receipt.is_durable);
    CHECK(receipt.ticket.is_durable().value());
    CHECK(receipt.ticket.wait().has_value());
    CHECK(store.disk().traffic().syncs == after.syncs);
    const Statistics statistics = store.statistics();
    CHECK(statistics.published == receipt.txn);
    CHECK(statistics.durable == receipt.txn);
    CHECK(statistics.written == written);
    CHECK(look(store.database(), store.table(), key_of(number)) == "value");
  }
}

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

TEST_CASE("a commit without changes on recorded ones waits for nothing, and is durable") {
  RecordingStore store;
  store.record(0, 3);
  const Traffic before = store.disk().traffic();
  const CommitReceipt receipt = std::move(store.begin()).commit().value();
  CHECK(receipt.is_durable);
  CHECK(receipt.ticket.wait().has_value());
  CHECK(store.disk().traffic().writes == before.writes);
  CHECK(store.disk().traffic().syncs == before.syncs);
}

TEST_CASE("edits that change nothing are not recorded") {
  RecordingStore store;
  store.record(1, "first");
  const std::size_t writes = store.disk().traffic().writes;
  WriteTransaction txn = store.begin();
  CHECK_FALSE(put(txn, store.table(), key_of(1), "second", PutMode::insert_only));
  CHECK_FALSE(put(txn, store.table(), key_of(2), "second", PutMode::replace_only));
  CHECK_FALSE(erase(txn, store.table(), key_of(3)));
  commit(txn);
  CHECK(store.disk().traffic().writes == writes);
  store.record(4, "last");
  store.cut_power();
  CHECK(store.content() == Content{{key_of(1), "first"}, {key_of(4), "last"}});
}

// ---- What an opening makes of it

TEST_CASE("what was recorded is there after a power cut, as often as that comes") {
  RecordingStore store;
  Content model;
  for (std::uint64_t round = 0; round < 6; ++round) {
    for (std::uint64_t number = 0; number < 5; ++number) {
      WriteTransaction txn = store.begin();
      const std::string key = key_of((round * 7 + number * 3) % 11);
      const std::string value = "round " + std::to_string(round);
      put(txn, store.table(), key, value);
      model[key] = value;
      if (number == 3 && erase(txn, store.table(), key_of(round))) model.erase(key_of(round));
      commit(txn);
    }
    store.cut_power();
    CHECK(store.content() == model);
    if (round % 2 == 0) store.cut_power();
    CHECK(store.content() == model);
    if (round == 3) require_sound(store.database());
  }
}

TEST_CASE("a close leaves nothing to do again") {
  RecordingStore store;
  store.record(0, 10);
  store.database().close().value();
  const std::vector<std::byte> content = store.file();
  store.destroy();
  store.open();
  CHECK(store.content().size() == 10);
  CHECK(store.statistics().written == store.statistics().published);
  CHECK(store.file() == content);
}

TEST_CASE("a full log is written over, and goes on") {
  RecordingStore store;
  Content model;
  std::uint64_t recorded = 0;
  for (std::uint64_t number = 0; number < 400; ++number) {
    const std::string value(300, static_cast<char>('a' + number % 26));
    if (store.record(number % 50, value).pages_written == 0) ++recorded;
    model[key_of(number % 50)] = value;
    if (number % 90 == 0) store.cut_power();
    REQUIRE(store.content() == model);
  }
  CHECK(recorded > 380);
  CHECK(recorded < 400);
  require_sound(store.database());
}

struct Way {
  std::string name;
  std::function<void(WriteTransaction&, const NamedTable&)> edit;
  Durability durability = Durability::full;
};

const std::vector<Way>& other_ways() {
  static const std::vector<Way> ways = {
      {"two_phase", [](auto&, auto&) {}, Durability::two_phase},
      {"a large value",
       [](auto& txn, auto& table) {
         put(txn, table, "large", std::string(std::size_t{3} * page_size, 'x'));
       }},
      {"more than the log",
       [](auto& txn, auto& table) {
         for (std::uint64_t number = 0; number < 100; ++number)
           put(txn, table, key_of(number), std::string(900, 'y'));
       }},
      {"a table made", [](auto& txn, auto&) { make_table(txn, "another"); }},
      {"a table dropped", [](auto& txn, auto& table) { txn.drop_table(table.name).value(); }},
      {"a table renamed",
       [](auto& txn, auto& table) { txn.rename_table(table.name, "new").value(); }},
      {"a part erased",
       [](auto& txn, auto& table) { txn.erase_range(table.id, table.name, {}).value(); }},
      {"a savepoint",
       [](auto& txn, auto& table) {
         const Savepoint savepoint = txn.savepoint().value();
         put(txn, table, "undone", "value");
         txn.rollback_to(savepoint).value();
       }},
      {"room reserved",
       [](auto& txn, auto& table) {
         const auto room = txn.reserve(table.id, table.name, as_bytes("reserved"), 5).value();
         copy_bytes(room.data(), as_bytes("value"));
       }},
      {"in pieces",
       [](auto& txn, auto& table) {
         auto writer = txn.put_in_pieces(table.id, table.name, as_bytes("pieces"), 5).value();
         writer.write(as_bytes("value")).value();
         writer.finish().value();
       }},
      {"a load",
       [](auto& txn, auto& table) {
         BulkLoad load = txn.bulk_load(table.id, table.name, {}).value();
         load.append(as_bytes("zzz"), as_bytes("loaded")).value();
         load.finish().value();
       }},
      {"a load before all others", [](auto& txn, auto& table) {
         BulkLoad load = txn.bulk_load(table.id, table.name, {}).value();
         load.append(as_bytes(""), as_bytes("loaded")).value();
         load.finish().value();
       }}};
  return ways;
}

// Law: what a record cannot tell of is committed as ever, all of it, and the log goes on after it.
TEST_CASE("other transactions are committed as ever") {
  for (const Way& way : other_ways()) {
    CAPTURE(way.name);
    RecordingStore store;
    store.record(0, 3);
    WriteTransaction txn = store.begin();
    put(txn, store.table(), "first", "value");
    way.edit(txn, store.table());
    const TxnId committed = commit(txn, way.durability).txn;
    CHECK(store.statistics().written == committed);
    const auto content_of_all = [&] {
      std::vector<Content> all;
      const Snapshot snapshot = store.snapshot();
      for (const TableInfo& table : snapshot.tables().value()) {
        const auto found = entries(snapshot.cursor(table.root));
        all.emplace_back(found.begin(), found.end());
      }
      return all;
    };
    const std::vector<Content> expected = content_of_all();
    store.kill();
    CHECK(content_of_all() == expected);
    require_sound(store.database());
    const NamedTable more = add_table(store.database(), "more");
    CHECK(quire::test::store(store.database(), more, "key").pages_written == 0);
  }
}

TEST_CASE("a large value that goes is recorded, and its pages are free again") {
  RecordingStore store;
  store.commit(1, std::string(std::size_t{5} * page_size, 'x'), Durability::full);
  CHECK(store.record(1, "small").pages_written == 0);
  store.cut_power();
  CHECK(store.content() == Content{{key_of(1), "small"}});
  require_sound(store.database());
  CHECK(store.database().check().value().overflow_pages == 0);
}

TEST_CASE("what is resident below a full commit is not left out of what is durable") {
  RecordingStore store;
  store.record(0, 2);
  store.stay(2, 4);
  CHECK(store.record(4).pages_written > 0);
  store.stay(5, 6);
  CHECK(std::move(store.begin()).commit(Durability::full).value().is_durable);
  store.cut_power();
  CHECK(store.content().size() == 6);
}

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

// ---- False logs

const Meta* newest_slot(const Slots& slots) {
  const Meta* newest = nullptr;
  for (const auto& slot : slots)
    if (slot && (newest == nullptr || slot->sequence > newest->sequence)) newest = &*slot;
  return newest;
}

/// The records that a file has, as a part of it.
struct FoundLog {
  std::size_t begin = 0;
  RedoEnd end;
};

FoundLog log_of(Bytes content) {
  const Slots slots = read_slots(content).value();
  const Meta& newest = *newest_slot(slots);
  RedoReader reader(content, newest, {});
  while (reader.next().value()) {
  }
  return {std::size_t{newest.redo.pages.first.value} * page_size, reader.end()};
}

/// The file of a store with one more record, behind those that it has.
std::vector<std::byte> file_with(RecordingStore& store, RedoRecord& record,
                                 TxnId txn = {1'000'000}) {
  std::vector<std::byte> content = store.file();
  const FoundLog log = log_of(content);
  copy_bytes(content.data() + log.begin + log.end.place.offset, record.seal(txn, log.end.place, 0));
  return content;
}

Result<Database> opened(MemoryFileSystem& files, const std::vector<std::byte>& content,
                        Access access = Access::read_write) {
  files.add_file("data", content).value();
  Options options;
  options.access = access;
  options.create = Create::never;
  options.file_system = &files;
  return Database::open("data", options);
}

TEST_CASE("a record that does not fit the file is said to be damage, to writers and readers") {
  const std::string long_key(2000, 'k');
  const std::string long_value(5000, 'v');
  const std::vector<std::function<void(RedoRecord&, TableId)>> lies = {
      [](RedoRecord& record, TableId) { record.put({99}, as_bytes("key"), as_bytes("value")); },
      [](RedoRecord& record, TableId) { record.erase({0}, as_bytes("key")); },
      [&](RedoRecord& record, TableId table) { record.put(table, as_bytes(long_key), {}); },
      [&](RedoRecord& record, TableId table) {
        record.put(table, as_bytes("key"), as_bytes(long_value));
      }};
  for (const auto& lie : lies) {
    RecordingStore store;
    store.record(0, 3);
    RedoRecord record;
    record.begin(10'000);
    lie(record, store.table().id);
    for (const Access access : {Access::read_only, Access::read_write}) {
      MemoryFileSystem files;
      const Result<Database> refused = opened(files, file_with(store, record), access);
      CHECK(code_of(refused) == ErrorCode::corrupt);
      CHECK(refused.error().message().find("redo log") != std::string::npos);
    }
  }
}

TEST_CASE("records of impossible transactions are damage") {
  for (const TxnId txn : {TxnId{1}, TxnId{(std::uint64_t{1} << txn_bits) - 1}}) {
    RecordingStore store;
    store.record(0, 3);
    RedoRecord record;
    record.begin(10'000);
    record.put(store.table().id, as_bytes("key"), as_bytes("value"));
    MemoryFileSystem files;
    CHECK(code_of(opened(files, file_with(store, record, txn))) == ErrorCode::corrupt);
  }
}

// Who brought such a log home by a close that has nothing to write would find it there again.
TEST_CASE("records that change nothing are damage, also to who shares the file") {
  RecordingStore store;
  store.commit(0, "value", Durability::two_phase);
  RedoRecord record;
  record.begin(10'000);
  record.erase(store.table().id, as_bytes("no such key"));
  const std::vector<std::byte> content = file_with(store, record);
  MemoryFileSystem files;
  CHECK(code_of(opened(files, content)) == ErrorCode::corrupt);
  const TemporaryDirectory directory;
  std::ofstream(directory / "data", std::ios::binary) << as_text(content);
  Options shared;
  shared.sharing = Sharing::shared;
  CHECK(code_of(Database::open(directory / "data", shared)) == ErrorCode::corrupt);
}

// Law: no bit of an acknowledged record can flip unnoticed, but in the last one, which cannot be
// told from one that was being written.
TEST_CASE("a flipped bit in the log is an error, or takes the last record") {
  RecordingStore store;
  store.record(0, 4);
  const Content before = store.content();
  store.record(4);
  const std::vector<std::byte> content = store.file();
  const FoundLog log = log_of(content);
  for (std::size_t bit = 0; bit < log.end.place.offset * 8; bit += 3) {
    CAPTURE(bit);
    std::vector<std::byte> changed = content;
    changed[log.begin + bit / 8] ^= std::byte{1} << (bit % 8);
    MemoryFileSystem files;
    const Result<Database> database = opened(files, changed, Access::read_only);
    if (database)
      CHECK(quire::test::content(database->snapshot().value(), store.table()) == before);
    else
      CHECK(code_of(database) == ErrorCode::corrupt);
  }
}

// Law: damage in the space log, which only writers need, keeps nobody from saving the entries.
TEST_CASE("who only reads sees what is recorded where the space log is damaged") {
  RecordingStore store({.checkpoint_after = 1, .log_in_slots = false});
  store.record(0, 4);
  store.commit(4, "value", Durability::two_phase);
  store.record(5, 8);
  std::vector<std::byte> content = store.file();
  const Slots slots = read_slots(content).value();
  const Meta& newest = *newest_slot(slots);
  REQUIRE(newest.durable == newest.state.txn);
  content[std::size_t{newest.state.log_page.value} * page_size + 100] ^= std::byte{1};
  MemoryFileSystem files;
  const Database database = opened(files, content, Access::read_only).value();
  CHECK(quire::test::content(database.snapshot().value(), store.table()).size() == 8);
}

}  // namespace
}  // namespace quire::test
