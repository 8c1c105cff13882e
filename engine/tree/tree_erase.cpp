// TreeEditor's half that makes trees shrink: erase, merge, collapse of the root.

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/branch_sequence.hpp"
#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/page/leaf_sequence.hpp"
#include "quire/engine/tree/tree_editor.hpp"

namespace quire {
namespace {

/// A page that uses less than this part of itself looks for a sibling to merge with...
constexpr std::uint32_t underfull_divisor = 4;

/// ...and merges when both together leave at least this part free, so that the next insert does not
/// split it again.
constexpr std::uint32_t merged_free_divisor = 8;

bool leaves_room(std::uint32_t size, std::uint32_t page_size) {
  return size <= page_size - page_size / merged_free_divisor;
}

}  // namespace

Result<EditOutcome> TreeEditor::erase(Bytes key) {
  EditOutcome outcome;
  if (root_.page.is_none()) return outcome;
  const Result<Position> position = find(key);
  if (!position) return fail(position);
  if (!position->found) return outcome;

  outcome.found = outcome.changed = true;
  const LeafValue value = leaf().value(position->index);
  if (value.is_overflow)
    outcome.displaced = *overlay<layout::OverflowReference>(value.bytes.data());
  context_.arena.reserve(2 * (root_.level + 3U));
  make_path_own();
  LeafEditor editor(page(Level{0}));
  editor.erase(position->index);
  count_later(-1);
  path_state_ = is_underfull(0) ? PathState::unknown : PathState::own;
  if (has_path()) return outcome;
  settle_counts();
  rebalance(leaf().count() == 0 ? remove_leaf() : 0);
  return outcome;
}

bool TreeEditor::is_underfull(Level level) const {
  // However long a prefix it still has, a page without keys is of no use.
  const std::uint32_t limit = context_.pages.page_size() / underfull_divisor;
  if (level == 0) return leaf().count() == 0 || leaf().used_size() < limit;
  return branch(level).count() == 0 || branch(level).used_size() < limit;
}

/// Takes the empty leaf out of the tree, and every branch that has no other child. The level of the
/// branch that lost a child; the tree may be empty afterwards.
Level TreeEditor::remove_leaf() {
  drop_page(path_[0].ref);
  Level level = 1;
  for (; level <= root_.level && branch(level).count() == 0; ++level) drop_page(path_[level].ref);
  if (level > root_.level) {
    make_empty();
    return 0;
  }
  branch_editor(level).erase_child(path_[level].child);
  return level;
}

void TreeEditor::make_empty() {
  root_ = TreeRoot{.page = {}, .table = root_.table, .alignment_log2 = root_.alignment_log2};
}

/// From a page that became smaller upwards: merges what is under-full.
void TreeEditor::rebalance(Level level) {
  if (root_.page.is_none()) return;
  while (level < root_.level && is_underfull(level) && merge_with_sibling(level)) ++level;
  shrink_root();
}

/// True when the page and a neighbour became one, so that the branch above has a child less.
bool TreeEditor::merge_with_sibling(Level level) {
  const auto above = static_cast<Level>(level + 1);
  const std::uint32_t child = path_[above].child;
  const PageRef target = new_page();
  for (const std::uint32_t left_child : {child - 1, child}) {
    // With child 0 the first of these is no index at all, and too large for one.
    if (left_child >= branch(above).count()) continue;
    const PageRef left = sibling(level, left_child);
    const PageRef right = sibling(level, left_child + 1);
    const bool merged =
        level == 0 ? merge_leaves(left_child, target) : merge_branches(level, left_child, target);
    if (!merged) continue;
    BranchEditor parent = branch_editor(above);
    parent.set_child(left_child, target);
    parent.set_entries(left_child,
                       branch(above).entries(left_child) + branch(above).entries(left_child + 1));
    parent.erase_child(left_child + 1);
    drop_page(left);
    drop_page(right);
    return true;
  }
  drop_page(target);
  return false;
}

bool TreeEditor::merge_leaves(std::uint32_t left_child, PageRef target) const {
  const std::byte* left_bytes = look_at(0, left_child);
  const std::byte* right_bytes = look_at(0, left_child + 1);
  // A sibling that cannot be read stays as it is: whoever needs it will hear what is wrong.
  if (left_bytes == nullptr || right_bytes == nullptr) return false;
  const std::uint32_t page_size = context_.pages.page_size();
  const LeafSequence both(LeafView(left_bytes, page_size), LeafView(right_bytes, page_size));
  if (!both.fits(0, both.count()) || !leaves_room(both.size_of(0, both.count()), page_size))
    return false;
  both.build(0, both.count(), page(target));
  return true;
}

bool TreeEditor::merge_branches(Level level, std::uint32_t left_child, PageRef target) const {
  const std::byte* left_bytes = look_at(level, left_child);
  const std::byte* right_bytes = look_at(level, left_child + 1);
  if (left_bytes == nullptr || right_bytes == nullptr) return false;
  const std::uint32_t page_size = context_.pages.page_size();
  KeyBuffer buffer;
  const Bytes between = branch(static_cast<Level>(level + 1)).separator(left_child, buffer);
  const BranchSequence both(BranchView(left_bytes, page_size), between,
                            BranchView(right_bytes, page_size));
  if (!both.fits(0, both.count()) || !leaves_room(both.size_of(0, both.count()), page_size))
    return false;
  both.build(0, both.count(), page(target), level);
  return true;
}

/// A root with one child gives its place to the child.
void TreeEditor::shrink_root() {
  while (root_.level > 0) {
    const BranchView root(context_.arena.bytes(root_.page), context_.pages.page_size());
    if (root.count() > 0) return;
    const PageRef child = root.child(0);
    drop_page(root_.page);
    root_.page = child;
    --root_.level;
    if (!child.is_in_arena()) return;
  }
}

}  // namespace quire
