#include "quire/engine/space/extent_map.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/base/make_room.hpp"

namespace quire {
namespace {

constexpr std::size_t most_in_block = 128;  ///< a KiB

bool begins_before(const Extent& extent, PageNo page) { return extent.first < page; }

template <class T>
auto nth(std::vector<T>& all, std::size_t index) {
  return all.begin() + static_cast<std::ptrdiff_t>(index);
}

}  // namespace

/// The block that has the page, if any has: the last that does not begin behind it.
std::size_t ExtentMap::block_of(PageNo page) const {
  const auto behind = std::upper_bound(firsts_.begin(), firsts_.end(), page);
  return behind == firsts_.begin() ? 0 : static_cast<std::size_t>(behind - firsts_.begin()) - 1;
}

std::optional<ExtentMap::Place> ExtentMap::at_or_after(PageNo page) const {
  if (blocks_.empty()) return {};
  const std::size_t number = block_of(page);
  const Block& block = blocks_[number];
  const auto at = std::lower_bound(block.begin(), block.end(), page, begins_before);
  if (at != block.end()) return Place{number, static_cast<std::size_t>(at - block.begin())};
  if (number + 1 == blocks_.size()) return {};
  return Place{number + 1, 0};
}

std::optional<ExtentMap::Place> ExtentMap::before(PageNo page) const {
  if (blocks_.empty()) return {};
  const std::size_t number = block_of(page);
  const Block& block = blocks_[number];
  const auto at = std::lower_bound(block.begin(), block.end(), page, begins_before);
  if (at != block.begin()) return Place{number, static_cast<std::size_t>(at - block.begin()) - 1};
  if (number == 0) return {};
  return Place{number - 1, blocks_[number - 1].size() - 1};
}

std::optional<ExtentMap::Place> ExtentMap::find(PageNo page) const {
  const std::optional<Place> at = at_or_after(page);
  return at && (*this)[*at].first == page ? at : std::nullopt;
}

std::optional<ExtentMap::Place> ExtentMap::last() const {
  if (blocks_.empty()) return {};
  return Place{blocks_.size() - 1, blocks_.back().size() - 1};
}

void ExtentMap::set(Place at, Extent extent) {
  blocks_[at.block][at.index] = extent;
  if (at.index == 0) firsts_[at.block] = extent.first;
}

void ExtentMap::insert(Extent extent) {
  if (blocks_.empty()) {
    add_block(0, {&extent, 1});
    ++size_;
    return;
  }
  std::size_t number = block_of(extent.first);
  if (blocks_[number].size() == most_in_block) {
    split(number);
    number = block_of(extent.first);
  }
  Block& block = blocks_[number];
  make_room(block, 1);
  block.insert(std::lower_bound(block.begin(), block.end(), extent.first, begins_before), extent);
  firsts_[number] = block.front().first;
  ++size_;
}

void ExtentMap::split(std::size_t block) {
  const std::span<const Extent> whole = blocks_[block];
  add_block(block + 1, whole.subspan(most_in_block / 2));
  blocks_[block].resize(most_in_block / 2);
}

/// With room for as many again: the block of a map that stays small is small.
void ExtentMap::add_block(std::size_t block, std::span<const Extent> extents) {
  Block added;
  added.reserve(2 * extents.size());
  added.assign(extents.begin(), extents.end());
  make_room(firsts_, 1);
  blocks_.insert(nth(blocks_, block), std::move(added));
  firsts_.insert(nth(firsts_, block), extents.front().first);
}

void ExtentMap::erase(Place at) {
  Block& block = blocks_[at.block];
  block.erase(nth(block, at.index));
  --size_;
  if (block.empty()) {
    drop(at.block);
    return;
  }
  firsts_[at.block] = block.front().first;
  if (at.block + 1 != blocks_.size()) join_with_next(at.block);
}

void ExtentMap::drop(std::size_t block) {
  blocks_.erase(nth(blocks_, block));
  firsts_.erase(nth(firsts_, block));
}

/// Two that are a quarter full together become one, where the first has room for that.
void ExtentMap::join_with_next(std::size_t block) {
  Block& first = blocks_[block];
  const Block& next = blocks_[block + 1];
  const std::size_t size = first.size() + next.size();
  if (size > most_in_block / 4 || size > first.capacity()) return;
  first.insert(first.end(), next.begin(), next.end());
  drop(block + 1);
}

std::vector<Extent> ExtentMap::list() const {
  std::vector<Extent> all;
  all.reserve(size_);
  for (const Block& block : blocks_) all.insert(all.end(), block.begin(), block.end());
  return all;
}

}  // namespace quire
