#include "quire/engine/space/free_extents.hpp"

#include <iterator>

namespace quire {

void FreeExtents::link(std::uint32_t first, std::uint32_t count) {
  by_position_.emplace(first, count);
  by_size_.emplace(count, first);
  page_count_ += count;
}

void FreeExtents::unlink(Position::iterator at) {
  page_count_ -= at->second;
  by_size_.erase({at->second, at->first});
  by_position_.erase(at);
}

bool FreeExtents::add(Extent extent) {
  std::uint32_t first = extent.first.value;
  std::uint32_t count = extent.count;
  const auto after = by_position_.lower_bound(first);
  if (after != by_position_.end() && after->first < extent.end().value) return false;
  if (after != by_position_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second > first) return false;
    if (before->first + before->second == first) {
      first = before->first;
      count += before->second;
      unlink(before);
    }
  }
  if (after != by_position_.end() && after->first == extent.end().value) {
    count += after->second;
    unlink(after);
  }
  link(first, count);
  return true;
}

bool FreeExtents::remove(Extent extent) {
  auto at = by_position_.upper_bound(extent.first.value);
  if (at == by_position_.begin()) return false;
  --at;
  const Extent whole{{at->first}, at->second};
  if (whole.end() < extent.end()) return false;
  unlink(at);
  if (whole.first < extent.first) link(whole.first.value, extent.first.value - whole.first.value);
  if (extent.end() < whole.end()) link(extent.end().value, whole.end().value - extent.end().value);
  return true;
}

void FreeExtents::cut(PageNo end) {
  while (!by_position_.empty()) {
    const auto last = std::prev(by_position_.end());
    const Extent extent{{last->first}, last->second};
    if (extent.end() <= end) return;
    unlink(last);
    if (extent.first < end) link(extent.first.value, end.value - extent.first.value);
  }
}

std::optional<Extent> FreeExtents::take_fitting(std::uint32_t count) {
  const auto found = by_size_.lower_bound({count, 0});
  if (found == by_size_.end()) return std::nullopt;
  const auto [size, first] = *found;
  unlink(by_position_.find(first));
  if (size > count) link(first + count, size - count);
  return Extent{{first}, count};
}

std::optional<Extent> FreeExtents::take_largest(std::uint32_t at_least) {
  if (by_size_.empty() || by_size_.rbegin()->first < at_least) return std::nullopt;
  const auto [count, first] = *by_size_.rbegin();
  unlink(by_position_.find(first));
  return Extent{{first}, count};
}

std::optional<Extent> FreeExtents::last() const {
  if (by_position_.empty()) return std::nullopt;
  const auto& [first, count] = *by_position_.rbegin();
  return Extent{{first}, count};
}

std::vector<Extent> FreeExtents::list() const {
  std::vector<Extent> extents;
  extents.reserve(by_position_.size());
  for (const auto& [first, count] : by_position_) extents.push_back({{first}, count});
  return extents;
}

}  // namespace quire
