// Resident commits on their way to the file: tickets, the background, closing, checks.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/txn/resident_store.hpp"

namespace quire::test {
namespace {

TEST_CASE("the ticket of a resident commit tells when the file has it for good") {
  ResidentStore store;
  const CommitTicket older = store.commit(1).ticket;
  const CommitTicket newer = store.commit(2).ticket;
  CHECK_FALSE(older.is_durable().value());
  const std::uint64_t syncs = store.statistics().syncs;
  REQUIRE(older.wait());
  CHECK(newer.is_durable().value());
  CHECK(newer.wait());
  CHECK(store.statistics().syncs == syncs + 1);

  const CommitTicket last = store.commit(3).ticket;
  const CommitTicket same = std::move(store.begin()).commit(Durability::resident).value().ticket;
  REQUIRE(store.commit(4, "value", Durability::buffered).pages_written > 0);
  CHECK_FALSE(last.is_durable().value());
  CHECK_FALSE(same.is_durable().value());
  {
    const WriteTransaction txn = store.begin();
    REQUIRE(last.wait());  // it is written: a sync needs no place in the queue
  }
  CHECK(same.is_durable().value());

  const CommitTicket waiting = store.commit(5).ticket;
  {
    const WriteTransaction txn = store.begin();
    CHECK(code_of(waiting.wait()) == ErrorCode::wrong_thread);  // it would wait for itself
  }
  store.database().close().value();
  store.destroy();
  CHECK(waiting.is_durable().value());
  CHECK(waiting.wait());
}

TEST_CASE("who waits for a resident commit lets the open transaction end") {
  ResidentStore store;
  const CommitTicket ticket = store.commit(1).ticket;
  std::optional<WriteTransaction> txn = store.begin();
  std::atomic<bool> is_waiting = false;
  std::jthread waiter([&] {
    is_waiting = true;
    CHECK(ticket.wait());
  });
  while (!is_waiting) std::this_thread::yield();
  put(*txn, store.table(), key_of(2), "value");
  commit(*txn, Durability::resident);
  waiter.join();
  CHECK(ticket.is_durable().value());
}

TEST_CASE("resident commits are written and synced in the background, after some time") {
  ResidentStore store({.background_sync = {.interval = std::chrono::milliseconds(1)}});
  for (std::uint64_t number = 0; number < 30; ++number) {
    const CommitTicket ticket = store.commit(number).ticket;
    while (!ticket.is_durable().value()) std::this_thread::yield();
  }
  const Content before = store.content();
  store.kill();
  CHECK(store.content() == before);
}

// Law: the background's own work is no transaction that closing would have to complain of.
TEST_CASE("closing waits for what the background writes") {
  for (std::size_t round = 0; round < scaled(300); ++round) {
    ResidentStore store({.background_sync = {.interval = std::chrono::milliseconds(1)}});
    std::vector<CommitTicket> tickets;
    for (std::uint64_t number = 0; number < 1 + round % 7 * 20; ++number)
      tickets.push_back(store.commit(number).ticket);
    std::vector<std::jthread> waiters;
    for (int count = 0; count < 4; ++count)
      waiters.emplace_back([ticket = tickets.back()] { CHECK(ticket.wait()); });
    CHECK(store.database().close());
    for (const CommitTicket& ticket : tickets) CHECK(ticket.is_durable().value());
  }
}

// ---- What others look at

// Law: a check is of the file, whatever is on its way there.
TEST_CASE("a check finds a sound file while resident commits are on their way to it") {
  ResidentStore store;
  store.stay(0, 50);
  WriteTransaction txn = store.begin();
  make_table(txn, "other");
  commit(txn, Durability::resident);
  bool has_begun = false;
  std::atomic<bool> is_done = false;
  std::jthread checker;
  store.disk().during_sync([&] {
    if (std::exchange(has_begun, true)) return;
    CHECK(store.statistics().published < store.statistics().written);
    checker = std::jthread([&] {
      require_sound(store.database());
      is_done = true;
    });
    while (!is_done && store.statistics().sync_waiters == 0) std::this_thread::yield();
  });
  store.commit(50, "value", Durability::full);
  store.disk().during_sync({});
  checker.join();
}

}  // namespace
}  // namespace quire::test
