#include "quire/engine/tree/tree_editor.hpp"

#include <cstring>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/overflow.hpp"

namespace quire {

Status EditContext::release_run(const layout::OverflowReference& reference, TableId table) {
  const Result<Bytes> value = pages.overflow_value(std::as_bytes(std::span(&reference, 1)), table);
  if (!value) return fail(value);
  const PageNo first{reference.first_page};
  const TxnId born = PageView(pages.unchecked(first), 0).born();
  space.release({first, overflow_page_count(value->size(), pages.page_size())}, born);
  return {};
}

// ---- Finding

/// Where key is or would be in the leaf of the last edit, if it belongs there. Keys that arrive in
/// order find their leaf so without a descent.
std::optional<Position> TreeEditor::find_on_path(Bytes key) const {
  if (!has_path_) return std::nullopt;
  const Position position = leaf().find(key);
  const bool is_between = position.index > 0 && position.index < leaf().count();
  const bool is_here = position.found || is_between || (position.index > 0 && is_rightmost()) ||
                       (position.index == 0 && is_leftmost());
  return is_here ? std::optional(position) : std::nullopt;
}

Result<Position> TreeEditor::find(Bytes key) {
  std::optional<Position> position = find_on_path(key);
  if (!position) {
    has_path_ = false;
    if (Status done = descend(key); !done) return fail(done);
    position = leaf().find(key);
  }
  path_[0].child = position->index;
  return *position;
}

/// Fills the path from the root to the leaf that key belongs to.
Status TreeEditor::descend(Bytes key) {
  const Pages& pages = context_.pages;
  PageRef ref = root_.page;
  Expected expected{root_.table, root_.level, pages.newest()};
  for (;; --expected.level) {
    const std::byte* bytes = pages.find(ref, expected);
    if (bytes == nullptr) return fail(pages.explain(ref, expected));
    Step& step = path_[expected.level];
    step = {ref, bytes, 0};
    if (expected.level == 0) return {};
    const BranchView branch(bytes, pages.page_size());
    step.child = branch.child_index(key);
    ref = branch.child(step.child);
    pages.prefetch(ref);
    if (!step.ref.is_dirty()) expected.newest = PageView(bytes, 0).born();
  }
}

bool TreeEditor::is_rightmost() const {
  for (Level level = 1; level <= root_.level; ++level)
    if (path_[level].child != branch(level).count()) return false;
  return true;
}

bool TreeEditor::is_leftmost() const {
  for (Level level = 1; level <= root_.level; ++level)
    if (path_[level].child != 0) return false;
  return true;
}

// ---- Pages

PageRef TreeEditor::new_page() {
  const PageRef ref = context_.arena.allocate();
  layout::PageHeader header{};
  header.born = context_.txn.value;
  header.table = root_.table.value;
  *overlay<layout::PageHeader>(context_.arena.bytes(ref)) = header;
  return ref;
}

/// The tree has no more use for the page. Its bytes stay readable until the next new page.
void TreeEditor::drop_page(PageRef ref) {
  if (ref.is_dirty()) {
    context_.arena.release(ref);
    return;
  }
  const PageView view(context_.pages.unchecked(ref.number()), 0);
  context_.space.release({ref.number(), 1}, view.born());
}

void TreeEditor::make_path_dirty() {
  for (int level = root_.level; level >= 0; --level) {
    const auto at = static_cast<Level>(level);
    if (!path_[at].ref.is_dirty()) make_dirty(at);
  }
}

void TreeEditor::make_dirty(Level level) {
  Step& step = path_[level];
  const PageRef copy = context_.arena.allocate();
  std::byte* bytes = context_.arena.bytes(copy);
  std::memcpy(bytes, step.bytes, context_.pages.page_size());
  overlay<layout::PageHeader>(bytes)->born = context_.txn.value;
  drop_page(step.ref);
  step.ref = copy;
  step.bytes = bytes;
  if (level == root_.level)
    root_.page = copy;
  else
    branch_editor(static_cast<Level>(level + 1)).set_child(path_[level + 1U].child, copy);
}

/// Corrects the entry counts of the branches from level `above` on.
void TreeEditor::count_entries(Level above, std::int64_t change) {
  const auto corrected = [&](std::uint64_t entries) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(entries) + change);
  };
  root_.entries = corrected(root_.entries);
  if (change == 0) return;
  for (Level level = above; level <= root_.level; ++level) {
    const std::uint32_t child = path_[level].child;
    branch_editor(level).set_entries(child, corrected(branch(level).entries(child)));
  }
}

/// A child of the branch over the path's page at this level.
PageRef TreeEditor::sibling(Level level, std::uint32_t child) const {
  return branch(static_cast<Level>(level + 1)).child(child);
}

/// A page of the tree at this level, if it can be read.
const std::byte* TreeEditor::look_at(PageRef ref, Level level) const {
  return context_.pages.find(ref, {root_.table, level, context_.pages.newest()});
}

}  // namespace quire
