// Processes that come to a file while others have it, go, or are killed.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "processes/other_process.hpp"
#include "processes/shared_file.hpp"
#include "processes/watched_files.hpp"
#include "quire/engine/mvcc/control_block.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE(
    "who reads a file without sharing it is kept out by those who share it, and keeps them out") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  Options reading;
  reading.access = Access::read_only;
  std::optional<Database> shared = open_shared(path);
  const NamedTable table = add_table(*shared);
  store(*shared, table, "key");
  CHECK(opening_elsewhere(path, reading) == refused(ErrorCode::busy));
  std::optional<PinnedValue> guard = shared->get(table.id, table.name, as_bytes("key")).value();
  shared.reset();
  // A guard is left, whose bytes others must not overwrite: they still share the file.
  CHECK(opening_elsewhere(path, reading) == refused(ErrorCode::busy));
  guard.reset();
  std::optional<Database> reader = Database::open(path, reading).value();
  CHECK(opening_elsewhere(path, reading) == 0);
  CHECK(opening_elsewhere(path, sharing()) == refused(ErrorCode::busy));
  reader.reset();
  CHECK(opening_elsewhere(path, sharing()) == 0);
}

// ---- What a joiner goes on from

/// Writes pages under an id, and is killed before it commits.
void leave_pages_of_no_commit(const std::string& path) {
  ChildProcess child([&] {
    Options options = sharing();
    options.memory_budget = 1 << 14;
    const Database own = open_shared(path, options);
    const NamedTable table = find_table(own);
    WriteTransaction txn = own.begin_write().value();
    for (std::uint64_t key = 0; key < 200; ++key)
      put(txn, table, key_of(key), std::string(500, 'd'));
    die();
    return 0;
  });
  child.wait();
}

TEST_CASE("who joins a first opener that wrote nothing uses no id again under which pages are") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  leave_pages_of_no_commit(path);
  const Database first = open_shared(path);
  const TxnId newest = newest_born(path, first);
  REQUIRE(newest > first.statistics().value().written);
  OtherProcess joiner(path,
                      [](const Database& own) { return own.begin_write().value().txn().value; });
  CHECK(joiner.run() > newest.value);
}

TEST_CASE("who joins a first opener that wrote nothing uses no table's id again") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const NamedTable dropped = [&] {
    const Database database = open_shared(path);
    static_cast<void>(add_table(database, "kept"));
    NamedTable last = add_table(database, "dropped");
    WriteTransaction txn = database.begin_write().value();
    txn.drop_table(last.name).value();
    commit(txn);
    return last;
  }();
  const Database first = open_shared(path);
  OtherProcess joiner(
      path, [](const Database& own) { return std::uint64_t{add_table(own, "new").id.value}; });
  CHECK(joiner.run() > dropped.id.value);
}

// ---- As many as there is room for

/// Each has the file open by itself, as if it were a process: locks belong to open files.
std::vector<Database> fill_the_table(const std::string& path) {
  Options options = sharing_through(posix_file_system());
  options.map_reserve = std::uint64_t{1} << 26;
  options.reader_slots = 2 * ControlBlock::process_count;
  std::vector<Database> all;
  while (all.size() < ControlBlock::process_count) all.push_back(open_shared(path, options));
  return all;
}

void require_refused(const std::string& path) {
  REQUIRE(opening_elsewhere(path, sharing()) == refused(ErrorCode::too_many_readers));
  const Result<Database> refused_here = Database::open(path, sharing());
  REQUIRE(code_of(refused_here) == ErrorCode::too_many_readers);
  const std::string most = std::to_string(ControlBlock::process_count);
  REQUIRE(refused_here.error().message().find(most) != std::string::npos);
}

