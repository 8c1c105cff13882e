// Commits that share a sync. What they do at the same time is made to happen by acting in the sync
// of a crash disk.
#include "quire/engine/txn/group_sync.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/crash_disk.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire::test {
namespace {

/// A database with one table, whose syncs a test can act in.
class GroupStore {
 public:
  explicit GroupStore(Options options = {}) {
    options.file_system = &disk_;
    database_.emplace(Database::open("data", options).value());
    WriteTransaction txn = database_->begin_write().value();
    table_ = make_table(txn, "t");
    commit(txn);
  }

  [[nodiscard]] Database& database() { return *database_; }
  [[nodiscard]] CrashDisk& disk() { return disk_; }
  [[nodiscard]] Statistics statistics() { return database_->statistics().value(); }
  [[nodiscard]] bool is_seen(std::uint64_t number) {
    return get(database_->snapshot().value(), table_, key_of(number)).has_value();
  }

  [[nodiscard]] Result<CommitReceipt> commit_one(std::uint64_t number,
                                                 Durability durability = Durability::full) {
    WriteTransaction txn = database_->begin_write().value();
    put(txn, table_, key_of(number), "value");
    return std::move(txn).commit(durability);
  }

  /// Commits number 0 and acts once while its sync is in flight.
  [[nodiscard]] Result<CommitReceipt> commit_and_act(const std::function<void()>& act) {
    act_ = act;
    disk_.during_sync([this] {
      if (const auto once = std::exchange(act_, nullptr)) once();
    });
    const Result<CommitReceipt> receipt = commit_one(0);
    REQUIRE_FALSE(act_);
    return receipt;
  }

  /// Another thread commits this number; it has named its state and waits when this returns.
  void start(std::uint64_t number, Durability durability = Durability::full) {
    const std::uint64_t before = statistics().sync_waiters;
    threads_.emplace_back(
        [this, number, durability] { receipts_.at(number) = commit_one(number, durability); });
    while (statistics().sync_waiters == before) std::this_thread::yield();
  }
  /// The same for one that finds nothing to do: the entry of commit_and_act is there.
  void start_without_changes(std::uint64_t number) {
    threads_.emplace_back([this, number] {
      WriteTransaction txn = database_->begin_write().value();
      CHECK_FALSE(put(txn, table_, key_of(0), "other", PutMode::insert_only));
      receipts_.at(number) = std::move(txn).commit();
    });
    while (statistics().sync_waiters == 0) std::this_thread::yield();
  }
  /// What became of them, by number.
  [[nodiscard]] const std::map<std::uint64_t, Result<CommitReceipt>>& receipts() {
    threads_.clear();
    return receipts_;
  }
  /// To be called before the first start.
  void expect(std::uint64_t count) {
    for (std::uint64_t number = 1; number <= count; ++number)
      receipts_.emplace(number, fail(ErrorCode::closed));
  }

 private:
  CrashDisk disk_;
  std::optional<Database> database_;
  NamedTable table_;
  std::function<void()> act_;
  std::map<std::uint64_t, Result<CommitReceipt>> receipts_;
  std::vector<std::jthread> threads_;
};

// Law: however many commits arrive while a sync is in flight, one more sync answers for all.
TEST_CASE("commits that arrive during a sync share the next one") {
  for (const std::uint64_t count : {1U, 2U, 9U}) {
    CAPTURE(count);
    GroupStore store;
    store.expect(count);
    const std::uint64_t before = store.statistics().syncs;
    const auto receipt = store.commit_and_act([&] {
      for (std::uint64_t number = 1; number <= count; ++number) store.start(number);
    });
    CHECK(receipt.value().is_durable);
    for (const auto& [number, other] : store.receipts()) CHECK(other.value().is_durable);
    CHECK(store.statistics().syncs == before + 2);
    for (std::uint64_t number = 0; number <= count; ++number) CHECK(store.is_seen(number));
    require_sound(store.database());
  }
}

// Law: a check reads one state, whose slots may be written again before a newer one is seen.
TEST_CASE("a check finds nothing wrong while more states wait for a sync than there are slots") {
  GroupStore store;
  store.expect(9);
  REQUIRE(store.commit_one(100, Durability::buffered).has_value());
  Result<CheckReport> report = fail(ErrorCode::closed);
  std::jthread checking;
  const auto receipt = store.commit_and_act([&] {
    for (std::uint64_t number = 1; number <= 9; ++number) store.start(number);
    checking = std::jthread([&] { report = store.database().check(); });
    while (store.statistics().sync_waiters != 10) std::this_thread::yield();
  });
  checking.join();
  CHECK(receipt.value().is_durable);
  for (const auto& [number, other] : store.receipts()) CHECK(other.value().is_durable);
  CHECK(report.value().is_clean());
}

TEST_CASE("a commit that waits for its sync is seen when it is durable, and built on at once") {
  GroupStore store;
  store.expect(1);
  const TxnId before = store.statistics().published;
  const auto receipt = store.commit_and_act([&] {
    CHECK_FALSE(store.is_seen(0));
    CHECK(store.statistics().published == before);
    store.start(1);
    CHECK_FALSE(store.is_seen(1));
    CHECK(store.statistics().written.value == before.value + 2);
  });
  CHECK(receipt.value().txn.value == before.value + 1);
  CHECK(store.receipts().at(1).value().txn.value == before.value + 2);
  CHECK(store.is_seen(0));
  CHECK(store.is_seen(1));
}

// Law: no state is seen before those it builds on may be seen.
TEST_CASE("a buffered commit upon one that waits becomes durable with it") {
  GroupStore store;
  store.expect(1);
  const auto receipt = store.commit_and_act([&] {
    store.start(1, Durability::buffered);
    CHECK_FALSE(store.is_seen(1));
  });
  CHECK(receipt.value().is_durable);
  CHECK(store.receipts().at(1).value().is_durable);
  CHECK_FALSE(store.commit_one(2, Durability::buffered).value().is_durable);
  CHECK(store.is_seen(2));
}

// Law: nobody is told of what is neither seen nor sure yet.
TEST_CASE("a commit without changes waits for those that it builds on") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    GroupStore store;
    store.expect(1);
    if (fails)
      store.disk().fail({.number = store.disk().call_count(Call::sync), .call = Call::sync});
    const auto receipt = store.commit_and_act([&] { store.start_without_changes(1); });
    CHECK(receipt.has_value() != fails);
    CHECK(store.receipts().at(1).has_value() != fails);
    CHECK(store.is_seen(0) != fails);
  }
}

