// FreeExtents: the pages that the next commit may write, by position and by size.
//
// Invariant: extents are disjoint, and no two of them touch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "quire/engine/space/extent.hpp"
#include "quire/engine/space/extent_map.hpp"

namespace quire {

class FreeExtents {
 public:
  /// Adds pages; false, with nothing changed, when some of them are free already.
  [[nodiscard]] bool add(Extent extent);
  /// Removes pages; false, with nothing changed, when some of them are not free.
  [[nodiscard]] bool remove(Extent extent);
  /// Forgets every page at or beyond this one.
  void cut(PageNo end);

  /// The smallest extent of at least this many pages, of these the first in the file: its first
  /// `count` pages are taken.
  std::optional<Extent> take_fitting(std::uint32_t count);
  /// The largest extent, whole, if it has at least this many pages.
  std::optional<Extent> take_largest(std::uint32_t at_least);

  /// The one nearest to the end of the file.
  [[nodiscard]] std::optional<Extent> last() const;

  [[nodiscard]] std::uint64_t page_count() const { return page_count_; }
  [[nodiscard]] std::size_t extent_count() const { return by_position_.size(); }
  [[nodiscard]] std::vector<Extent> list() const { return by_position_.list(); }

 private:
  /// First pages, a heap with the smallest in front.
  using Firsts = std::vector<PageNo>;
  using Sizes = std::map<std::uint32_t, Firsts>;

  void offer(Extent extent);
  void offer_all_anew();
  [[nodiscard]] std::optional<ExtentMap::Place> first_of(Sizes::iterator size);
  void shorten(ExtentMap::Place at, Extent left);
  Extent take(ExtentMap::Place at, std::uint32_t count);

  ExtentMap by_position_;
  /// Every extent is here under its count; so are many that are not so any more, which are left
  /// out when they come up, or all at once when they outnumber the others.
  Sizes by_size_;
  std::size_t offered_ = 0;
  std::uint64_t page_count_ = 0;
};

}  // namespace quire
