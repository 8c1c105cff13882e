#include "quire/engine/mvcc/publication.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/mvcc/states.hpp"

namespace quire::test {
namespace {

State read(const Publication& publication) {
  State state;
  publication.read(publication.published_word(), state);
  return state;
}

TEST_CASE("after a recovery everything is at one state") {
  const Publication publication(state_of({7}));
  CHECK(publication.written() == TxnId{7});
  CHECK(publication.published() == TxnId{7});
  CHECK(publication.durable() == TxnId{7});
  CHECK(publication.syncing() == no_txn);
  CHECK(read(publication).txn == TxnId{7});
  CHECK(is_whole(read(publication)));
}

TEST_CASE("a written state is the readers' once it is published") {
  Publication publication(state_of({7}));
  publication.set_written(state_of({9}));
  CHECK(publication.written() == TxnId{9});
  CHECK(publication.published() == TxnId{7});
  CHECK(read(publication).txn == TxnId{7});
  const Publication::Word newest = publication.set_written(state_of({10}));
  CHECK(Publication::txn_of(newest) == TxnId{10});
  CHECK(Publication::slot_of(newest) == state_of({10}).meta_slot);
  publication.publish(newest);
  CHECK(publication.published() == TxnId{10});
  CHECK(publication.durable() == TxnId{7});
  publication.set_syncing(newest);
  CHECK(publication.syncing() == TxnId{10});
  publication.set_durable(newest);
  publication.set_syncing(Publication::no_state);
  CHECK(publication.durable() == TxnId{10});
  CHECK(is_whole(read(publication)));
}

TEST_CASE("a word names its state until many more were published") {
  Publication publication(state_of({1}));
  for (std::uint64_t txn = 2; txn < 2000; ++txn) {
    const Publication::Word old = publication.published_word();
    Publication::Word newest = 0;
    for (std::uint64_t more = 0; more < 100; ++more) {
      CHECK(publication.unpublished() == more);
      newest = publication.set_written(state_of({1000 * txn + more}));
    }
    State state;
    publication.read(old, state);
    REQUIRE(state.txn == Publication::txn_of(old));
    REQUIRE(is_whole(state));
    publication.publish(newest);
  }
}

// Law: a copy is whole whenever the published word is the same before and after it; transactions
// never fall.
// Law: a state says nothing of tables that were made after it, wherever it was copied to.
TEST_CASE("a state that is read over a newer one does not know that one's tables") {
  State older = state_of({5});
  older.next_table = {3};
  State newer = state_of({6});
  newer.next_table = {5};
  for (std::uint32_t table = 1; table < 5; ++table) {
    if (table < 3) older.near[table - 1].table = {table};
    newer.near[table - 1].table = {table};
  }
  Publication publication(older);
  const Publication::Word before = publication.published_word();
  State read;
  publication.read(publication.set_written(newer), read);
  for (std::uint32_t table = 1; table < 5; ++table) CHECK(read.near_root({table}) != nullptr);
  publication.read(before, read);
  for (std::uint32_t table = 1; table < 5; ++table)
    CHECK((read.near_root({table}) != nullptr) == (table < 3));
}

TEST_CASE("readers get whole states while others are published") {
  Publication publication(state_of({1}));
  std::atomic<bool> is_over = false;
  {
    std::vector<std::jthread> readers;
    for (int number = 0; number < 3; ++number) {
      readers.emplace_back([&] {
        TxnId last;
        while (!is_over) {
          const Publication::Word word = publication.published_word();
          State state;
          publication.read(word, state);
          if (publication.published_word() != word) continue;
          REQUIRE(state.txn == Publication::txn_of(word));
          REQUIRE(is_whole(state));
          REQUIRE(state.txn >= last);
          last = state.txn;
        }
      });
    }
    for (std::uint64_t txn = 2; txn < 2 + scaled(100'000); ++txn) {
      publication.publish(publication.set_written(state_of({txn})));
    }
    is_over = true;
  }
}

}  // namespace
}  // namespace quire::test