// Law: who waited for a sync that failed does not know what became of the commit, and nobody asks
// for that sync again.
TEST_CASE("a sync that fails stops all who wait and all who come") {
  GroupStore store;
  store.expect(2);
  const std::uint64_t before = store.statistics().syncs;
  store.disk().fail({.number = store.disk().call_count(Call::sync), .call = Call::sync});
  const auto receipt = store.commit_and_act([&] {
    store.start(1);
    store.start(2);
  });
  CHECK(code_of(receipt) == ErrorCode::outcome_unknown);
  for (const auto& [number, other] : store.receipts())
    CHECK(code_of(other) == ErrorCode::outcome_unknown);
  CHECK(store.statistics().syncs == before + 1);
  CHECK(code_of(store.database().begin_write()) == ErrorCode::poisoned);
  for (std::uint64_t number = 0; number <= 2; ++number) CHECK_FALSE(store.is_seen(number));
}

TEST_CASE("a slot that cannot be written fails its own commit, not the one that is being synced") {
  GroupStore store;
  const auto receipt = store.commit_and_act([&] {
    store.disk().fail({.number = store.disk().call_count(Call::write) + 1, .call = Call::write});
    std::jthread([&] { CHECK(code_of(store.commit_one(1)) == ErrorCode::outcome_unknown); }).join();
  });
  CHECK(receipt.value().is_durable);
  CHECK(store.is_seen(0));
  CHECK_FALSE(store.is_seen(1));
  CHECK(code_of(store.database().begin_write()) == ErrorCode::poisoned);
}

