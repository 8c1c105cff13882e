#include "quire/engine/txn/commit.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

/// What one commit added to the counters.
struct Cost {
  std::uint64_t commits;
  std::uint64_t syncs;
  std::uint64_t pages_written;
  std::uint64_t write_calls;
  bool operator==(const Cost&) const = default;
};

Cost operator-(const Statistics& after, const Statistics& before) {
  return {after.commits - before.commits, after.syncs - before.syncs,
          after.pages_written - before.pages_written, after.write_calls - before.write_calls};
}

/// Commits one more entry.
CommitReceipt commit_one(Store& store, const NamedTable& table, std::uint64_t number,
                         std::optional<Durability> durability = {}) {
  WriteTransaction txn = store.begin();
  put(txn, table, key_of(number), "value");
  return commit(txn, durability);
}

// Law: on a fresh file the dirty pages of a commit, however many, and its log page are one run: one
// call for every 64 KiB of it and one for the meta slot.
TEST_CASE("a commit gives its pages numbers in one run and writes them in few calls") {
  constexpr std::uint64_t pages_at_once = (64 << 10) / layout::default_page_size;
  for (const std::uint64_t count : {1U, 30U, 100U, 1000U, 10'000U}) {
    CAPTURE(count);
    Store store;
    const NamedTable table = store.table("t");
    const Statistics before = store.statistics();
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < count; ++number)
      put(txn, table, key_of(number * 7919 % count), "value of some length");
    const CommitReceipt receipt = commit(txn);
    const Cost cost = store.statistics() - before;
    CHECK(cost.write_calls == (cost.pages_written + pages_at_once - 1) / pages_at_once + 1);
    CHECK(cost.pages_written == receipt.pages_written);

    const CheckReport report = store.database().check().value();
    const TableStatistics tree =
        store.snapshot().statistics(root_of(store.snapshot(), table)).value();
    // The table's tree; the slot says where it is, and has the record of the space log.
    CHECK(receipt.pages_written == tree.leaf_pages + tree.branch_pages);
    CHECK(report.is_clean());
  }
}

TEST_CASE("each durability costs the syncs that it says") {
  Store store({.checkpoint_after = 1'000'000, .log_in_slots = false});
  const NamedTable table = store.table("t");
  struct Case {
    Durability durability;
    std::uint64_t syncs;
    bool is_durable;
  };
  for (const Case& one : {Case{Durability::full, 1, true}, Case{Durability::two_phase, 2, true},
                          Case{Durability::buffered, 0, false}}) {
    const auto durability = static_cast<int>(one.durability);
    CAPTURE(durability);
    for (std::uint64_t number = 0; number < 5; ++number) {
      const Statistics before = store.statistics();
      const CommitReceipt receipt = commit_one(store, table, number, one.durability);
      const Statistics after = store.statistics();
      const Cost cost = after - before;
      CHECK(cost.commits == 1);
      CHECK(cost.syncs == one.syncs);
      CHECK(cost.pages_written == receipt.pages_written);
      CHECK(cost.write_calls <= receipt.pages_written + 1);
      CHECK(receipt.is_durable == one.is_durable);
      CHECK(after.published == receipt.txn);
      CHECK(after.written == receipt.txn);
      CHECK((after.durable == receipt.txn) == one.is_durable);
    }
  }
}

TEST_CASE("commits that do not say are made as the options say") {
  Store store({.durability = Durability::buffered});
  const NamedTable table{{1}, "t"};
  WriteTransaction txn = store.begin();
  make_table(txn, "t");
  CHECK_FALSE(commit(txn).is_durable);
  CHECK(commit_one(store, table, 1, Durability::full).is_durable);
}

// The first commit after an opening syncs a slot with a raised ceiling before it writes a page.
TEST_CASE("the first commit after an opening costs one slot and one sync more") {
  Store store;
  const NamedTable table = store.table("t");
  for (std::uint64_t number = 0; number < 3; ++number) {
    store.reopen();
    const Statistics before = store.statistics();
    commit_one(store, table, 2 * number);
    const Cost first = store.statistics() - before;
    CHECK(first.syncs == 2);
    const Statistics middle = store.statistics();
    commit_one(store, table, 2 * number + 1);
    CHECK((store.statistics() - middle).syncs == 1);
  }
}

