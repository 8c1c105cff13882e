// TreePlacer: gives the dirty pages of trees their places in the file.
//
// Children before parents and in key order, so that what a commit writes lies in few contiguous
// runs, and neighbours in the tree are neighbours in the file.
//
// Invariant: a placed page is finished but for its seal: its references are page numbers. Sealing
// reads all of it, and so does writing it: best done one soon after the other.
#pragma once

#include <cstdint>
#include <vector>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/seal.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/space/extent.hpp"
#include "quire/engine/tree/arena.hpp"

namespace quire {

struct PlacedPage {
  PageNo number;
  TableId table;
  MutableBytes bytes;
};

/// For one commit, or one early writing, of one transaction. Not thread-safe.
class TreePlacer {
 public:
  /// The runs, by position, must have room for everything that is placed.
  TreePlacer(const Arena& arena, std::uint32_t page_size, TxnId txn, FileSeed seed,
             std::vector<Extent> runs);

  /// Places every dirty page of the tree. The page number of its root.
  PageRef place(const TreeRoot& root);

  /// Numbers for pages that somebody else fills.
  [[nodiscard]] PageNo take_number();
  void add(const PlacedPage& page) { placed_.push_back(page); }

  /// Completes a placed page's header.
  void seal(const PlacedPage& page) const {
    seal_page(page.bytes, {page.number, txn_, page.table}, seed_);
  }

  /// Everything placed, by rising number.
  [[nodiscard]] const std::vector<PlacedPage>& placed() const { return placed_; }

 private:
  PageNo place(PageRef ref, TableId table);

  const Arena& arena_;
  std::uint32_t page_size_;
  TxnId txn_;
  FileSeed seed_;
  std::vector<Extent> runs_;
  std::size_t run_ = 0;
  std::uint32_t used_of_run_ = 0;
  std::vector<PlacedPage> placed_;
};

}  // namespace quire
