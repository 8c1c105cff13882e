#include "quire/engine/space/extent.hpp"

#include <algorithm>

namespace quire {
namespace {

Extent& extent_of(Extent& extent) { return extent; }
Extent& extent_of(DeadExtent& dead) { return dead.extent; }

bool are_alike(const Extent&, const Extent&) { return true; }
bool are_alike(const DeadExtent& left, const DeadExtent& right) {
  return left.born == right.born && left.died == right.died;
}

template <class T>
void sort_and_join(std::vector<T>& extents) {
  if (extents.empty()) return;
  if (!std::is_sorted(extents.begin(), extents.end())) std::sort(extents.begin(), extents.end());
  auto last = extents.begin();
  for (auto next = last + 1; next != extents.end(); ++next) {
    if (extent_of(*last).end() == extent_of(*next).first && are_alike(*last, *next))
      extent_of(*last).count += extent_of(*next).count;
    else
      *++last = *next;
  }
  extents.erase(last + 1, extents.end());
}

}  // namespace

void normalize(std::vector<Extent>& extents) { sort_and_join(extents); }
void normalize(std::vector<DeadExtent>& extents) { sort_and_join(extents); }

std::uint64_t page_total(const std::vector<Extent>& extents) {
  std::uint64_t total = 0;
  for (const Extent& extent : extents) total += extent.count;
  return total;
}

}  // namespace quire
