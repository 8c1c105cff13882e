// Alignment: what a guard shows lies where its type may be read.

#include <doctest/doctest.h>
#include <quire/quire.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "conformance/places.hpp"

namespace quire::test {
namespace {

struct alignas(32) Block {
  std::uint64_t words[8];
};

bool lies_well(const Block& block, std::uint64_t first) {
  return std::bit_cast<std::uintptr_t>(&block) % alignof(Block) == 0 && block.words[0] == first &&
         block.words[7] == first + 7;
}

Block block_of(std::uint64_t first) {
  Block block{};
  for (std::uint64_t& word : block.words) word = first++;
  return block;
}

/// Keys of all lengths put the values behind them at all addresses.
std::string odd_key(std::uint64_t number) {
  return std::string(number % 13, 'k') + std::to_string(number);
}

void check_face(const auto& face, std::uint64_t count) {
  std::vector<std::string> keys;
  for (std::uint64_t number = 0; number < count; ++number) {
    keys.push_back(odd_key(number));
    const auto guard = face.get(keys.back()).value().value();
    REQUIRE(lies_well(*guard, number));
  }
  const auto guards = face.get_many(keys).value();
  for (std::uint64_t number = 0; number < count; ++number)
    REQUIRE(lies_well(**guards[number], number));
  std::uint64_t sum = 0;
  for (const auto& [key, block] : face.range()) {
    REQUIRE(lies_well(*block, block->words[0]));
    sum += block->words[0];
  }
  for (auto [key, block] : face.reverse()) REQUIRE(lies_well(*block, block->words[0]));
  REQUIRE(sum == count * (count - 1) / 2);
}

// Law: values are aligned as their type needs it, wherever they are stored and however read.
TEST_CASE_TEMPLATE_DEFINE("values are aligned", Place, aligned) {
  constexpr std::uint64_t count = 300;
  const Place place;
  auto storage = place.open();
  auto table = table_in<std::string, Block>(storage);
  auto txn = storage.begin_write().value();
  auto editor = txn.table(table);
  for (std::uint64_t number = 0; number < count; ++number)
    editor.put(odd_key(number), block_of(number)).value();
  check_face(editor, count);
  std::move(txn).commit().value();
  check_face(table, count);
  check_face(storage.snapshot().value().table(table), count);
  CHECK(storage.tables().value().front().root.alignment() == alignof(Block));
}
TEST_CASE_TEMPLATE_APPLY(aligned, Places);

}  // namespace
}  // namespace quire::test
