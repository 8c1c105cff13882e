#include "quire/engine/tree/cursor.hpp"

#include "quire/engine/base/assert.hpp"
#include "quire/engine/page/branch_view.hpp"

namespace quire {

namespace {

/// What the page below a branch must be.
Expected below(const std::byte* branch, TableId table) {
  const PageView view(branch, 0);
  return {table, static_cast<Level>(view.level() - 1), view.born()};
}

}  // namespace

/// Enters the leaf under a page of that level, at the first or the last entry of everything below.
Status Cursor::descend(PageRef page, Level level, Side side) {
  for (; level > 0; --level) {
    const Expected expected = level == root_.level ? Expected{root_.table, level, pages_.newest()}
                                                   : below(path_[level + 1U].branch, root_.table);
    const std::byte* bytes = pages_.find(page, expected);
    if (bytes == nullptr) return fail(pages_.explain(page, expected));
    const BranchView branch(bytes, pages_.page_size());
    path_[level] = {bytes, side == Side::first ? 0 : branch.count()};
    page = branch.child(path_[level].child);
  }
  return enter_leaf(page);
}

Status Cursor::enter_leaf(PageRef page) {
  const Expected expected = root_.level == 0 ? Expected{root_.table, 0, pages_.newest()}
                                             : below(path_[1].branch, root_.table);
  const std::byte* bytes = pages_.find(page, expected);
  if (bytes == nullptr) {
    leave();
    return fail(pages_.explain(page, expected));
  }
  enter(bytes);
  return {};
}

Result<bool> Cursor::seek_first() {
  leave();
  if (root_.page.is_none()) return false;
  if (Status done = descend(root_.page, root_.level, Side::first); !done) return fail(done);
  index_ = 0;
  return is_at_entry();
}

Result<bool> Cursor::seek_last() {
  leave();
  if (root_.page.is_none()) return false;
  if (Status done = descend(root_.page, root_.level, Side::last); !done) return fail(done);
  index_ = count_ - 1;
  return is_at_entry();
}

/// Goes down by the child that choose() names in each branch; the leaf, which is not entered yet.
template <class Choose>
Result<const std::byte*> Cursor::find_leaf(const Choose& choose) {
  PageRef page = root_.page;
  Expected expected{root_.table, root_.level, pages_.newest()};
  for (;; --expected.level) {
    const std::byte* bytes = pages_.find(page, expected);
    if (bytes == nullptr) return fail(pages_.explain(page, expected));
    if (expected.level == 0) return bytes;
    const BranchView branch(bytes, pages_.page_size());
    path_[expected.level] = {bytes, choose(branch)};
    page = branch.child(path_[expected.level].child);
    pages_.prefetch(page);
    expected.newest = PageView(bytes, 0).born();
  }
}

void Cursor::enter(const std::byte* leaf) {
  leaf_.enter(LeafView(leaf, pages_.page_size()));
  count_ = leaf_.count();
  ahead_ = {.leaf = leaf};
}

/// Goes to the leaf that key belongs to and sets index_ to the first entry at or after it, which
/// may be one behind the leaf's last. True when that entry has this very key.
Result<bool> Cursor::seek_lower(Bytes key) {
  leave();
  const Result<const std::byte*> leaf =
      find_leaf([&](const BranchView& branch) { return branch.child_index(key); });
  if (!leaf) return fail(leaf);
  const Position position = LeafView(*leaf, pages_.page_size()).find(key);
  enter(*leaf);
  index_ = position.index;
  return position.found;
}

Result<bool> Cursor::seek(Bytes key) {
  if (root_.page.is_none()) return false;
  if (Result<bool> found = seek_lower(key); !found) return found;
  if (index_ == count_) return next_leaf();
  if (root_.level > 0) {  // few seeks want one entry only
    const BranchView branch(path_[1].branch, pages_.page_size());
    if (path_[1].child < branch.count()) look_ahead(branch.child(path_[1].child + 1));
  }
  return true;
}

Result<bool> Cursor::seek_at_or_before(Bytes key) {
  if (root_.page.is_none()) return false;
  Result<bool> found = seek_lower(key);
  if (!found || *found) return found;
  return previous();
}

Result<bool> Cursor::seek_nth(std::uint64_t number) {
  leave();
  if (number >= root_.entries) return false;
  const Result<const std::byte*> leaf = find_leaf([&](const BranchView& branch) {
    std::uint32_t child = 0;
    for (; child < branch.count() && number >= branch.entries(child); ++child)
      number -= branch.entries(child);
    return child;
  });
  if (!leaf) return fail(leaf);
  enter(*leaf);
  if (number < count_) {
    index_ = static_cast<std::uint32_t>(number);
    return true;
  }
  leave();
  return fail(Error(ErrorCode::corrupt)
                  .with_table(root_.table)
                  .with_detail("the branches of a tree count more entries than its leaves have"));
}

Result<bool> Cursor::next_leaf() {
  leave();
  for (Level level = 1; level <= root_.level; ++level) {
    Step& step = path_[level];
    const BranchView branch(step.branch, pages_.page_size());
    if (step.child == branch.count()) continue;
    ++step.child;
    const Status done =
        descend(branch.child(step.child), static_cast<Level>(level - 1), Side::first);
    if (!done) return fail(done);
    index_ = 0;
    if (level == 1 && step.child < branch.count()) look_ahead(branch.child(step.child + 1));
    return true;
  }
  return false;
}

Result<bool> Cursor::previous_leaf() {
  leave();
  for (Level level = 1; level <= root_.level; ++level) {
    Step& step = path_[level];
    if (step.child == 0) continue;
    --step.child;
    const BranchView branch(step.branch, pages_.page_size());
    const Status done =
        descend(branch.child(step.child), static_cast<Level>(level - 1), Side::last);
    if (!done) return fail(done);
    index_ = count_ - 1;
    if (level == 1 && step.child > 0) look_ahead(branch.child(step.child - 1));
    return true;
  }
  return false;
}

}  // namespace quire