TEST_CASE("who finds no place among the processes is told so, and those who have one go on") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::vector<Database> all = fill_the_table(path);
  const NamedTable table = add_table(all.front());
  store(all.front(), table, "key", "old");
  std::vector<Snapshot> held;
  held.reserve(all.size());
  for (const Database& one : all) held.push_back(one.snapshot().value());
  require_refused(path);
  CHECK(all.front().statistics().value().pins == held.size());
  for (std::size_t number = 0; number < all.size(); ++number) {
    store(all[number], table, "key", std::to_string(number));
    REQUIRE(look(all[all.size() - 1 - number], table, "key") == std::to_string(number));
  }
  for (const Snapshot& snapshot : held) REQUIRE(get(snapshot, table, "key") == "old");
  require_refused(path);
  held.clear();
  for (Database& one : all) one.close().value();
  require_sound(Database::open(path).value());
}

TEST_CASE("a place among the processes that is given back, or was a killed one's, serves again") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::vector<Database> all = fill_the_table(path);
  require_refused(path);
  all.erase(all.begin() + ControlBlock::process_count / 2);
  for (int round = 0; round < 3; ++round) {
    OtherProcess last(path);
    require_refused(path);
    last.kill();
  }
  CHECK(opening_elsewhere(path, sharing()) == 0);
}

// ---- Where the last one is killed

/// The last commit, which no sync answers for.
std::uint64_t commit_buffered(const Database& own, const std::string& value) {
  WriteTransaction txn = own.begin_write().value();
  put(txn, find_table(own), "last", value);
  return commit(txn, Durability::buffered).txn.value;
}

/// Law: the last commit is there, and the file serves.
void require_whole(const Database& database, const std::string& last) {
  const NamedTable table = find_table(database);
  REQUIRE(look(database, table, "last") == last);
  require_sound(database);
  if (database.options().access == Access::read_only) return;
  store(database, table, "other", last);
  REQUIRE(look(database, table, "other") == last);
}

/// Opens the file, and kills the last process that has it at this call; false: there is no such
/// call.
bool open_while_the_last_is_killed(const std::string& path, Death death, Access access) {
  const std::string value = std::to_string(death.call);
  OtherProcess last(path, [&](const Database& own) { return commit_buffered(own, value); });
  last.run();
  WatchedFiles files;
  bool is_over = false;
  const auto kill_in = [&](Death::Moment moment) {
    return [&, moment](const FileCall& call) {
      if (is_over || call.number != death.call || death.moment != moment) return;
      last.kill();
      is_over = true;
    };
  };
  files.act_before(kill_in(Death::Moment::before));
  files.act_after(kill_in(Death::Moment::after));
  Options options = sharing_through(files);
  options.access = access;
  const Database database = open_shared(path, options);
  if (is_over) require_whole(database, value);
  return is_over;
}

TEST_CASE("who opens a file while the last process that has it is killed loses no commit") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  for (const Access access : {Access::read_write, Access::read_only}) {
    for (const Death::Moment moment : {Death::Moment::before, Death::Moment::after}) {
      std::uint64_t call = 1;
      while (open_while_the_last_is_killed(path, {call, moment}, access)) ++call;
      CHECK(call > 3);
    }
  }
}

/// Another process opens the file while the last one, which stops at this call of its closing, is
/// killed there; false: there is no such call.
bool open_while_the_last_closes(const std::string& path, std::uint64_t stop_at) {
  const std::string value = std::to_string(stop_at);
  Pipe to_parent;
  ChildProcess last([&] {
    WatchedFiles files;
    Database own = open_shared(path, sharing_through(files));
    commit_buffered(own, value);
    files.act_before([&](const FileCall& call) {
      if (call.number != stop_at) return;
      to_parent.send(1);
      for (;;) ::pause();
    });
    files.begin();
    own.close().value();
    return 0;
  });
  to_parent.only_receive();
  if (!to_parent.receive()) return false;
  std::optional<Database> opened;
  std::jthread opener([&] { opened = open_shared(path); });
  last.kill();
  opener.join();
  require_whole(*opened, value);
  return true;
}

TEST_CASE("who opens a file while the last process is killed as it closes loses no commit") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  std::uint64_t call = 1;
  while (open_while_the_last_closes(path, call)) ++call;
  CHECK(call > 3);
  CHECK_FALSE(fs::exists(path + "-lock"));
}

}  // namespace
}  // namespace quire::test