TEST_CASE("a transaction without changes costs nothing") {
  Store store;
  const NamedTable table = store.table("t");
  const CommitReceipt last = commit_one(store, table, 1);
  const Statistics before = store.statistics();
  WriteTransaction txn = store.begin();
  CHECK(get(txn, table, key_of(1)).has_value());
  CHECK_FALSE(erase(txn, table, "not there"));
  CHECK_FALSE(put(txn, table, "not there", "", PutMode::replace_only));
  CHECK_FALSE(put(txn, table, key_of(1), "other", PutMode::insert_only));
  const std::string large(100'000, 'x');
  CHECK_FALSE(put(txn, table, "not there", large, PutMode::replace_only));
  const CommitReceipt receipt = commit(txn);
  CHECK(receipt.txn == last.txn);
  CHECK(receipt.is_durable);
  CHECK(receipt.pages_written == 0);
  CHECK(store.statistics() - before == Cost{0, 0, 0, 0});
  CHECK(store.statistics().written == before.written);
}

TEST_CASE("a receipt says what the state is that it stands for") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  const TxnId own = txn.txn();
  put(txn, table, "k", "v");
  const CommitReceipt buffered = commit(txn, Durability::buffered);
  CHECK(buffered.txn == own);
  CHECK_FALSE(buffered.is_durable);
  CHECK(store.snapshot().txn() == own);

  WriteTransaction idle = store.begin();
  const CommitReceipt same = commit(idle);
  CHECK(same.txn == own);
  CHECK_FALSE(same.is_durable);  // what it builds on is not
  store.database().sync().value();
  WriteTransaction again = store.begin();
  CHECK(commit(again).is_durable);
}

TEST_CASE("a sync makes buffered commits durable, and costs nothing when there are none") {
  Store store;
  const NamedTable table = store.table("t");
  const CommitReceipt receipt = commit_one(store, table, 1, Durability::buffered);
  const Statistics before = store.statistics();
  CHECK(before.durable < receipt.txn);
  store.database().sync().value();
  CHECK(store.statistics().durable == receipt.txn);
  CHECK((store.statistics() - before).syncs == 1);
  store.database().sync().value();
  CHECK((store.statistics() - before).syncs == 1);
}

TEST_CASE("buffered commits are synced once so much was written") {
  Store store({.sync_after = 40 * layout::default_page_size});
  const NamedTable table = store.table("t");
  const Statistics before = store.statistics();
  for (std::uint64_t number = 0; number < 100; ++number)
    commit_one(store, table, number, Durability::buffered);
  const Cost cost = store.statistics() - before;
  CHECK(cost.syncs >= cost.pages_written / 80);
  CHECK(cost.syncs <= cost.pages_written / 40 + 2);
}

// Law: a small commit that no sync waits for calls the system for new pages only; where a thread
// syncs now and then, for its slot and every run.
TEST_CASE("commits that no sync waits for make few calls") {
  const auto calls_of_a_hundred = [](const Options& options) {
    Store store(options);
    const NamedTable table = store.table("t");
    const auto commit_hundred = [&] {
      for (std::uint64_t number = 0; number < 100; ++number)
        commit_one(store, table, number, Durability::buffered);
    };
    commit_hundred();
    const Statistics before = store.statistics();
    commit_hundred();
    CHECK(store.database().check().value().is_clean());
    return (store.statistics() - before).write_calls;
  };
  CHECK(calls_of_a_hundred({}) <= 100);
  CHECK(calls_of_a_hundred({.background_sync = {.size = std::uint64_t{1} << 30}}) >= 200);
}

TEST_CASE("an id that has written a page is never used again, whatever became of it") {
  Store store;
  const NamedTable table = store.table("t");
  TxnId last;
  for (int round = 0; round < 4; ++round) {
    WriteTransaction early = store.begin();
    const TxnId id = early.txn();
    CHECK(id > last);
    put(early, table, "large", std::string(1 << 20, 'x'));  // written at once
    std::move(early).abandon();
    last = id;
    WriteTransaction next = store.begin();
    CHECK(next.txn() > id);
    put(next, table, "small", std::to_string(round));
    last = commit(next).txn;
    if (round % 2 == 1) store.reopen();
  }
  require_sound(store.database());
}

TEST_CASE("ids rise from commit to commit and over openings") {
  Store store;
  const NamedTable table = store.table("t");
  TxnId last;
  for (std::uint64_t number = 0; number < 30; ++number) {
    const CommitReceipt receipt = commit_one(store, table, number);
    CHECK(receipt.txn > last);
    last = receipt.txn;
    if (number % 10 == 9) store.reopen();
    CHECK(store.snapshot().txn() == last);
  }
}

