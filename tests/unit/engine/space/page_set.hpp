// PageSet: pages as a set of numbers, the plain way: what extents are compared with.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "quire/engine/space/extent.hpp"
#include "support/model_material.hpp"

namespace quire::test {

using PageSet = std::set<std::uint32_t>;

inline PageSet pages_of(const std::vector<Extent>& extents) {
  PageSet pages;
  for (const Extent& extent : extents) {
    for (PageNo page = extent.first; page < extent.end(); page = page.after(1))
      pages.insert(page.value);
  }
  return pages;
}

inline bool has_all(const PageSet& pages, Extent extent) {
  for (PageNo page = extent.first; page < extent.end(); page = page.after(1))
    if (!pages.contains(page.value)) return false;
  return true;
}

inline bool has_any(const PageSet& pages, Extent extent) {
  const auto at = pages.lower_bound(extent.first.value);
  return at != pages.end() && *at < extent.end().value;
}

/// The set as extents that are sorted, disjoint and do not touch.
inline std::vector<Extent> extents_of(const PageSet& pages) {
  std::vector<Extent> extents;
  for (const std::uint32_t page : pages) {
    if (!extents.empty() && extents.back().end().value == page)
      ++extents.back().count;
    else
      extents.push_back({{page}, 1});
  }
  return extents;
}

/// Pages within [16, 16 + range).
inline Extent random_extent(Dice& dice, std::uint32_t range, std::uint32_t most) {
  const auto count = static_cast<std::uint32_t>(1 + dice.below(most));
  return {{16 + static_cast<std::uint32_t>(dice.below(range - count + 1))}, count};
}

}  // namespace quire::test
