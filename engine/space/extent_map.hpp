// ExtentMap: disjoint extents by position.
//
// They lie in blocks of neighbours, as in a B+tree of two levels: a look-up searches one array for
// the block and the block for the extent, where a tree of nodes would miss the cache at most steps.
//
// Invariant: no block is empty, and firsts_ has the first page of each. Only insertions take
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quire/engine/space/extent.hpp"

namespace quire {

class ExtentMap {
 public:
  /// Where an extent is, or would be; until the next insertion or erasure.
  struct Place {
    std::size_t block = 0;
    std::size_t index = 0;
  };

  /// The first extent that begins at this page or behind it; nothing when none does.
  [[nodiscard]] std::optional<Place> at_or_after(PageNo page) const;
  /// The last extent that begins before this page; nothing when none does.
  [[nodiscard]] std::optional<Place> before(PageNo page) const;
  /// The extent that begins at this page.
  [[nodiscard]] std::optional<Place> find(PageNo page) const;
  [[nodiscard]] std::optional<Place> last() const;

  [[nodiscard]] const Extent& operator[](Place at) const { return blocks_[at.block][at.index]; }
  /// Changes an extent where it is; its order among the others stays.
  void set(Place at, Extent extent);
  void insert(Extent extent);
  void erase(Place at);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<Extent> list() const;

 private:
  using Block = std::vector<Extent>;
  [[nodiscard]] std::size_t block_of(PageNo page) const;
  void add_block(std::size_t block, std::span<const Extent> extents);
  void split(std::size_t block);
  void drop(std::size_t block);
  void join_with_next(std::size_t block);

  std::vector<Block> blocks_;
  std::vector<PageNo> firsts_;
  std::size_t size_ = 0;
};

}  // namespace quire
