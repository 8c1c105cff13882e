// Entries come out of the sorter in the order of a sorted map, whatever went in and wherever it
// waited.
#include "quire/engine/txn/entry_sorter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "quire/engine/file/memory_file.hpp"
#include "support/model_material.hpp"
#include "support/volume.hpp"

namespace quire::test {
namespace {

constexpr std::uint64_t least_memory = 1 << 20;  // the sorter takes no less

struct Added {
  std::size_t number;
  std::string key;
  std::string value;
  bool is_large;
};

bool is_before(const Added& left, const Added& right) {
  const auto keys = compare(as_bytes(left.key), as_bytes(right.key));
  return keys != 0 ? keys < 0 : left.number < right.number;
}

/// Adds random entries until there are so many bytes of them.
std::vector<Added> add_some(EntrySorter& sorter, Dice& dice, KeyShape shape, std::uint64_t size) {
  KeySource keys(dice, shape, 1024);
  std::vector<Added> all;
  for (std::uint64_t used = 0; used < size;) {
    const bool is_known = !all.empty() && dice.one_in(5);
    Added entry{all.size(), is_known ? all[dice.below(all.size())].key : keys.next(),
                dice.bytes(dice.below(100)), dice.one_in(10)};
    sorter.add(as_bytes(entry.key), {as_bytes(entry.value), entry.is_large}).value();
    used += entry.key.size() + entry.value.size() + 24;
    all.push_back(std::move(entry));
  }
  return all;
}

void require_read(EntrySorter& sorter, std::vector<Added> expected) {
  REQUIRE(sorter.count() == expected.size());
  std::ranges::sort(expected, is_before);
  sorter.begin_reading().value();
  for (const Added& entry : expected) {
    const WaitingEntry* const next = sorter.next();
    REQUIRE(next != nullptr);
    REQUIRE(as_text(next->key) == entry.key);
    REQUIRE(as_text(next->value.bytes) == entry.value);
    REQUIRE(next->value.is_overflow == entry.is_large);
  }
  REQUIRE(sorter.next() == nullptr);
}

// Law: the entries come in key order, those of equal keys in the order in which they were added.
TEST_CASE("a sorter gives what it got, in order, from memory and from its file") {
  for (const KeyShape shape : key_shapes) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, least_memory / 2,
                                     scaled(5) * least_memory + least_memory / 3}) {
      CAPTURE(static_cast<int>(shape));
      CAPTURE(size);
      Dice dice(size + static_cast<std::uint64_t>(shape));
      MemoryFileSystem files;
      EntrySorter sorter(files, "database", least_memory);
      for (int round = 0; round < 2; ++round) {
        require_read(sorter, add_some(sorter, dice, shape, size));
        sorter.clear();
      }
    }
  }
}

// Law: it says whether what is in memory came in order.
TEST_CASE("a sorter tells whether its entries rise") {
  MemoryFileSystem files;
  EntrySorter sorter(files, "database", least_memory);
  REQUIRE(sorter.is_in_order());
  for (const char* key : {"a", "b", "b\x01", "c"}) {
    sorter.add(as_bytes(std::string_view(key)), {}).value();
    REQUIRE(sorter.is_in_order());
    REQUIRE(as_text(sorter.last_key()) == key);
  }
  sorter.add(as_bytes(std::string_view("c")), {}).value();
  REQUIRE_FALSE(sorter.is_in_order());
}

}  // namespace
}  // namespace quire::test
