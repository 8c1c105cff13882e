// Who reads, what that costs, and what becomes of readers that pass a limit.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "processes/shared_file.hpp"
#include "quire/quire.hpp"

namespace quire::test {
namespace {

void churn(const Database& database, const NamedTable& table, int rounds) {
  for (int round = 0; round < rounds; ++round)
    store(database, table, "key", std::string(3000, static_cast<char>('a' + round % 26)));
}

/// Writers look at readers when they take pages, before their own commit.
void let_look(const Database& database, const NamedTable& table) {
  store(database, table, "key", "value");
}

TEST_CASE("the readers of all processes are listed, with what they keep") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Database database = open_shared(path);
  const NamedTable table = add_table(database);
  churn(database, table, 1);
  const TxnId old = database.statistics().value().published;
  const Pipe to_parent;
  const Pipe to_child;
  ChildProcess child([&] {
    const Database own = open_shared(path);
    const Snapshot held = own.snapshot().value();
    held.set_name("the old one");
    to_parent.send(static_cast<std::uint64_t>(::getpid()));
    static_cast<void>(to_child.receive());
    return 0;
  });
  const std::uint64_t process_id = to_parent.receive().value();
  churn(database, table, 10);
  const Snapshot own = database.snapshot().value();
  const std::vector<ReaderInfo> readers = database.readers().value();
  REQUIRE(readers.size() == 2);
  const bool is_first = readers[0].process_id == process_id;
  const ReaderInfo& other = readers[is_first ? 0 : 1];
  const ReaderInfo& mine = readers[is_first ? 1 : 0];
  CHECK(other.process_id == process_id);
  CHECK(other.name == "the old one");
  CHECK(other.txn == old);
  CHECK(other.lag == own.txn().value - old.value);
  CHECK(other.pins == 1);
  CHECK(other.kept_bytes >= layout::default_page_size);
  CHECK_FALSE(other.is_stale);
  CHECK(mine.process_id == static_cast<std::uint64_t>(::getpid()));
  CHECK_FALSE(mine.name.empty());
  CHECK(mine.lag == 0);
  CHECK(mine.kept_bytes == 0);
  child.kill();
  const std::vector<ReaderInfo> later = database.readers().value();
  CHECK(std::count_if(later.begin(), later.end(), [](auto& one) { return one.is_stale; }) == 1);
  let_look(database, table);
  CHECK(database.readers().value().size() == 1);
}

/// The law is about time itself.
void let_pass(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
}

/// A storage whose limits a held snapshot passes.
struct Limited {
  TemporaryDirectory directory;
  std::vector<ReaderInfo> heard;
  Database database;
  NamedTable table;

  explicit Limited(ReaderLimits limits) : database(open(limits)), table(add_table(database)) {
    store(database, table, "key", "first");
  }
  Database open(ReaderLimits& limits) {
    limits.callback = [this](const ReaderInfo& reader) { heard.push_back(reader); };
    Options options = sharing();
    options.reader_limits = limits;
    return open_shared(directory / "file", options);
  }
};

TEST_CASE("a reader that passes a soft limit is told of once, and goes on") {
  Limited limited({.soft_size = layout::default_page_size / 2});
  const Snapshot held = limited.database.snapshot().value();
  churn(limited.database, limited.table, 10);
  REQUIRE(limited.heard.size() == 1);
  CHECK(limited.heard[0].txn == held.txn());
  CHECK_FALSE(limited.heard[0].is_ousted);
  CHECK(get(held, limited.table, "key") == "first");
}

TEST_CASE("a reader that passes a hard limit is shown nothing more, and keeps what it has") {
  Limited limited({.hard_size = layout::default_page_size / 2});
  std::optional<Snapshot> held = limited.database.snapshot().value();
  std::optional<PinnedValue> guard =
      limited.database.get(limited.table.id, limited.table.name, as_bytes("key")).value();
  const TreeRoot root = root_of(*held, limited.table);
  churn(limited.database, limited.table, 10);
  REQUIRE(limited.heard.size() == 1);
  CHECK(limited.heard[0].is_ousted);
  CHECK(limited.database.readers().value().at(0).is_ousted);
  CHECK(code_of(held->get(root, as_bytes("key"))) == ErrorCode::snapshot_ousted);
  CHECK(code_of(held->tables()) == ErrorCode::snapshot_ousted);
  CHECK(code_of(held->pin()) == ErrorCode::snapshot_ousted);
  CHECK(as_text(guard->bytes) == "first");
  CHECK(limited.database.snapshot().value().tables().has_value());
  const std::uint64_t pending = limited.database.statistics().value().pending_pages;
  held.reset();
  guard.reset();
  let_look(limited.database, limited.table);
  CHECK(limited.database.statistics().value().pending_pages < pending);
}

TEST_CASE("how long a reader may stay behind is counted from when it fell behind") {
  Limited limited({.hard_age = std::chrono::milliseconds(40)});
  const Snapshot held = limited.database.snapshot().value();
  const auto is_shown = [&] { return held.tables().has_value(); };
  // However long it is the newest.
  let_pass(std::chrono::milliseconds(80));
  let_look(limited.database, limited.table);
  let_look(limited.database, limited.table);
  CHECK(is_shown());
  while (is_shown()) let_look(limited.database, limited.table);
  REQUIRE(limited.heard.size() == 1);
  CHECK(limited.heard[0].age > std::chrono::milliseconds(40));
}

TEST_CASE("a range of an ousted snapshot ends with an error, not as if it were at its end") {
  const TemporaryDirectory directory;
  ReaderLimits limits;
  limits.hard_size = layout::default_page_size;
  Storage storage = StorageBuilder(directory / "file").with_reader_limits(limits).build().value();
  auto table = storage.new_table<std::uint64_t, std::string>("t").build().value();
  for (std::uint64_t key = 0; key < 20; ++key) table.put(key, std::string(500, 'v')).value();
  const auto snapshot = storage.snapshot().value();
  snapshot.set_name("scan");
  auto range = snapshot.table(table).range();
  REQUIRE(range.next().value() != nullptr);
  CHECK(storage.readers().value().at(0).name == "scan");
  for (std::uint64_t key = 0; key < 20; ++key) table.put(key, std::string(500, 'w')).value();
  CHECK(code_of(range.next()) == ErrorCode::snapshot_ousted);
  CHECK(code_of(snapshot.table(table).get(1)) == ErrorCode::snapshot_ousted);
  CHECK(table.get(1).value().has_value());
}

}  // namespace
}  // namespace quire::test
