#include "quire/api/async/commit.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <optional>
#include <thread>

#include "support/crash_disk.hpp"
#include "unit/api/async/loop.hpp"

namespace quire::test {
namespace {

Storage open_on(CrashDisk& disk) {
  return StorageBuilder("data").with_backend(disk).build().value();
}

StorageTransaction put_one(Storage& storage, Texts& table, const std::string& text = "one") {
  auto txn = storage.begin_write().value();
  txn.table(table).put(1, text).value();
  return txn;
}

/// What the disk has after the process was killed.
std::optional<std::string> survivor(CrashDisk& disk) {
  disk.kill_process();
  disk.evict_cache();
  Storage storage = open_on(disk);
  const auto found = texts_in(storage).get(1).value();
  return found ? std::optional<std::string>(**found) : std::nullopt;
}

TEST_CASE("a commit that was waited for is on the disk") {
  CrashDisk disk;
  Loop loop;
  {
    Storage storage = open_on(disk);
    Texts table = texts_in(storage);
    const auto commit = [&]() -> asio::awaitable<void> {
      auto receipt = co_await async_commit(put_one(storage, table), loop.worker);
      CHECK(receipt.value().is_durable);
      CHECK((storage.statistics().value().durable >= receipt->txn));
    };
    loop.run(commit());
    CHECK(survivor(disk) == "one");
  }
}

// Law: the loop goes on while a worker waits for the sync; others see the commit after that.
TEST_CASE("the sync of a commit is waited for by a worker") {
  CrashDisk disk;
  Storage storage = open_on(disk);
  Texts table = texts_in(storage);
  Loop loop;
  Gate sync;
  disk.during_sync([&] {
    CHECK(loop.worker.get_executor().running_in_this_thread());
    sync.pass();
  });
  auto committed = asio::co_spawn(
      loop.io, async_commit(put_one(storage, table), loop.worker, asio::use_awaitable),
      asio::use_future);
  loop.io.poll();
  sync.wait_for_one();
  CHECK_FALSE(table.contains(1).value());
  // The writer's place is free, and the loop does something else.
  bool is_done = false;
  asio::post(loop.io, [&] {
    auto next = put_one(storage, table, "two");
    std::move(next).abandon();
    is_done = true;
  });
  loop.io.poll();
  CHECK(is_done);
  sync.open();
  loop.io.run();
  CHECK(committed.get().value().is_durable);
  CHECK(table.contains(1).value());
  disk.during_sync([] {});
}

TEST_CASE("a ticket is waited for, once the commit is seen already or before") {
  for (const Durability durability : {Durability::buffered, Durability::full}) {
    CrashDisk disk;
    Storage storage = open_on(disk);
    Texts table = texts_in(storage);
    Loop loop;
    const auto wait = [&]() -> asio::awaitable<void> {
      auto receipt = put_one(storage, table).commit_without_waiting(durability);
      CHECK_FALSE(receipt.value().is_durable);
      CHECK(table.contains(1).value() == (durability == Durability::buffered));
      auto done = co_await when_durable(receipt->ticket, loop.worker);
      CHECK(done.has_value());
      CHECK(receipt->ticket.is_durable().value());
      CHECK(table.contains(1).value());
    };
    loop.run(wait());
    CHECK(survivor(disk) == "one");
  }
}

TEST_CASE("a sync that fails is told to whoever waits for it") {
  CrashDisk disk;
  Storage storage = open_on(disk);
  Texts table = texts_in(storage);
  Loop loop;
  disk.fail({.number = disk.call_count(Call::sync), .call = Call::sync});
  const auto commit = [&]() -> asio::awaitable<void> {
    auto receipt = co_await async_commit(put_one(storage, table), loop.worker);
    CHECK(code_of(receipt) == ErrorCode::outcome_unknown);
    auto next = storage.begin_write();
    CHECK(code_of(next) == ErrorCode::poisoned);
  };
  loop.run(commit());
}

TEST_CASE("a commit that fails before its sync is told as well") {
  CrashDisk disk;
  Storage storage = open_on(disk);
  Texts table = texts_in(storage);
  Loop loop;
  const auto commit = [&]() -> asio::awaitable<void> {
    auto txn = put_one(storage, table);
    disk.fail({.number = disk.call_count(Call::write), .call = Call::write, .error = ENOSPC});
    auto receipt = co_await async_commit(std::move(txn), loop.worker);
    CHECK(code_of(receipt) == ErrorCode::no_space);
    disk.heal();
    auto again = co_await async_commit(put_one(storage, table), loop.worker);
    CHECK(again.has_value());
  };
  loop.run(commit());
}

// Law: who does not want to wait any longer ends the waiting, not the commit.
TEST_CASE("a commit that is cancelled is waited for no longer, and becomes durable") {
  CrashDisk disk;
  Storage storage = open_on(disk);
  Texts table = texts_in(storage);
  Loop loop;
  Gate sync;
  disk.during_sync([&] { sync.pass(); });
  asio::cancellation_signal signal;
  std::optional<Result<CommitReceipt>> receipt;
  const auto hear = [&](Result<CommitReceipt> result) { receipt = std::move(result); };
  async_commit(put_one(storage, table), loop.worker,
               asio::bind_executor(loop.io, asio::bind_cancellation_slot(signal.slot(), hear)));
  sync.wait_for_one();
  signal.emit(asio::cancellation_type::total);
  loop.io.run();
  CHECK(code_of(receipt.value()) == ErrorCode::cancelled);
  sync.open();
  loop.worker.join();
  disk.during_sync([] {});
  CHECK(table.contains(1).value());
  CHECK(survivor(disk) == "one");
}

TEST_CASE("commits that are waited for together share syncs") {
  CrashDisk disk;
  Storage storage = open_on(disk);
  Texts table = texts_in(storage);
  Loop loop;
  Gate sync;
  disk.during_sync([&] { sync.pass(); });
  const std::size_t before = disk.traffic().syncs;
  std::vector<std::future<Result<CommitReceipt>>> commits;
  commits.push_back(async_commit(put_one(storage, table), loop.worker, asio::use_future));
  sync.wait_for_one();
  for (int count = 0; count < 20; ++count)
    commits.push_back(async_commit(put_one(storage, table), loop.worker, asio::use_future));
  sync.open();
  for (auto& commit : commits) CHECK(commit.get().value().is_durable);
  CHECK(disk.traffic().syncs == before + 2);
  disk.during_sync([] {});
}

}  // namespace
}  // namespace quire::test
