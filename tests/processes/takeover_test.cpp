// What those who go on after a killed process make of what it left in the midst of a commit.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "processes/other_process.hpp"
#include "processes/shared_file.hpp"
#include "processes/watched_store.hpp"
#include "quire/engine/mvcc/control_block.hpp"
#include "quire/engine/txn/core.hpp"
#include "quire/engine/txn/opening.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

constexpr Durability each_durability[] = {Durability::full, Durability::buffered,
                                          Durability::two_phase};

void commit_text(const Database& database, const std::string& key, const std::string& value,
                 Durability durability) {
  WriteTransaction txn = database.begin_write().value();
  put(txn, find_table(database), key, value);
  commit(txn, durability);
}

// ---- In a checkpoint

/// Commits that replace the space log every few times. How many calls that was, for one that lives.
std::uint64_t write_checkpoints(const std::string& path, Death death) {
  KillingFiles files(death);
  Options options = sharing_through(files);
  options.checkpoint_after = 2;
  options.log_in_slots = false;
  const Database own = open_shared(path, options);
  files.begin();
  for (const Durability durability : each_durability)
    for (int round = 0; round < 2; ++round) commit_text(own, "dead", "value", durability);
  return files.calls();
}

std::uint64_t calls_with_checkpoints(const std::string& path) {
  const Pipe to_parent;
  ChildProcess child([&] {
    to_parent.send(write_checkpoints(path, {}));
    return 0;
  });
  return to_parent.receive().value();
}

TEST_CASE("what is committed after a takeover is there when all are killed, too") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  static_cast<void>(add_table(open_shared(path)));
  for (const std::uint64_t call : calls_to_die_at(calls_with_checkpoints(path))) {
    for (const Death::Moment moment : Death::moments) {
      CAPTURE(call);
      CAPTURE(static_cast<int>(moment));
      const std::string value =
          std::to_string(call) + "." + std::to_string(static_cast<int>(moment));
      OtherProcess next(path, [&](const Database& own) {
        commit_text(own, "next", value, Durability::buffered);
        return 0;
      });
      ChildProcess dead([&] { return write_checkpoints(path, {call, moment}) != 0 ? 0 : 1; });
      dead.wait();
      next.run();
      next.kill();
      const Database database = open_shared(path);
      REQUIRE(look(database, find_table(database), "next") == value);
      require_sound(database);
    }
  }
}

/// Commits with a checkpoint, whose slot calls its own state durable; is killed before the sync
/// that makes it so.
void kill_before_slot_is_synced(const std::string& path) {
  ChildProcess dead([&] {
    WatchedFiles files;
    const Database own = open_shared(path, sharing_through(files));
    bool has_slot = false;
    files.act_before([&](const FileCall& call) {
      if (has_slot && call.is_lock_of(LockPlace::sync)) die();
      has_slot = has_slot || call.is_slot_write();
    });
    commit_text(own, "dead", "value", Durability::two_phase);
    return 0;
  });
  REQUIRE(dead.wait() == -SIGKILL);
}

TEST_CASE("nothing is written upon what a killed process named before a sync answers for it") {
  WatchedStore watched;
  kill_before_slot_is_synced(watched.path);
  REQUIRE(look(watched.database, watched.table, "dead") == std::nullopt);
  bool is_synced = false;
  bool is_early = false;
  watched.files.act_before([&](const FileCall& call) {
    is_early = is_early || (!is_synced && call.is_page_write());
    is_synced = is_synced || call.kind == FileCall::Kind::sync;
  });
  commit_text(watched.database, "next", "value", Durability::buffered);
  CHECK(is_synced);
  CHECK_FALSE(is_early);
  CHECK(look(watched.database, watched.table, "dead") == "value");
}

TEST_CASE("who goes on after a killed writer tells the log, and nobody else does") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::vector<LogEvent> heard;
  Options options = sharing();
  options.log = [&](const LogEntry& entry) { heard.push_back(entry.event); };
  const Database database = open_shared(path, options);
  add_table(database);
  commit_text(database, "alive", "value", Durability::full);
  CHECK((heard == std::vector{LogEvent::created}));
  kill_before_slot_is_synced(path);
  commit_text(database, "next", "value", Durability::full);
  commit_text(database, "next", "again", Durability::full);
  CHECK((heard == std::vector{LogEvent::created, LogEvent::taken_over}));
}

// ---- Between the number of a slot and the word that speaks of it

/// No call on the file lies there, but the record of the state is made: from now on that kills. The
/// words before the records, and the reader slots behind them, stay as they are.
void forbid_records(const std::string& path) {
  const auto opening = Opening::open(path, sharing()).value();  // of the engine that is open
  void* const line = &opening->core()->publication().writer();
  std::byte* const block = static_cast<std::byte*>(line) - offsetof(ControlBlock, writer);
  const auto page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = offsetof(ControlBlock, records) / page_size * page_size;
  const std::size_t end = sizeof(ControlBlock) / page_size * page_size;
  REQUIRE((std::signal(SIGSEGV, [](int) { die(); }) != SIG_ERR));
  REQUIRE(::mprotect(block + begin, end - begin, PROT_READ) == 0);
}

/// Its slot is written, and counted; no word speaks of it.
void kill_before_word_is_set(const std::string& path, Durability durability) {
  ChildProcess dead([&] {
    const Database own = open_shared(path);
    commit_text(own, "first", "value", durability);  // with the slot that raises the id ceiling
    WriteTransaction txn = own.begin_write().value();
    put(txn, find_table(own), "key", "dead");
    forbid_records(path);
    commit(txn, durability);
    return 0;
  });
  REQUIRE(dead.wait() == -SIGKILL);
}

TEST_CASE("who is killed before a word speaks of his slot has committed nothing") {
  for (const Durability durability : each_durability) {
    CAPTURE(static_cast<int>(durability));
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    const Database database = open_shared(path);
    const NamedTable table = add_table(database);
    store(database, table, "key", "old");
    OtherProcess reader(
        path, [&](const Database& own) { return look(own, table, "key") == "old" ? 1 : 0; });
    kill_before_word_is_set(path, durability);
    CHECK(reader.run() == 1);
    {
      WriteTransaction txn = database.begin_write().value();
      CHECK(get(txn, table, "key") == "old");
      CHECK(txn.txn().value > newest_born(path, database).value);
      put(txn, table, "other", "new");
      commit(txn, durability);
    }
    CHECK(reader.run() == 1);
    CHECK(look(database, table, "other") == "new");
    require_sound(database);
  }
}

TEST_CASE("a slot of which no word speaks does not come back once another has had the turn") {
  for (const Durability durability : each_durability) {
    CAPTURE(static_cast<int>(durability));
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    static_cast<void>(add_table(open_shared(path)));
    OtherProcess next(path, [](const Database& own) {
      own.begin_write().value().abandon();
      return 0;
    });
    kill_before_word_is_set(path, durability);
    next.run();
    next.kill();
    const Database database = open_shared(path);
    CHECK(look(database, find_table(database), "first") == "value");
    CHECK(look(database, find_table(database), "key") == std::nullopt);
    require_sound(database);
  }
}

}  // namespace
}  // namespace quire::test
