// FreeExtents: the pages that the next commit may write, by position and by size.
//
// Invariant: extents are disjoint, and no two of them touch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "quire/engine/space/extent.hpp"

namespace quire {

class FreeExtents {
 public:
  /// Adds pages; false, with nothing changed, when some of them are free already.
  [[nodiscard]] bool add(Extent extent);
  /// Removes pages; false, with nothing changed, when some of them are not free.
  [[nodiscard]] bool remove(Extent extent);
  /// Forgets every page at or beyond this one.
  void cut(PageNo end);

  /// The smallest extent of at least this many pages: its first `count` pages are taken.
  std::optional<Extent> take_fitting(std::uint32_t count);
  /// The largest extent, whole, if it has at least this many pages.
  std::optional<Extent> take_largest(std::uint32_t at_least);

  /// The one nearest to the end of the file.
  [[nodiscard]] std::optional<Extent> last() const;

  [[nodiscard]] std::uint64_t page_count() const { return page_count_; }
  [[nodiscard]] std::size_t extent_count() const { return by_position_.size(); }
  [[nodiscard]] std::vector<Extent> list() const;

 private:
  using Position = std::map<std::uint32_t, std::uint32_t>;  ///< first page -> count
  void link(std::uint32_t first, std::uint32_t count);
  void unlink(Position::iterator at);

  Position by_position_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> by_size_;  ///< (count, first page)
  std::uint64_t page_count_ = 0;
};

}  // namespace quire
