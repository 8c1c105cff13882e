// TreeEditor: changes one table's tree inside a write transaction.
//
// An edit finds its leaf first and may fail there; then it takes what it needs; then it applies the
// change without failing. A page of an older transaction, in the file or in the arena, or of an
// older epoch of this one is copied once and released; after that it is the transaction's own and
// edited in place. So whatever fails in the middle of an edit has changed no page that was there at
// the arena's last mark.
//
// Invariant: every page above an own page is own; no leaf of the tree is empty; every branch has
// the exact entry count of each child, but for edits of the path's leaf that are still to be added
// to the counts along the path. Whoever asks for the root finds them added.
#pragma once

#include <array>
#include <optional>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/tree/arena.hpp"
#include "quire/engine/tree/key_span.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/value.hpp"

namespace quire {

class LeafSequence;

/// What all editors of a transaction share.
struct EditContext {
  Pages pages;  ///< as the transaction sees them, dirty ones included
  Arena& arena;
  Space& space;
  TxnId txn;

  /// A table has no more use for the run of a large value, which must be readable.
  Status release_run(const layout::OverflowReference& reference, TableId table);
};

struct EditOutcome {
  bool found = false;    ///< there was an entry of that key
  bool changed = false;  ///< the tree is another now
  /// The run of a large value that the tree no longer refers to; the caller releases it.
  std::optional<layout::OverflowReference> displaced;
};

/// For the one thread of its transaction. Values are inline bytes or a reference to a written run.
class TreeEditor {
 public:
  TreeEditor(EditContext& context, const TreeRoot& root) : context_(context), root_(root) {}

  Result<EditOutcome> put(Bytes key, const LeafValue& value, PutMode mode);
  Result<EditOutcome> erase(Bytes key);

  /// The value of the entry that was put last, of this key and inline, where it lies in the page:
  /// it may be changed there until the next edit or mark.
  Result<MutableBytes> value_of_last(Bytes key);

  /// Removes the entries of the span; how many there were. Pages that lie
  /// between the two go as they are: of leaves with rows only the header is read.
  Result<std::uint64_t> erase_range(const KeySpan& span);

  /// Removes every entry and releases every page and run. Reads them all.
  Status clear();

  /// Takes over a leaf of the file behind all others: it is this transaction's and all its keys are
  /// from the separator on, which is above every key of the tree. Does not look at it.
  Status append_leaf(const Child& leaf, Bytes separator);

  [[nodiscard]] const TreeRoot& root() {
    settle_counts();
    return root_;
  }
  /// To be called before the arena is marked: the path will not be own.
  void leave_path() {
    settle_counts();
    path_state_ = PathState::unknown;
  }
  /// The tree is this one again, whatever edits since then have left.
  void go_back(const TreeRoot& root) {
    root_ = root;
    path_state_ = PathState::unknown;
    uncounted_ = 0;
  }
  /// The tree of root() was written out: its pages have numbers now.
  void set_root(PageRef page) {
    root_.page = page;
    path_state_ = PathState::unknown;
  }

 private:
  struct Step {
    PageRef ref;
    std::uint32_t child = 0;  ///< which child the path follows; of a leaf: the entry's index
    const std::byte* bytes = nullptr;
  };
  /// Whether an edit may start from the path.
  enum class PathState : std::uint8_t {
    unknown,
    own,     ///< and right
    at_end,  ///< and its leaf is the table's last
  };
  /// A page that became two: their entries, and the separator between them.
  struct Split {
    Child left;
    Child right;
    Bytes separator;
  };

  // Finding (tree_editor.cpp)
  Result<Position> find(Bytes key);
  [[nodiscard]] Position find_in_leaf(Bytes key) const;
  Status descend(Bytes key);
  template <class Choose>
  Status descend_to(Level lowest, const Choose& choose);
  [[nodiscard]] bool has_path() const { return path_state_ != PathState::unknown; }
  [[nodiscard]] bool is_on_path(const Position& position) const;
  [[nodiscard]] LeafView leaf() const { return {path_[0].bytes, context_.pages.page_size()}; }
  [[nodiscard]] BranchView branch(Level level) const {
    return {path_[level].bytes, context_.pages.page_size()};
  }
  [[nodiscard]] bool is_rightmost(Level from) const;
  [[nodiscard]] bool is_leftmost(Level from) const;

