// Bulk loads: what is in the table afterwards is what putting one by one would have made of it.
#include "quire/engine/txn/bulk_load.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/model_material.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

constexpr std::uint64_t least_memory = 1 << 20;

BulkLoad begin_load(WriteTransaction& txn, const NamedTable& table) {
  return txn.bulk_load(table.id, table.name, {.memory = least_memory}).value();
}

void append(BulkLoad& load, std::string_view key, std::string_view value) {
  load.append(as_bytes(key), as_bytes(value)).value();
}

/// One table, loaded and edited at random, and a map that is edited in the same way.
class LoadRun {
 public:
  explicit LoadRun(std::uint64_t seed)
      : dice_(seed),
        shape_(key_shapes[seed % key_shapes.size()]),
        store_({.page_size = seed % 3 == 0 ? 16384U : 4096U,
                .memory_budget = seed % 2 == 0 ? std::uint64_t{64} << 12 : std::uint64_t{1} << 28}),
        table_(store_.table("t", aligned_to(1U << dice_.below(7)))),
        keys_(dice_, shape_, 1000) {}

  void run() {
    for (int round = 0; round < 4; ++round) {
      WriteTransaction txn = store_.begin();
      const Content before = model_;
      const bool is_sorted = dice_.one_in(2);
      is_sorted ? load_sorted(txn) : load_any(txn);
      const TreeRoot root = txn.root(table_.id, table_.name).value();
      const auto all = entries(txn.cursor(root));
      REQUIRE(Content(all.begin(), all.end()) == model_);
      REQUIRE(root.entries == model_.size());
      if (dice_.one_in(4)) {
        std::move(txn).abandon();
        model_ = before;
      } else {
        commit(txn);
      }
      require_sound(store_.database());
      REQUIRE(content(store_.snapshot(), table_) == model_);
    }
    store_.reopen();
    REQUIRE(content(store_.snapshot(), table_) == model_);
    require_sound(store_.database());
  }

 private:
  std::string value() {
    if (dice_.one_in(300)) return dice_.bytes(dice_.below(20'000));
    return dice_.bytes(is_uniform_ ? 24 : dice_.below(120));
  }

  void load_sorted(WriteTransaction& txn) {
    Content some;
    for (std::uint64_t left = dice_.mostly_small(6000); left > 0; --left)
      some[keys_.next()] = value();
    BulkLoad load = begin_load(txn, table_);
    for (const auto& [key, value] : some) add(txn, load, key, value);
    load.finish().value();
  }

  void load_any(WriteTransaction& txn) {
    BulkLoad load = begin_load(txn, table_);
    for (std::uint64_t left = dice_.mostly_small(scaled(20'000)); left > 0; --left)
      add(txn, load, keys_.next(), value());
    load.finish().value();
  }

  /// Now and then the table is edited while it is loaded.
  void add(WriteTransaction& txn, BulkLoad& load, const std::string& key,
           const std::string& value) {
    append(load, key, value);
    model_[key] = value;
    if (!dice_.one_in(2000)) return;
    // What waits to be sorted is stored later, so the other edits are of keys that it has not.
    const std::string other = "another " + dice_.bytes(3);
    put(txn, table_, other, "beside");
    model_[other] = "beside";
    is_uniform_ = dice_.one_in(2);
  }

  Dice dice_;
  KeyShape shape_;
  bool is_uniform_ = true;
  Store store_;
  NamedTable table_;
  KeySource keys_;
  Content model_;
};

TEST_CASE("a bulk load makes of a table what puts would have made of it") {
  for (std::uint64_t seed = 0; seed < scaled(64); ++seed) {
    CAPTURE(seed);
    LoadRun(seed).run();
  }
}

// Law: entries that come in order fill their leaves, and are written once.
TEST_CASE("a sorted load fills pages to the brim") {
  Store store;
  const NamedTable table = store.table("t");
  const std::uint64_t before = store.statistics().pages_written;
  constexpr std::uint64_t count = 50'000;
  WriteTransaction txn = store.begin();
  BulkLoad load = begin_load(txn, table);
  for (std::uint64_t number = 0; number < count; ++number)
    append(load, key_of(number), std::string(50, 'v'));
  load.finish().value();
  commit(txn);
  const Snapshot snapshot = store.snapshot();
  const TableStatistics statistics = snapshot.statistics(root_of(snapshot, table)).value();
  REQUIRE(statistics.entries == count);
  const std::uint64_t size = statistics.used_bytes + statistics.free_bytes;
  REQUIRE(statistics.free_bytes * 100 < size * 3);
  const std::uint64_t pages = statistics.leaf_pages + statistics.branch_pages;
  REQUIRE(store.statistics().pages_written - before < pages + 20);
  REQUIRE(store.statistics().file_size < (pages + 1100) * 4096);
}

// Law: no part of a load is committed without the rest.
TEST_CASE("a load that is not finished is not committed") {
  Store store;
  const NamedTable table = store.table("t");
  for (const bool is_dropped : {false, true}) {
    WriteTransaction txn = store.begin();
    std::optional<BulkLoad> load = begin_load(txn, table);
    for (std::uint64_t number = 0; number < 3000; ++number) append(*load, key_of(number), "value");
    if (is_dropped) {
      load.reset();
      REQUIRE(code_of(txn.get(table.id, table.name, as_bytes(key_of(1)))) ==
              ErrorCode::transaction_broken);
    }
    REQUIRE(code_of(std::move(txn).commit()) ==
            (is_dropped ? ErrorCode::transaction_broken : ErrorCode::invalid_argument));
    if (load) REQUIRE(load->append({}, {}).error().code() == ErrorCode::closed);
    REQUIRE(content(store.snapshot(), table).empty());
    require_sound(store.database());
  }
}

// Law: what cannot be an entry is refused, and harms nothing.
TEST_CASE("a load refuses keys that are too long and goes on") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  BulkLoad load = begin_load(txn, table);
  append(load, "a", "1");
  const std::string long_key(2000, 'k');
  REQUIRE(load.append(as_bytes(long_key), {}).error().code() == ErrorCode::key_too_long);
  append(load, "b", "2");
  load.finish().value();
  REQUIRE(load.finish().error().code() == ErrorCode::closed);
  commit(txn);
  REQUIRE(content(store.snapshot(), table) == Content{{"a", "1"}, {"b", "2"}});
}

// Law: progress is told, and ends with everything stored.
TEST_CASE("a load tells how far it is") {
  Store store;
  const NamedTable table = store.table("t");
  WriteTransaction txn = store.begin();
  std::vector<Progress> told;
  BulkOptions options;
  options.progress = [&](const Progress& progress) { told.push_back(progress); };
  BulkLoad load = txn.bulk_load(table.id, table.name, options).value();
  constexpr std::uint64_t count = 200'000;
  for (std::uint64_t number = 0; number < count; ++number)
    append(load, key_of(number * 7919 % count), "v");
  load.finish().value();
  REQUIRE(told.size() >= 2 * (count >> 16));
  for (std::size_t index = 1; index < told.size(); ++index) {
    REQUIRE(told[index].total >= told[index - 1].total);
    REQUIRE(told[index].done >= told[index - 1].done);
  }
  REQUIRE(told.back().total == count);
  REQUIRE(told.back().done == count);
}

}  // namespace
}  // namespace quire