// Law: states pile up behind a slow disk only as long as the record that readers copy is safe.
TEST_CASE("states are named ahead of readers up to half of their records") {
  constexpr std::uint64_t most = Publication::record_count / 2;
  GroupStore store({.checkpoint_after = 10'000, .log_in_slots = false});
  store.expect(most);
  const auto receipt = store.commit_and_act([&] {
    for (std::uint64_t number = 1; number <= most; ++number) store.start(number);
    const Statistics statistics = store.statistics();
    CHECK(statistics.written.value - statistics.published.value == most);
    CHECK_FALSE(store.is_seen(0));
  });
  CHECK(receipt.value().is_durable);
  for (const auto& [number, other] : store.receipts()) CHECK(other.value().is_durable);
  require_sound(store.database());
}

TEST_CASE("closing waits for those who wait for a sync") {
  GroupStore store;
  store.expect(3);
  std::jthread closer;
  const auto receipt = store.commit_and_act([&] {
    for (std::uint64_t number = 1; number <= 3; ++number) store.start(number);
    closer = std::jthread([&] { CHECK(store.database().close().has_value()); });
    while (store.database().snapshot()) std::this_thread::yield();
  });
  closer.join();
  CHECK(receipt.value().is_durable);
  for (const auto& [number, other] : store.receipts()) CHECK(other.value().is_durable);
}

// ---- Tickets of commits that did not wait

TEST_CASE("a ticket tells when its commit is durable, and waiting for it syncs") {
  GroupStore store;
  const CommitTicket older = store.commit_one(0, Durability::buffered).value().ticket;
  const CommitTicket newer = store.commit_one(1, Durability::buffered).value().ticket;
  const std::uint64_t before = store.statistics().syncs;
  CHECK_FALSE(older.is_durable().value());
  CHECK_FALSE(newer.is_durable().value());
  REQUIRE(older.wait());
  CHECK(newer.is_durable().value());
  REQUIRE(newer.wait());
  CHECK(store.statistics().syncs == before + 1);
  CHECK(store.commit_one(2).value().ticket.is_durable().value());
  CHECK(CommitTicket().is_durable().value());
  CHECK(CommitTicket().wait());
}

TEST_CASE("the ticket of a commit without changes is that of what it builds on") {
  GroupStore store;
  const auto ticket_without_changes = [&] {
    return store.database().begin_write().value().commit().value().ticket;
  };
  CHECK(ticket_without_changes().is_durable().value());
  REQUIRE(store.commit_one(0, Durability::buffered));
  const CommitTicket ticket = ticket_without_changes();
  CHECK_FALSE(ticket.is_durable().value());
  REQUIRE(store.database().sync());
  CHECK(ticket.is_durable().value());
}

// Law: a sync that began before a commit was named does not answer for it.
TEST_CASE("a commit that is named while a sync is in flight waits for the next one") {
  GroupStore store;
  REQUIRE(store.commit_one(9, Durability::buffered));
  CommitTicket ticket;
  store.disk().during_sync([&, is_first = true]() mutable {
    if (std::exchange(is_first, false))
      ticket = store.commit_one(0, Durability::buffered).value().ticket;
  });
  REQUIRE(store.commit_one(8, Durability::buffered).value().ticket.wait());
  CHECK_FALSE(ticket.is_durable().value());
  REQUIRE(ticket.wait());
  CHECK(ticket.is_durable().value());
}

TEST_CASE("a ticket outlives its database, and knows how that closed") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    std::optional<GroupStore> store(std::in_place);
    const CommitTicket ticket = store->commit_one(0, Durability::buffered).value().ticket;
    if (fails)
      store->disk().fail({.number = store->disk().call_count(Call::sync), .call = Call::sync});
    CHECK(store->database().close().has_value() != fails);
    store.reset();
    if (fails) {
      CHECK(code_of(ticket.wait()) == ErrorCode::outcome_unknown);
      CHECK(code_of(ticket.is_durable()) == ErrorCode::outcome_unknown);
    } else {
      CHECK(ticket.wait());
      CHECK(ticket.is_durable().value());
    }
  }
}

// Law: what a close says of commits that may be lost does not depend on its own work on the log.
TEST_CASE("a close whose sync fails says so of commits, also when it would replace the space log") {
  for (const std::uint64_t count : {1U, 100U}) {
    CAPTURE(count);
    GroupStore store({.checkpoint_after = 5, .log_in_slots = false});
    for (std::uint64_t number = 0; number < count; ++number)
      REQUIRE(store.commit_one(number, Durability::buffered));
    store.disk().fail({.number = store.disk().call_count(Call::sync), .call = Call::sync});
    CHECK(code_of(store.database().close()) == ErrorCode::outcome_unknown);
  }
}

// ---- Syncs in the background

/// The syncs of a store, counted where a test can wait for the next. Must outlive the store.
class Syncs {
 public:
  void watch(GroupStore& store) {
    store.disk().during_sync([this] { semaphore_.release(); });
  }
  void wait_for_one() { semaphore_.acquire(); }

 private:
  std::counting_semaphore<> semaphore_{0};
};

TEST_CASE("buffered commits are synced in the background, after some time or some pages") {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  for (const BackgroundSync background :
       {BackgroundSync{.interval = milliseconds(1)},
        BackgroundSync{.interval = hours(1), .size = 1}, BackgroundSync{.size = 1}}) {
    Syncs syncs;
    GroupStore store({.background_sync = background});
    syncs.watch(store);
    for (std::uint64_t number = 0; number < 20; ++number) {
      const CommitTicket ticket = store.commit_one(number, Durability::buffered).value().ticket;
      syncs.wait_for_one();
      REQUIRE(ticket.wait());
    }
    require_sound(store.database());
  }
}

TEST_CASE("a background sync that fails is told to the tickets, and stops the writers") {
  GroupStore store({.background_sync = {.size = 1}});
  store.disk().fail({.number = store.disk().call_count(Call::sync), .call = Call::sync});
  const CommitTicket ticket = store.commit_one(0, Durability::buffered).value().ticket;
  CHECK(code_of(ticket.wait()) == ErrorCode::outcome_unknown);
  CHECK(code_of(ticket.is_durable()) == ErrorCode::outcome_unknown);
  CHECK(code_of(store.database().begin_write()) == ErrorCode::poisoned);
  CHECK(store.is_seen(0));
}

TEST_CASE("closing ends the background while it has something to do") {
  for (int round = 0; round < 20; ++round) {
    GroupStore store({.background_sync = {.interval = std::chrono::milliseconds(1), .size = 1}});
    std::vector<CommitTicket> tickets;
    for (std::uint64_t number = 0; number < 5; ++number)
      tickets.push_back(store.commit_one(number, Durability::buffered).value().ticket);
    REQUIRE(store.database().close());
    for (const CommitTicket& ticket : tickets) CHECK(ticket.is_durable().value());
  }
}

}  // namespace
}  // namespace quire::test
