// Extents: consecutive pages, alive or dead.
#pragma once

#include <cstdint>
#include <vector>

#include "quire/engine/base/ids.hpp"

namespace quire {

struct Extent {
  PageNo first;
  std::uint32_t count = 0;

  [[nodiscard]] PageNo end() const { return first.after(count); }
  auto operator<=>(const Extent&) const = default;
};

constexpr Extent extent_between(PageNo begin, PageNo end) {
  return {begin, end.value - begin.value};
}

/// Pages that no tree has any more: born in one transaction, dead since another.
struct DeadExtent {
  Extent extent;
  TxnId born;
  TxnId died;
  auto operator<=>(const DeadExtent&) const = default;
};

/// Sorts by position and joins neighbours.
void normalize(std::vector<Extent>& extents);
/// The same; joins only what was born and died together.
void normalize(std::vector<DeadExtent>& extents);

std::uint64_t page_total(const std::vector<Extent>& extents);

}  // namespace quire