/// Commits 300 entries one by one; the most pages that the space log ever had.
std::uint64_t longest_chain(Store& store, const NamedTable& table) {
  std::uint64_t longest = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    commit_one(store, table, number * 7919 % 1000);
    longest = std::max(longest, store.statistics().log_pages);
  }
  return longest;
}

// Law: the chain of the space log does not grow without end, whatever the setting: once its records
// are as long as what replaces it, it is replaced.
TEST_CASE("the space log is replaced by a checkpoint now and then") {
  for (const std::uint32_t checkpoint_after : {0U, 1U, 5U, 64U}) {
    CAPTURE(checkpoint_after);
    Store store({.checkpoint_after = checkpoint_after, .log_in_slots = false});
    const NamedTable table = store.table("t");
    CHECK(longest_chain(store, table) <= std::max(checkpoint_after, 1U) + 3);
    require_sound(store.database());
    store.reopen();
    require_sound(store.database());
    CHECK(content(store.snapshot(), table).size() == 300);
  }
}

// Law: a page of a checkpoint is paid for by a page of a record. Were a checkpoint due as soon as
// the chain is longer than it would be, its own pages would make the next one due at once.
TEST_CASE("a long checkpoint is made only when records have become as long") {
  Store store({.checkpoint_after = 1, .log_in_slots = false});
  const NamedTable table = store.table("t");
  constexpr std::uint64_t count = 6'000;
  WriteTransaction fill = store.begin();
  for (std::uint64_t number = 0; number < count; ++number)
    put(fill, table, key_of(number), std::string(3'000, 'f'));
  commit(fill);
  WriteTransaction gaps = store.begin();  // each a page of its own
  for (std::uint64_t number = 0; number < count; number += 2) erase(gaps, table, key_of(number));
  commit(gaps);

  int checkpoints = 0;
  std::uint64_t longest = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    const std::uint64_t before = store.statistics().log_pages;
    commit_one(store, table, count + number);
    const std::uint64_t after = store.statistics().log_pages;
    if (after > before) continue;
    ++checkpoints;
    longest = std::max(longest, after);
    CHECK(before + 2 >= 2 * after);
  }
  CHECK(checkpoints >= 2);
  CHECK(longest >= 5);
  require_sound(store.database());
}

// A checkpoint costs syncs, so commits that wait for none leave it to one that is due anyway.
TEST_CASE("buffered commits replace the space log when a sync is due") {
  constexpr std::uint64_t pages_between_syncs = 40;
  Store store({.durability = Durability::buffered,
               .sync_after = pages_between_syncs * layout::default_page_size,
               .checkpoint_after = 5,
               .log_in_slots = false});
  const NamedTable table = store.table("t");
  CHECK(longest_chain(store, table) <= 5 + pages_between_syncs);
  require_sound(store.database());
}

// Nor does that let the chain grow without end when the caller makes every sync that is due.
TEST_CASE("buffered commits replace a space log that has become long") {
  constexpr std::uint64_t page_size = std::uint64_t{64} << 10;
  constexpr std::uint64_t most_pages = (std::uint64_t{64} << 20) / page_size;
  Store store({.page_size = page_size,
               .durability = Durability::buffered,
               .checkpoint_after = 5,
               .log_in_slots = false});
  const NamedTable table = store.table("t");
  std::uint64_t longest = 0;
  for (std::uint64_t number = 0; number < most_pages + 100; ++number) {
    commit_one(store, table, number % 100);
    if (number % 50 == 0) REQUIRE(store.database().sync().has_value());
    longest = std::max(longest, store.statistics().log_pages);
  }
  CHECK(longest > most_pages / 2);
  CHECK(longest <= most_pages + 3);
  CHECK(store.statistics().log_pages < 200);
  require_sound(store.database());
}

// Law: a clean close leaves to the next opening no more of the space log than a checkpoint.
TEST_CASE("a clean close replaces a space log that has become long") {
  for (const Sharing sharing : {Sharing::exclusive, Sharing::shared}) {
    CAPTURE(sharing == Sharing::shared);
    Store store({.sharing = sharing,
                 .durability = Durability::buffered,
                 .checkpoint_after = 5,
                 .log_in_slots = false});
    const NamedTable table = store.table("t");
    CHECK(longest_chain(store, table) > 100);
    store.reopen();
    CHECK(store.statistics().log_pages <= 5);
    require_sound(store.database());
    CHECK(content(store.snapshot(), table).size() == 300);
    // Who writes nothing closes the file as it was.
    const TxnId last = store.snapshot().txn();
    store.reopen();
    CHECK(store.snapshot().txn() == last);
  }
}

TEST_CASE("a commit with a checkpoint makes its pages durable before its slot") {
  Store store({.checkpoint_after = 8, .log_in_slots = false});
  const NamedTable table = store.table("t");
  std::uint64_t checkpoints = 0;
  for (std::uint64_t number = 0; number < 60; ++number) {
    const Statistics before = store.statistics();
    commit_one(store, table, number);
    const Statistics after = store.statistics();
    const bool is_checkpoint = after.log_pages <= before.log_pages;
    CHECK((after - before).syncs == (is_checkpoint ? 2 : 1));
    checkpoints += is_checkpoint ? 1 : 0;
  }
  CHECK(checkpoints >= 5);
}

// A bound on the pages of a log record once counted one more extent than there were, for what
// giving back the surplus may cut, though it may give back from several runs and cut several.
// Churn with deletions all over makes free extents of one page, and records of several pages.
TEST_CASE("a record of very many extents has the pages that it needs") {
  for (std::uint32_t seed = 0; seed < scaled(6); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store(
        {.durability = Durability::buffered, .checkpoint_after = 20, .log_in_slots = false});
    const NamedTable table = store.table("t");
    WriteTransaction fill = store.begin();
    constexpr std::uint64_t count = 6000;
    for (std::uint64_t number = 0; number < count; ++number)
      put(fill, table, key_of(number), std::string(900, 'f'));
    commit(fill);
    for (int round = 0; round < 12; ++round) {
      WriteTransaction txn = store.begin();
      const std::uint64_t edits = 1 + random() % 1500;
      for (std::uint64_t edit = 0; edit < edits; ++edit) {
        const std::string key = key_of(random() % count);
        if (random() % 8 == 0)
          put(txn, table, key, std::string(1500 + random() % 9000, 'l'));
        else
          put(txn, table, key, std::string(random() % 900, 's'));
      }
      commit(txn);
    }
    require_sound(store.database());
    store.reopen();
    require_sound(store.database());
  }
}

// Law: a record of the space log grows with the extents that changed hands, not with their pages.
TEST_CASE("a commit that overwrites everything writes one page of the space log") {
  Store store({.log_in_slots = false});
  const NamedTable table = store.table("t");
  const auto overwrite = [&](std::size_t round) {
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < 20'000; ++number)
      put(txn, table, key_of(number), std::string(60 + round % 2, 'v'));
    return commit(txn, Durability::buffered).pages_written;
  };
  overwrite(0);
  overwrite(1);
  CHECK(page_total(store.statistics()) > 500);
  const std::uint64_t before = store.statistics().log_pages;
  overwrite(2);
  CHECK(store.statistics().log_pages == before + 1);
  require_sound(store.database());
}

// Law: while something keeps a page nothing is written to it; with poisoning, right after that,
// too.
TEST_CASE("pages are poisoned when nothing keeps them any more, and not before") {
  constexpr std::byte poison{0xDB};
  const std::string large(50'000, 'x');
  for (const bool is_poisoning : {false, true}) {
    CAPTURE(is_poisoning);
    Store store({.poison_free_pages = is_poisoning});
    WriteTransaction txn = store.begin();
    const NamedTable table = make_table(txn, "t");
    put(txn, table, "key", large);
    commit(txn);
    std::optional<Snapshot> snapshot = store.database().snapshot().value();
    const Bytes value = snapshot->get(root_of(*snapshot, table), as_bytes("key")).value().value();
    const auto overwrite = [&](std::uint64_t number) {
      WriteTransaction next = store.begin();
      put(next, table, "key", std::to_string(number));
      commit(next);
    };
    for (std::uint64_t number = 0; number < 4; ++number) overwrite(number);
    CHECK(value.back() == std::byte{'x'});
    snapshot.reset();
    for (std::uint64_t number = 4; number < 6; ++number) overwrite(number);
    CHECK(value.back() == (is_poisoning ? poison : std::byte{'x'}));
    require_sound(store.database());
  }
}

}  // namespace
}  // namespace quire
