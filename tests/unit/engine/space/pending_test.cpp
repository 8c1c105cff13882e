#include "quire/engine/space/pending.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "support/volume.hpp"
#include "unit/engine/space/page_set.hpp"

namespace quire::test {
namespace {

using Pins = std::set<TxnId>;

/// The rule itself.
bool is_kept(const DeadExtent& dead, const Pins& pins) {
  return std::any_of(pins.begin(), pins.end(),
                     [&](TxnId pin) { return dead.born <= pin && pin < dead.died; });
}

std::vector<Extent> reclaim(Pending& pending, const Pins& pins) {
  const std::vector<TxnId> sorted(pins.begin(), pins.end());
  std::vector<Extent> free;
  pending.reclaim(sorted, free);
  return free;
}

/// What the rule frees of the model, which keeps the rest.
PageSet freed(std::vector<DeadExtent>& model, const Pins& pins) {
  PageSet free;
  std::erase_if(model, [&](const DeadExtent& dead) {
    if (is_kept(dead, pins)) return false;
    free.merge(pages_of({dead.extent}));
    return true;
  });
  return free;
}

// Law: a page (born b, died d) is kept while some pin p has b <= p < d, and no longer.
TEST_CASE("every life and every set of pins of five transactions follow the interval rule") {
  constexpr std::uint64_t txns = 6;
  for (std::uint64_t born = 1; born < txns; ++born) {
    for (std::uint64_t died = born + 1; died <= txns; ++died) {
      for (std::uint64_t subset = 0; subset < 1U << txns; ++subset) {
        Pins pins;
        for (std::uint64_t txn = 1; txn <= txns; ++txn)
          if ((subset >> (txn - 1) & 1) != 0) pins.insert({txn});
        const DeadExtent dead{{{20}, 3}, {born}, {died}};
        Pending pending;
        pending.add(dead);
        REQUIRE(pending.page_count() == 3);
        REQUIRE(reclaim(pending, pins).empty() == is_kept(dead, pins));
        REQUIRE(pending.page_count() == (is_kept(dead, pins) ? 3 : 0));
        REQUIRE(reclaim(pending, {}).empty() != is_kept(dead, pins));
      }
    }
  }
}

/// Pins come at the newest transaction and go in any order, as readers do.
void move_pins(Dice& dice, Pins& pins, TxnId newest) {
  if (dice.one_in(2)) pins.insert(newest);
  while (!pins.empty() && dice.one_in(3))
    pins.erase(std::next(pins.begin(), static_cast<std::ptrdiff_t>(dice.below(pins.size()))));
}

// Law: however pins come and go, what is reclaimed is exactly what the rule frees, at once.
TEST_CASE("while pins come and go exactly what no pin keeps is reclaimed") {
  for (std::uint64_t seed = 0; seed < scaled(300); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Pending pending;
    std::vector<DeadExtent> model;
    Pins pins;
    std::uint32_t next_page = 16;
    for (TxnId txn{1}; txn.value < 120; txn = txn.next()) {
      for (std::uint64_t left = dice.below(6); left > 0; --left) {
        const Extent extent{{next_page}, static_cast<std::uint32_t>(1 + dice.below(4))};
        next_page = extent.end().value + static_cast<std::uint32_t>(dice.below(2));
        const DeadExtent dead{extent, {1 + dice.below(txn.value)}, txn.next()};
        pending.add(dead);
        model.push_back(dead);
      }
      move_pins(dice, pins, txn);
      const PageSet expected = freed(model, pins);
      REQUIRE(reclaim(pending, pins) == extents_of(expected));
      std::sort(model.begin(), model.end());
      REQUIRE(pending.list() == model);
      REQUIRE(pending.extent_count() == model.size());
      std::uint64_t pages = 0;
      for (const DeadExtent& dead : model) pages += dead.extent.count;
      REQUIRE(pending.page_count() == pages);
    }
  }
}

}  // namespace
}  // namespace quire::test
