#include "quire/engine/space/extent.hpp"

#include <doctest/doctest.h>

#include <map>
#include <utility>

#include "support/volume.hpp"
#include "unit/engine/space/page_set.hpp"

namespace quire::test {
namespace {

// Law: sorting and joining changes no page, and leaves as few extents as there can be.
TEST_CASE("normalized extents have the same pages in the fewest extents") {
  for (std::uint64_t seed = 0; seed < scaled(2000); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    PageSet pages;
    std::vector<Extent> extents;
    for (std::uint64_t left = dice.below(40); left > 0; --left) {
      const Extent extent = random_extent(dice, 200, 6);
      if (has_any(pages, extent)) continue;
      extents.push_back(extent);
      for (const std::uint32_t page : pages_of({extent})) pages.insert(page);
    }
    normalize(extents);
    REQUIRE(extents == extents_of(pages));
    REQUIRE(page_total(extents) == pages.size());
  }
}

TEST_CASE("dead extents are joined only when they were born and died together") {
  for (std::uint64_t seed = 0; seed < scaled(2000); ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    std::map<std::pair<TxnId, TxnId>, PageSet> pages;
    std::vector<DeadExtent> dead;
    std::uint32_t next = 16;
    for (std::uint64_t left = dice.below(40); left > 0; --left) {
      const TxnId born{1 + dice.below(2)};
      const TxnId died{3 + dice.below(2)};
      const Extent extent{{next}, static_cast<std::uint32_t>(1 + dice.below(3))};
      next = extent.end().value + static_cast<std::uint32_t>(dice.below(2));
      pages[{born, died}].merge(pages_of({extent}));
      dead.insert(dead.begin() + static_cast<std::ptrdiff_t>(dice.below(dead.size() + 1)),
                  {extent, born, died});
    }
    normalize(dead);
    std::vector<DeadExtent> expected;
    for (const auto& [lives, set] : pages)
      for (const Extent& extent : extents_of(set))
        expected.push_back({extent, lives.first, lives.second});
    std::sort(expected.begin(), expected.end());
    REQUIRE(dead == expected);
  }
}

}  // namespace
}  // namespace quire::test
