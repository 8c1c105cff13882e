// The memory budget: a transaction larger than it goes to disk early and knows no limit.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

constexpr std::uint64_t small_budget = 16 * layout::default_page_size;

// Law: a transaction that passes its budget many times behaves like one that never does.
TEST_CASE("edits before and after pages were written early are one transaction") {
  for (std::uint32_t seed = 0; seed < scaled(8); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store({.memory_budget = small_budget});
    const std::vector<NamedTable> tables = {store.table("a"), store.table("b")};
    std::vector<Content> models(2);
    for (int round = 0; round < 3; ++round) {
      const std::uint64_t written = store.statistics().pages_written;
      WriteTransaction txn = store.begin();
      for (int step = 0; step < 1500; ++step) {
        const std::size_t which = random() % 2;
        const std::string key = key_of(random() % 800);
        if (random() % 3 == 0) {
          REQUIRE(erase(txn, tables[which], key) == (models[which].erase(key) == 1));
        } else {
          const std::string value(random() % 700, static_cast<char>('a' + step % 26));
          put(txn, tables[which], key, value);
          models[which][key] = value;
        }
        REQUIRE(get(txn, tables[which], key).has_value() == models[which].contains(key));
      }
      for (std::size_t which = 0; which < 2; ++which) {
        const TreeRoot root = txn.root(tables[which].id, tables[which].name).value();
        REQUIRE(root.entries == models[which].size());
        const auto all = entries(txn.cursor(root));
        REQUIRE(Content(all.begin(), all.end()) == models[which]);
      }
      const std::uint64_t early = store.statistics().pages_written - written;
      REQUIRE(early > small_budget / layout::default_page_size);
      commit(txn);
      for (std::size_t which = 0; which < 2; ++which)
        REQUIRE(content(store.snapshot(), tables[which]) == models[which]);
      require_sound(store.database());
    }
    store.reopen();
    for (std::size_t which = 0; which < 2; ++which)
      REQUIRE(content(store.snapshot(), tables[which]) == models[which]);
    require_sound(store.database());
  }
}

TEST_CASE("tables made, filled and dropped in a transaction that passes its budget") {
  Store store({.memory_budget = small_budget});
  WriteTransaction txn = store.begin();
  for (int round = 0; round < 5; ++round) {
    const NamedTable gone = make_table(txn, "gone");
    for (std::uint64_t number = 0; number < 300; ++number)
      put(txn, gone, key_of(number), std::string(500, 'x'));
    const NamedTable kept = make_table(txn, "kept" + std::to_string(round));
    put(txn, kept, "key", "value");
    txn.drop_table("gone").value();
    CHECK_FALSE(txn.table("gone").value().has_value());
    CHECK(get(txn, kept, "key") == "value");
  }
  commit(txn);
  CHECK(store.snapshot().tables().value().size() == 5);
  require_sound(store.database());
}

TEST_CASE("a transaction that only erases keeps to its budget, too") {
  Store store({.memory_budget = small_budget});
  const NamedTable table = store.table("t");
  constexpr std::uint64_t count = 3000;
  WriteTransaction first = store.begin();
  for (std::uint64_t number = 0; number < count; ++number)
    put(first, table, key_of(number), std::string(400, 'a'));
  commit(first);
  const std::uint64_t written = store.statistics().pages_written;
  WriteTransaction txn = store.begin();
  // One in four, so that every leaf is changed and none goes away.
  for (std::uint64_t number = 0; number < count; number += 4) erase(txn, table, key_of(number));
  const std::uint64_t early = store.statistics().pages_written - written;
  CHECK(early > 5 * small_budget / layout::default_page_size);
  commit(txn);
  CHECK(content(store.snapshot(), table).size() == count - count / 4);
  require_sound(store.database());
}

TEST_CASE("snapshots do not see pages that were written early") {
  Store store({.memory_budget = small_budget});
  const NamedTable table = store.table("t");
  WriteTransaction first = store.begin();
  for (std::uint64_t number = 0; number < 400; ++number)
    put(first, table, key_of(number), std::string(300, 'a'));
  commit(first);
  const Snapshot old = store.snapshot();
  const Content before = content(old, table);
  WriteTransaction txn = store.begin();
  for (std::uint64_t number = 0; number < 400; ++number)
    put(txn, table, key_of(number), std::string(310, 'b'));
  CHECK(content(old, table) == before);
  CHECK(content(store.snapshot(), table) == before);
  commit(txn);
  CHECK(content(old, table) == before);
  CHECK(content(store.snapshot(), table) != before);
  require_sound(store.database());
}

}  // namespace
}  // namespace quire
