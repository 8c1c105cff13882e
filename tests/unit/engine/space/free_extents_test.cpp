#include "quire/engine/space/free_extents.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/volume.hpp"
#include "unit/engine/space/page_set.hpp"

namespace quire::test {
namespace {

void require_same(const FreeExtents& free, const PageSet& model) {
  const std::vector<Extent> expected = extents_of(model);
  REQUIRE(free.list() == expected);
  REQUIRE(free.page_count() == model.size());
  REQUIRE(free.extent_count() == expected.size());
  REQUIRE(free.last() == (expected.empty() ? std::nullopt : std::optional(expected.back())));
}

void erase(PageSet& model, Extent extent) {
  for (const std::uint32_t page : pages_of({extent})) REQUIRE(model.erase(page) == 1);
}

/// The best fit: of the extents that are large enough the smallest, and of these the first.
void take_fitting(FreeExtents& free, PageSet& model, std::uint32_t count) {
  std::optional<Extent> best;
  for (const Extent& extent : extents_of(model))
    if (extent.count >= count && (!best || extent.count < best->count)) best = extent;
  const std::optional<Extent> taken = free.take_fitting(count);
  REQUIRE(taken.has_value() == best.has_value());
  if (!taken) return;
  REQUIRE(*taken == Extent{best->first, count});
  erase(model, *taken);
}

void take_largest(FreeExtents& free, PageSet& model, std::uint32_t at_least) {
  std::uint32_t largest = 0;
  const std::vector<Extent> all = extents_of(model);
  for (const Extent& extent : all) largest = std::max(largest, extent.count);
  const std::optional<Extent> taken = free.take_largest(at_least);
  REQUIRE(taken.has_value() == (largest >= at_least && largest > 0));
  if (!taken) return;
  REQUIRE(taken->count == largest);
  REQUIRE(std::find(all.begin(), all.end(), *taken) != all.end());
  erase(model, *taken);
}

/// Removes a page from somewhere; false when there is none.
bool remove_any(Dice& dice, std::uint32_t range, FreeExtents& free, PageSet& model) {
  const auto near = model.lower_bound(random_extent(dice, range, 1).first.value);
  const Extent page{{near == model.end() ? *model.begin() : *near}, 1};
  REQUIRE(free.remove(page));
  erase(model, page);
  return !model.empty();
}

void step(Dice& dice, std::uint32_t range, FreeExtents& free, PageSet& model) {
  const Extent extent = random_extent(dice, range, 12);
  switch (dice.below(8)) {
    case 0:
    case 1:
    case 2: {
      const bool was_free = has_any(model, extent);
      REQUIRE(free.add(extent) == !was_free);
      if (!was_free) model.merge(pages_of({extent}));
      break;
    }
    case 3:
    case 4: {
      const bool was_free = has_all(model, extent);
      REQUIRE(free.remove(extent) == was_free);
      if (was_free) erase(model, extent);
      break;
    }
    case 5: take_fitting(free, model, extent.count); break;
    case 6: take_largest(free, model, extent.count); break;
    default:
      if (!dice.one_in(range / 20)) break;
      free.cut(extent.first);
      model.erase(model.lower_bound(extent.first.value), model.end());
      break;
  }
}

// Law: free extents are a set of pages; what is asked for twice or is not there changes nothing.
TEST_CASE("free extents answer like a set of pages") {
  for (std::uint64_t seed = 0; seed < scaled(300); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    FreeExtents free;
    PageSet model;
    for (int left = 300; left > 0; --left) {
      step(dice, 160, free, model);
      require_same(free, model);
    }
  }
}

// The same where they lie in many blocks: half of the pages are free, every other one at first.
TEST_CASE("very many free extents answer like a set of pages") {
  constexpr std::uint32_t range = 4'000;
  for (std::uint64_t seed = 0; seed < scaled(10); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    FreeExtents free;
    PageSet model;
    for (std::uint32_t page = seed % 2; page < range; page += 2) {
      const Extent extent{{seed % 4 < 2 ? page : range - page}, 1};
      REQUIRE(free.add(extent));
      model.merge(pages_of({extent}));
    }
    for (int left = 4'000; left > 0; --left) {
      step(dice, range, free, model);
      if (left % 20 == 0) require_same(free, model);
    }
    while (remove_any(dice, range, free, model)) {
      if (dice.one_in(20)) require_same(free, model);
    }
    require_same(free, model);
  }
}

TEST_CASE("an extent that grew to the front has all its pages, wherever it lies") {
  FreeExtents free;
  constexpr std::uint32_t count = 1'000;
  for (std::uint32_t number = 1; number <= count; ++number) REQUIRE(free.add({{8 * number}, 1}));
  for (std::uint32_t number = 1; number <= count; ++number) {
    CAPTURE(number);
    const PageNo old_first{8 * number};
    REQUIRE(free.add({{old_first.value - 4}, 4}));
    REQUIRE(free.remove({{old_first.value - 2}, 1}));
  }
  CHECK(free.extent_count() == 2 * count);
  CHECK(free.page_count() == 4 * count);
}

}  // namespace
}  // namespace quire::test
