// TreePlacer: gives the pages of the arena their places in the file.
//
// Children before parents and in key order, so that what a commit writes lies in few contiguous
// runs, and neighbours in the tree are neighbours in the file.
//
// Invariant: a placed page is finished but for its seal: its references are page numbers. Sealing
// reads all of it, and so does writing it: best done one soon after the other. A page that readers
// may see is not touched: it retires, and a copy of it is written.
#pragma once

#include <cstdint>
#include <memory>
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
  bool is_seen = false;  ///< readers may look at these bytes: only a copy may be sealed
};

/// For one commit, or one early writing, of one transaction. Not thread-safe.
class TreePlacer {
 public:
  /// The runs, by position, must have room for everything that is placed.
  TreePlacer(Arena& arena, std::uint32_t page_size, TxnId txn, FileSeed seed,
             std::vector<Extent> runs);

  /// Places every page of the tree that is in the arena. The page number of its root.
  PageRef place(const TreeRoot& root);

  /// Numbers for pages that somebody else fills.
  [[nodiscard]] PageNo take_number();
  void add(const PlacedPage& page) { placed_.push_back(page); }

  /// Completes the header of a placed page, or of the copy that is to be written of one.
  void seal(const PlacedPage& page) const { seal(page, page.bytes); }
  void seal(const PlacedPage& page, MutableBytes bytes) const {
    seal_page(bytes, {page.number, txn_, page.table}, seed_);
  }

  /// Everything placed, by rising number.
  [[nodiscard]] const std::vector<PlacedPage>& placed() const { return placed_; }

 private:
  PageNo place(PageRef ref, TableId table);
  PageNo place_seen(PageRef ref, TxnId born, TableId table);
  void place_children(MutableBytes page, TableId table);
  [[nodiscard]] MutableBytes copy_of(MutableBytes page);

  Arena& arena_;
  std::uint32_t page_size_;
  TxnId txn_;
  FileSeed seed_;
  std::vector<Extent> runs_;
  std::size_t run_ = 0;
  std::uint32_t used_of_run_ = 0;
  std::vector<PlacedPage> placed_;
  std::vector<std::unique_ptr<std::byte[]>> copies_;  ///< of branches that readers may see
};

}  // namespace quire
