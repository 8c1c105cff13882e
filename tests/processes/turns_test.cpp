// Turns to write and to sync, where something comes between.
#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <latch>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "processes/other_process.hpp"
#include "processes/shared_file.hpp"
#include "processes/watched_store.hpp"
#include "support/killing_files.hpp"

namespace quire::test {
namespace {

using Kind = FileCall::Kind;

// ---- Closing

TEST_CASE("who waits for a turn to write while the storage closes is told that it is closed") {
  WatchedStore store;
  constexpr int count = 3;
  std::latch has_come(count);
  std::array<std::optional<ErrorCode>, count> told;
  std::vector<std::jthread> waiters;
  store.files.begin();
  store.files.act_before([&](const FileCall& call) {
    if (call.number != 1) return;
    for (auto& code : told) {
      waiters.emplace_back([&] {
        has_come.count_down();
        const Result<WriteTransaction> txn = store.database.begin_write();
        if (!txn) code = txn.error().code();
      });
    }
    has_come.wait();
  });
  store.database.close().value();
  REQUIRE(waiters.size() == count);
  waiters.clear();
  for (const auto& code : told) CHECK(code == ErrorCode::closed);
}

// ---- Exceptions

/// A process that is killed when its slot is written, and no word speaks of it: the next turn has
/// everything to do.
void kill_after_slot_write(const std::string& path) {
  ChildProcess dead([&] {
    WatchedFiles files;
    const Database own = open_shared(path, sharing_through(files));
    files.act_after([](const FileCall& call) {
      if (call.is_slot_write()) die();
    });
    store(own, find_table(own), "dead");
    return 0;
  });
  REQUIRE(dead.wait() == -SIGKILL);
}

/// Memory is missing at this call of a turn's beginning; false: there is no such call.
bool begin_without_memory(WatchedStore& store, std::uint64_t at) {
  bool is_thrown = false;
  store.files.begin();
  store.files.act_before([&](const FileCall& call) {
    // What gives something back fails at nothing, and a sync that fails stops the writers.
    const bool is_of_sync = call.kind == Kind::sync || call.is_lock_of(LockPlace::sync);
    if (call.number != at || call.kind == Kind::unlock || is_of_sync) return;
    is_thrown = true;
    throw std::bad_alloc();
  });
  try {
    store.database.begin_write().value().abandon();
  } catch (const std::bad_alloc&) {
    CHECK(is_thrown);
  }
  store.files.act_nowhere();
  return store.files.calls() >= at;
}

TEST_CASE("a turn to write that an exception interrupts at its beginning is given back") {
  WatchedStore store;
  OtherProcess other(store.path, [](const Database& own) {
    Result<WriteTransaction> txn = own.try_begin_write();
    if (!txn) return 0;
    put(*txn, find_table(own), "other", std::to_string(txn->txn().value));
    commit(*txn);
    return 1;
  });
  std::uint64_t at = 1;
  for (bool is_there = true; is_there; ++at) {
    CAPTURE(at);
    REQUIRE(other.run() == 1);  // so that there is something to catch up with
    kill_after_slot_write(store.path);
    is_there = begin_without_memory(store, at);
    REQUIRE(other.run() == 1);
    WriteTransaction txn = store.database.try_begin_write().value();
    put(txn, store.table, "own", std::to_string(at));
    commit(txn);
    REQUIRE(look(store.database, store.table, "own") == std::to_string(at));
  }
  CHECK(at > 5);
  require_sound(store.database);
}

}  // namespace
}  // namespace quire::test
