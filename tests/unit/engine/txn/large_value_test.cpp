// Large values: written to runs of their own before the commit, and read back at once.
#include <doctest/doctest.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "quire/engine/page/overflow.hpp"
#include "support/volume.hpp"
#include "unit/engine/txn/store.hpp"

namespace quire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the words of the tests

/// Bytes that tell their value from every other and each place in it from the next.
std::string large_value(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  std::string value(size, '\0');
  for (std::size_t at = 0; at < size; at += 97) value[at] = static_cast<char>(random());
  return value;
}

/// Sizes where something changes: inline or not, pages of a run, gathered or written through.
const std::vector<std::size_t>& edge_sizes() {
  constexpr std::size_t page = layout::default_page_size;
  constexpr std::size_t gathered = 256 << 10;
  static const std::vector<std::size_t> sizes = {page / 4 - 13,
                                                 page / 4 - 12,  // keys have 12 bytes
                                                 page / 4 - 11,
                                                 page - overflow_header_size - 1,
                                                 page - overflow_header_size,
                                                 page - overflow_header_size + 1,
                                                 7 * page,
                                                 gathered - overflow_header_size,
                                                 gathered - overflow_header_size + 1,
                                                 3 << 20};
  return sizes;
}

TEST_CASE("a large value is read back in its transaction, after it and after reopening") {
  Store store;
  const NamedTable table = store.table("t");
  Content model;
  WriteTransaction txn = store.begin();
  for (std::uint32_t index = 0; index < edge_sizes().size(); ++index) {
    const std::string value = large_value(index, edge_sizes()[index]);
    model[key_of(index)] = value;
    put(txn, table, key_of(index), value);
    CAPTURE(index);
    CHECK((get(txn, table, key_of(index)) == value));
  }
  for (const auto& [key, value] : model) CHECK((get(txn, table, key) == value));
  commit(txn);
  CHECK((content(store.snapshot(), table) == model));
  require_sound(store.database());
  store.reopen();
  CHECK((content(store.snapshot(), table) == model));
  require_sound(store.database());
}

TEST_CASE("a large value is aligned as its table asks") {
  for (std::uint32_t alignment = 1; alignment <= layout::max_value_alignment; alignment *= 2) {
    Store store;
    const NamedTable table = store.table("t", aligned_to(alignment));
    WriteTransaction txn = store.begin();
    for (std::uint32_t index = 0; index < edge_sizes().size(); ++index)
      put(txn, table, key_of(index), large_value(index, edge_sizes()[index]));
    commit(txn);
    const Snapshot snapshot = store.snapshot();
    const TreeRoot root = root_of(snapshot, table);
    CHECK(root.alignment() == alignment);
    Cursor cursor = snapshot.cursor(root);
    for (bool at = cursor.seek_first().value(); at; at = cursor.next().value()) {
      const auto address = std::bit_cast<std::uintptr_t>(cursor.value().value().data());
      CHECK(address % alignment == 0);
    }
  }
}

// Law: small and large values take each other's place, any number of times in one transaction, and
// nothing of those that went is left: the check accounts for every page.
TEST_CASE("values of all sizes replace each other") {
  for (std::uint32_t seed = 0; seed < scaled(10); ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Store store;
    const NamedTable table = store.table("t");
    Content model;
    for (int round = 0; round < 4; ++round) {
      WriteTransaction txn = store.begin();
      for (int step = 0; step < 60; ++step) {
        const std::string key = key_of(random() % 20);
        if (random() % 4 == 0) {
          REQUIRE(erase(txn, table, key) == (model.erase(key) == 1));
          continue;
        }
        const auto value_seed = static_cast<std::uint32_t>(random());
        const std::string value = large_value(value_seed, std::size_t{1} << random() % 19);
        put(txn, table, key, value);
        model[key] = value;
        const std::string other = key_of(random() % 20);
        const auto expected = model.find(other);
        const auto found = get(txn, table, other);
        REQUIRE((found ? expected != model.end() && *found == expected->second
                       : expected == model.end()));
      }
      commit(txn);
      REQUIRE((content(store.snapshot(), table) == model));
      require_sound(store.database());
    }
  }
}

TEST_CASE("many large values side by side go out in few calls") {
  Store store;
  const NamedTable table = store.table("t");
  const std::uint64_t before = store.statistics().write_calls;
  WriteTransaction txn = store.begin();
  constexpr std::uint64_t count = 400;
  for (std::uint64_t number = 0; number < count; ++number)
    put(txn, table, key_of(number), std::string(3000, 'v'));
  commit(txn);
  // Gathered to a MiB at a time; the rest are the commit's own run and its meta slot.
  const std::uint64_t gathered = (count * layout::default_page_size >> 20) + 1;
  CHECK(store.statistics().write_calls - before <= gathered + 2);
  require_sound(store.database());
}

// Law: with 64 MiB written, whatever it is and whenever in the transaction, a commit is durable
// before a slot names it, so that a recovery does not read it all.
TEST_CASE("a commit of much more than a recovery should read syncs twice") {
  for (const std::uint64_t megabytes : {8U, 72U}) {
    Store store;
    const NamedTable table = store.table("t");
    WriteTransaction txn = store.begin();
    for (std::uint64_t number = 0; number < megabytes; ++number)
      put(txn, table, key_of(number), std::string(std::size_t{1} << 20, 'v'));
    const std::uint64_t before = store.statistics().syncs;
    commit(txn, Durability::full);
    CHECK(store.statistics().syncs - before == (megabytes > 64 ? 2 : 1));
  }
}

}  // namespace
}  // namespace quire
