// The interval rule: a page (born b, died d) is kept only by a pin p with b <= p < d.
//
// Nobody sees the rule directly; what it promises is that a long reader costs no more than its own
// snapshot, however long it reads and whatever others do meanwhile.
#include <doctest/doctest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "support/space_bound.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

constexpr std::uint64_t key_count = 600;

/// Rewrites some entries, so that every commit kills pages of the one before. Every few commits one
/// is synced: what the newest durable state needs is kept, and the space log is replaced then.
void churn(Store& store, const NamedTable& table, std::mt19937& random) {
  WriteTransaction txn = store.begin();
  for (int edit = 0; edit < 8; ++edit)
    put(txn, table, key_of(random() % key_count), std::string(400, static_cast<char>(random())));
  commit(txn, random() % 4 == 0 ? Durability::full : Durability::buffered);
}

TEST_CASE("a long reader costs its own snapshot, while others come and go") {
  for (const std::size_t reader_count : {0U, 1U, 3U}) {
    CAPTURE(reader_count);
    std::mt19937 random(static_cast<std::uint32_t>(reader_count));
    Store store({.checkpoint_after = 16, .log_in_slots = false});
    const NamedTable table = store.table("t");
    WriteTransaction fill = store.begin();
    for (std::uint64_t number = 0; number < key_count; ++number)
      put(fill, table, key_of(number), std::string(400, 'f'));
    commit(fill);

    const Snapshot long_reader = store.snapshot();
    const Content first_content = content(long_reader, table);
    std::deque<std::pair<Snapshot, Content>> readers;
    const std::uint64_t limit = space_bound(pages_in_use(store.database()), reader_count + 1);
    const std::uint64_t written = store.statistics().pages_written;
    for (std::size_t round = 0; round < scaled(1500); ++round) {
      churn(store, table, random);
      if (readers.size() < reader_count && random() % 2 == 0) {
        Snapshot snapshot = store.snapshot();
        Content seen = content(snapshot, table);
        readers.emplace_back(std::move(snapshot), std::move(seen));
      }
      if (!readers.empty() && random() % 3 == 0) {
        REQUIRE(content(readers.front().first, table) == readers.front().second);
        readers.pop_front();
      }
      const std::uint64_t pages = page_total(store.statistics());
      CAPTURE(round);
      REQUIRE(pages <= limit);
    }
    REQUIRE(content(long_reader, table) == first_content);
    // What was written would have filled the file many times over.
    if (scaled(1500) >= 1500) CHECK(store.statistics().pages_written - written > 10 * limit);
    require_sound(store.database());
  }
}

TEST_CASE("what a snapshot kept is free once it is gone") {
  std::mt19937 random(7);
  Store store({.durability = Durability::buffered});
  const NamedTable table = store.table("t");
  WriteTransaction fill = store.begin();
  for (std::uint64_t number = 0; number < key_count; ++number)
    put(fill, table, key_of(number), std::string(400, 'f'));
  commit(fill, Durability::full);
  std::optional<Snapshot> reader = store.snapshot();
  for (int round = 0; round < 300; ++round) churn(store, table, random);
  store.database().sync().value();
  const std::uint64_t kept = store.statistics().pending_pages;
  CHECK(kept >= key_count * 400 / layout::default_page_size);
  reader.reset();
  churn(store, table, random);
  store.database().sync().value();
  churn(store, table, random);
  CHECK(store.statistics().pending_pages < kept / 2);
  require_sound(store.database());
}

TEST_CASE("an idle thread's soft pin holds no space") {
  std::mt19937 random(8);
  Store store;
  const NamedTable table = store.table("t");
  {
    const Snapshot gone = store.snapshot();
  }
  for (int round = 0; round < 5; ++round) {
    churn(store, table, random);
    store.database().sync().value();
  }
  // Only what the last commit killed waits, for the state that was durable before it.
  const std::uint64_t pending = store.statistics().pending_pages;
  const CheckReport report = store.database().check().value();
  CHECK(pending <= report.tree_pages + report.log_pages);
}

}  // namespace
}  // namespace quire
