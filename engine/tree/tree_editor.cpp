#include "quire/engine/tree/tree_editor.hpp"

#include <cstring>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/overflow.hpp"

namespace quire {
namespace {

/// A count after a change of it. A false file may say anything, so this may go round.
std::uint64_t with_more(std::uint64_t entries, std::int64_t change) {
  return entries + static_cast<std::uint64_t>(change);
}

}  // namespace

Status EditContext::release_run(const layout::OverflowReference& reference, TableId table) {
  const Result<Bytes> value = pages.overflow_value(std::as_bytes(std::span(&reference, 1)), table);
  if (!value) return fail(value);
  const PageNo first{reference.first_page};
  const TxnId born = PageView(pages.unchecked(first), 0).born();
  space.release({first, overflow_page_count(value->size(), pages.page_size())}, born);
  return {};
}

// ---- Finding

/// Whether a key that is or would be there in the leaf of the path belongs into this leaf.
bool TreeEditor::is_on_path(const Position& position) const {
  if (position.found) return true;
  if (position.index == 0) return is_leftmost(1);
  return position.index < leaf().count() || is_rightmost(1);
}

/// After an edit of the last entry the next one is often behind it; that takes no search.
Position TreeEditor::find_in_leaf(Bytes key) const {
  const LeafView leaf = this->leaf();
  const bool was_last = path_[0].child + 1 == leaf.count();
  if (was_last && leaf.is_below(key)) return {leaf.count(), false};
  return leaf.find(key);
}

/// Keys that arrive in order find their leaf without a descent: it is that of the last edit.
Result<Position> TreeEditor::find(Bytes key) {
  if (has_path()) {
    const Position position = find_in_leaf(key);
    path_[0].child = position.index;
    if (is_on_path(position)) return position;
  }
  path_state_ = PathState::unknown;
  settle_counts();
  if (Status done = descend(key); !done) return fail(done);
  const Position position = leaf().find(key);
  path_[0].child = position.index;
  return position;
}

/// Fills the path from the root to the leaf that key belongs to.
Status TreeEditor::descend(Bytes key) {
  return descend_to(0, [&](const BranchView& branch) { return branch.child_index(key); });
}

/// Fills the path by the child that choose() names in each branch, down to this level; of the leaf
/// below branches it fills in the reference even where it does not go there.
template <class Choose>
Status TreeEditor::descend_to(Level lowest, const Choose& choose) {
  const Pages& pages = context_.pages;
  PageRef ref = root_.page;
  Expected expected{root_.table, root_.level, pages.newest()};
  for (;; --expected.level) {
    const std::byte* bytes = pages.find(ref, expected);
    if (bytes == nullptr) return fail(pages.explain(ref, expected));
    const bool is_root = expected.level == root_.level;
    const std::uint32_t child = is_root ? 0 : path_[expected.level + 1U].child;
    if (!ref.is_in_arena() && !fits_here(expected.level, child, bytes)) {
      return fail(Error(ErrorCode::corrupt)
                      .with_page(ref.number())
                      .with_table(root_.table)
                      .with_detail("a page does not fit its place in the tree"));
    }
    Step& step = path_[expected.level];
    step = {ref, 0, bytes};
    if (expected.level == 0) return {};
    const BranchView branch(bytes, pages.page_size());
    step.child = choose(branch);
    ref = branch.child(step.child);
    if (expected.level == lowest) {
      path_[lowest - 1U] = {ref, 0, nullptr};
      return {};
    }
    pages.prefetch(ref);
    if (!step.ref.is_in_arena()) expected.newest = PageView(bytes, 0).born();
  }
}

Status TreeEditor::append_leaf(const Child& leaf, Bytes separator) {
  path_state_ = PathState::unknown;
  settle_counts();
  context_.arena.reserve(2 * (root_.level + 3U));
  if (root_.page.is_none()) {
    root_.page = leaf.ref;
    root_.level = 0;
    root_.entries = leaf.entries;
    return {};
  }
  Child last{root_.page, root_.entries};
  if (root_.level == 0) {
    path_[0] = {root_.page, 0, nullptr};
  } else {
    const Status done = descend_to(1, [](const BranchView& branch) { return branch.count(); });
    if (!done) return done;
    make_path_own(1);
    last = {path_[0].ref, branch(1).entries(path_[1].child)};
  }
  raise_split(1, {last, leaf, separator}, static_cast<std::int64_t>(leaf.entries));
  return {};
}

/// Whether the path follows the last child in every branch from this level up.
bool TreeEditor::is_rightmost(Level from) const {
  for (Level level = from; level <= root_.level; ++level)
    if (path_[level].child != branch(level).count()) return false;
  return true;
}

bool TreeEditor::is_leftmost(Level from) const {
  for (Level level = from; level <= root_.level; ++level)
    if (path_[level].child != 0) return false;
  return true;
}

// ---- Pages

PageRef TreeEditor::new_page() {
  const PageRef ref = context_.arena.allocate();
  layout::PageHeader header{};
  header.born = context_.txn.value;
  header.number = context_.arena.epoch();
  header.table = root_.table.value;
  *overlay<layout::PageHeader>(context_.arena.bytes(ref)) = header;
  return ref;
}

/// Whether the page is one of this transaction and since its last mark, which nobody else sees.
bool TreeEditor::is_own(PageRef ref) const {
  if (!ref.is_in_arena()) return false;
  const PageView page(context_.arena.bytes(ref), 0);
  return page.born() == context_.txn && page.number().value >= context_.arena.epoch();
}

/// The tree has no more use for the page. Its bytes stay readable until the next new page.
void TreeEditor::drop_page(PageRef ref) {
  if (!ref.is_in_arena()) {
    const PageView view(context_.pages.unchecked(ref.number()), 0);
    context_.space.release({ref.number(), 1}, view.born());
    return;
  }
  const PageView view(context_.arena.bytes(ref), 0);
  if (view.born() != context_.txn)
    context_.arena.retire(ref, view.born());
  else if (view.number().value >= context_.arena.epoch())
    context_.arena.release(ref);
  else
    context_.arena.keep_back(ref);
}

void TreeEditor::make_path_own(Level lowest) {
  for (int level = root_.level; level >= lowest; --level) {
    const auto at = static_cast<Level>(level);
    if (!is_own(path_[at].ref)) make_own(at);
  }
}

void TreeEditor::make_own(Level level) {
  Step& step = path_[level];
  const PageRef copy = context_.arena.allocate();
  std::byte* bytes = context_.arena.bytes(copy);
  std::memcpy(bytes, step.bytes, context_.pages.page_size());
  auto& header = *overlay<layout::PageHeader>(bytes);
  header.born = context_.txn.value;
  header.number = context_.arena.epoch();
  drop_page(step.ref);
  step.ref = copy;
  step.bytes = bytes;
  if (level == root_.level)
    root_.page = copy;
  else
    branch_editor(static_cast<Level>(level + 1)).set_child(path_[level + 1U].child, copy);
}

/// The leaf of the path has so many entries more. Its branches hear of many such edits at once.
void TreeEditor::count_later(std::int64_t change) {
  root_.entries = with_more(root_.entries, change);
  uncounted_ += change;
}

/// Before the path is left, or the shape of what lies along it changes.
void TreeEditor::settle_counts() {
  add_to_branches(1, uncounted_);
  uncounted_ = 0;
}

/// Corrects the entry counts of the branches from level `above` on.
void TreeEditor::count_entries(Level above, std::int64_t change) {
  root_.entries = with_more(root_.entries, change);
  add_to_branches(above, change);
}

void TreeEditor::add_to_branches(Level above, std::int64_t change) {
  if (change == 0) return;
  for (Level level = above; level <= root_.level; ++level) {
    const std::uint32_t child = path_[level].child;
    branch_editor(level).set_entries(child, with_more(branch(level).entries(child), change));
  }
}

/// A child of the branch over the path's page at this level.
PageRef TreeEditor::sibling(Level level, std::uint32_t child) const {
  return branch(static_cast<Level>(level + 1)).child(child);
}

/// The same as a page, if it can be read and fits its place.
const std::byte* TreeEditor::look_at(Level level, std::uint32_t child) const {
  const PageRef ref = sibling(level, child);
  const std::byte* bytes = context_.pages.find(ref, {root_.table, level, context_.pages.newest()});
  if (bytes == nullptr || ref.is_in_arena()) return bytes;
  return fits_here(level, child, bytes) ? bytes : nullptr;
}

/// Whether a page of the file is one that a tree may have as that child of the path's branch above:
/// what no page tells by itself. An edit rests on it, so a false page must not get into one.
bool TreeEditor::fits_here(Level level, std::uint32_t child, const std::byte* bytes) const {
  const std::uint32_t page_size = context_.pages.page_size();
  KeyBuffer first;
  KeyBuffer last;
  if (level == 0) {
    const LeafView leaf(bytes, page_size);
    return leaf.alignment() == root_.alignment() &&
           is_between_separators(level, child, leaf.key(0, first),
                                 leaf.key(leaf.count() - 1, last));
  }
  const BranchView branch(bytes, page_size);
  if (branch.count() == 0) return true;
  return is_between_separators(level, child, branch.separator(0, first),
                               branch.separator(branch.count() - 1, last));
}

/// Whether the branches of the path above this level put such keys under this child.
bool TreeEditor::is_between_separators(Level level, std::uint32_t child, Bytes first,
                                       Bytes last) const {
  KeyBuffer buffer;
  bool has_lower = false;
  bool has_upper = false;
  for (auto above = static_cast<Level>(level + 1); above <= root_.level; ++above) {
    const BranchView parent = branch(above);
    const std::uint32_t index = above == level + 1 ? child : path_[above].child;
    if (!has_lower && index > 0) {
      has_lower = true;
      if (compare(first, parent.separator(index - 1, buffer)) < 0) return false;
    }
    if (!has_upper && index < parent.count()) {
      has_upper = true;
      if (compare(last, parent.separator(index, buffer)) >= 0) return false;
    }
    if (has_lower && has_upper) break;
  }
  return true;
}

}  // namespace quire