  // Pages (tree_editor.cpp)
  [[nodiscard]] PageRef new_page();
  [[nodiscard]] bool is_own(PageRef ref) const;
  [[nodiscard]] MutableBytes page(PageRef ref) const { return context_.arena.page(ref); }
  [[nodiscard]] MutableBytes page(Level level) const { return page(path_[level].ref); }
  [[nodiscard]] BranchEditor branch_editor(Level level) const { return BranchEditor(page(level)); }
  void drop_page(PageRef ref);
  void make_path_own(Level lowest = 0);
  void make_own(Level level);
  void count_later(std::int64_t change);
  void settle_counts();
  void count_entries(Level above, std::int64_t change);
  void add_to_branches(Level above, std::int64_t change);
  [[nodiscard]] PageRef sibling(Level level, std::uint32_t child) const;
  [[nodiscard]] const std::byte* look_at(Level level, std::uint32_t child) const;
  [[nodiscard]] bool fits_here(Level level, std::uint32_t child, const std::byte* bytes) const;
  [[nodiscard]] bool is_between_separators(Level level, std::uint32_t child, Bytes first,
                                           Bytes last) const;

  // Putting (tree_put.cpp)
  void plant(Bytes key, const LeafValue& value);
  Result<EditOutcome> put_at(const Position& position, Bytes key, const LeafValue& value,
                             PutMode mode);
  bool put_in_place(const Position& position, Bytes key, const LeafValue& value);
  bool put_at_end(Bytes key, const LeafValue& value);
  bool put_by_appending(const Position& position, Bytes key, const LeafValue& value);
  bool put_by_sharing(const Position& position, Bytes key, const LeafValue& value);
  bool share_between(std::uint32_t left_child, const LeafSequence& sequence, std::int64_t change);
  bool put_by_splitting(const Position& position, Bytes key, const LeafValue& value);
  void split_leaf(const LeafSequence& sequence, std::uint32_t cut, std::int64_t change);
  void raise_split(Level level, const Split& split, std::int64_t change);
  void split_branch(Level level, const Split& split, std::int64_t change);
  void grow_root(const Split& split);

  // Erasing (tree_erase.cpp)
  Level remove_leaf();
  void make_empty();
  void rebalance(Level level);
  [[nodiscard]] bool is_underfull(Level level) const;
  bool merge_with_sibling(Level level);
  bool merge_leaves(std::uint32_t left_child, PageRef target) const;
  bool merge_branches(Level level, std::uint32_t left_child, PageRef target) const;
  void shrink_root();

  // Erasing many (tree_erase_range.cpp)
  struct Cut;
  Result<std::uint64_t> erase_some(const KeySpan& span);
  Status make_edge_own(Bytes key);
  Result<Cut> cut(PageRef ref, Level level, const KeySpan& span);
  Result<Cut> cut_leaf(PageRef ref, const KeySpan& span);
  Result<Cut> cut_branch(PageRef ref, Level level, const KeySpan& span);
  void remove_children(PageRef ref, std::uint32_t first, std::uint32_t end) const;
  Status mend_edge(Bytes key);
  Status clear_below(PageRef ref, const Expected& expected);
  void prefetch_children(const BranchView& branch, std::uint32_t first) const;
  Status release_runs(const LeafView& leaf, std::uint32_t first, std::uint32_t end);

  EditContext& context_;
  TreeRoot root_;
  std::array<Step, max_level + 1> path_{};  ///< by level, from the root's down to the leaf's
  PathState path_state_ = PathState::unknown;
  std::int64_t uncounted_ = 0;  ///< entries of the path's leaf that the branches do not count yet
};

}  // namespace quire
