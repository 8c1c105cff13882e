// Handles, snapshots, ranges and guards that several threads make from each other, pass around and
// drop in any order, while a writer churns, the file grows and shrinks, and the storage is closed.
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "support/holding.hpp"
#include "support/volume.hpp"
#include "unit/api/place.hpp"

namespace quire::test {
namespace {

/// One storage from its opening to its last guard. Returns how often something had changed.
int live_once(std::uint64_t seed, Place::Kind kind, std::size_t steps) {
  Dice dice(seed);
  Place place(kind);
  StorageBuilder builder = place.builder();
  builder.with_durability(Durability::buffered).with_poisoned_free_pages();
  if (dice.one_in(2)) builder.with_sharing(Sharing::exclusive);
  if (dice.one_in(2)) builder.with_background_sync({.interval = std::chrono::milliseconds(1)});
  if (dice.one_in(3)) builder.with_memory_budget(std::uint64_t{64} << 10);
  std::optional<Storage> storage = builder.build().value();
  std::optional<Texts> table = open_texts(*storage);
  put_texts(*table);
  Holders holders(seed, *storage, *table, steps);
  {
    const std::jthread writer([&holders, dice, storage = *storage, table = *table]() mutable {
      for (std::uint32_t round = 1; holders.are_busy() && churn(storage, table, dice, round);)
        ++round;
    });
    holders.let_go(storage, table, dice);
  }
  return holders.finish();
}

// Law: bytes under a guard, a range or a snapshot never change, whatever goes first and wherever.
TEST_CASE("what is held never changes, in whatever order and thread things are made and dropped") {
  for (const Place::Kind kind : Place::all) {
    for (std::uint64_t seed = 0; seed < scaled(kind == Place::Kind::memory ? 60 : 20); ++seed) {
      CAPTURE(seed);
      CHECK(live_once(seed, kind, 400) == 0);
    }
  }
}

}  // namespace
}  // namespace quire::test
