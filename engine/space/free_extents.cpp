#include "quire/engine/space/free_extents.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace quire {
namespace {

constexpr std::size_t least_offered = 1'000;

}  // namespace

// ---- By size

/// Before it is there: what fails then has changed nothing but what comes up in vain.
void FreeExtents::offer(Extent extent) {
  if (offered_ > std::max(3 * by_position_.size(), least_offered)) offer_all_anew();
  Firsts& firsts = by_size_[extent.count];
  firsts.push_back(extent.first);
  std::push_heap(firsts.begin(), firsts.end(), std::greater<>());
  ++offered_;
}

void FreeExtents::offer_all_anew() {
  by_size_.clear();
  for (const Extent& extent : by_position_.list()) by_size_[extent.count].push_back(extent.first);
  offered_ = by_position_.size();  // in order, and so heaps
}

/// The first extent of that size; what is none any more goes.
std::optional<ExtentMap::Place> FreeExtents::first_of(Sizes::iterator size) {
  Firsts& firsts = size->second;
  while (!firsts.empty()) {
    const std::optional<ExtentMap::Place> at = by_position_.find(firsts.front());
    if (at && by_position_[*at].count == size->first) return at;
    std::pop_heap(firsts.begin(), firsts.end(), std::greater<>());
    firsts.pop_back();
    --offered_;
  }
  return {};
}

// ---- By position

bool FreeExtents::add(Extent extent) {
  const std::optional<ExtentMap::Place> after = by_position_.at_or_after(extent.first);
  if (after && by_position_[*after].first < extent.end()) return false;
  const std::optional<ExtentMap::Place> before = by_position_.before(extent.first);
  if (before && by_position_[*before].end() > extent.first) return false;
  const bool joins_before = before && by_position_[*before].end() == extent.first;
  const bool joins_after = after && by_position_[*after].first == extent.end();
  const PageNo first = joins_before ? by_position_[*before].first : extent.first;
  const PageNo end = joins_after ? by_position_[*after].end() : extent.end();
  const Extent whole = extent_between(first, end);
  offer(whole);
  if (joins_before) by_position_.set(*before, whole);
  if (joins_before && joins_after) by_position_.erase(*after);
  if (!joins_before && joins_after) by_position_.set(*after, whole);
  if (!joins_before && !joins_after) by_position_.insert(whole);
  page_count_ += extent.count;
  return true;
}

bool FreeExtents::remove(Extent extent) {
  const std::optional<ExtentMap::Place> at = by_position_.before(extent.first.after(1));
  if (!at) return false;
  const Extent whole = by_position_[*at];
  if (whole.end() < extent.end()) return false;
  if (whole.first == extent.first) {
    take(*at, extent.count);
    return true;
  }
  shorten(*at, extent_between(whole.first, extent.first));
  page_count_ -= whole.end().value - extent.first.value;
  return extent.end() == whole.end() || add(extent_between(extent.end(), whole.end()));
}

void FreeExtents::cut(PageNo end) {
  for (auto last = by_position_.last(); last; last = by_position_.last()) {
    const Extent extent = by_position_[*last];
    if (extent.end() <= end) return;
    page_count_ -= std::min(extent.count, extent.end().value - end.value);
    if (extent.first < end)
      shorten(*last, extent_between(extent.first, end));
    else
      by_position_.erase(*last);
  }
}

void FreeExtents::shorten(ExtentMap::Place at, Extent left) {
  offer(left);
  by_position_.set(at, left);
}

/// The first pages of an extent.
Extent FreeExtents::take(ExtentMap::Place at, std::uint32_t count) {
  const Extent whole = by_position_[at];
  const Extent taken{whole.first, count};
  if (count == whole.count)
    by_position_.erase(at);
  else
    shorten(at, extent_between(taken.end(), whole.end()));
  page_count_ -= count;
  return taken;
}

std::optional<Extent> FreeExtents::take_fitting(std::uint32_t count) {
  for (auto size = by_size_.lower_bound(count); size != by_size_.end();) {
    if (const std::optional<ExtentMap::Place> at = first_of(size)) return take(*at, count);
    size = by_size_.erase(size);
  }
  return {};
}

std::optional<Extent> FreeExtents::take_largest(std::uint32_t at_least) {
  while (!by_size_.empty()) {
    const auto size = std::prev(by_size_.end());
    if (size->first < at_least) return {};
    if (const std::optional<ExtentMap::Place> at = first_of(size)) return take(*at, size->first);
    by_size_.erase(size);
  }
  return {};
}

std::optional<Extent> FreeExtents::last() const {
  const std::optional<ExtentMap::Place> last = by_position_.last();
  return last ? std::optional(by_position_[*last]) : std::nullopt;
}

}  // namespace quire
