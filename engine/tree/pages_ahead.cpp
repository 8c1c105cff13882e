#include "quire/engine/tree/pages_ahead.hpp"

#include <algorithm>

namespace quire {

void PagesAhead::look(const Cursor& cursor, const Visit& visit) {
  const Bytes large = way_ == Way::up ? cursor.next_large_value() : cursor.previous_large_value();
  if (!large.empty()) visit(large);
  if (cursor.root().level > 0) look_at_leaves(cursor, visit);
}

/// Many at a time: whenever half of what was told is behind the cursor.
void PagesAhead::look_at_leaves(const Cursor& cursor, const Visit& visit) {
  const Cursor::Step& step = cursor.step_at(1);
  const BranchView branch(step.branch, cursor.pages().page_size());
  const std::uint32_t rest = this->rest(branch, step.child);
  if (step.branch != branch_) {
    branch_ = step.branch;
    untold_ = rest;
  } else if (untold_ == 0 || rest - untold_ > leaf_count_ / 2) {
    return;
  }
  const std::uint32_t untold = rest - std::min(rest, leaf_count_);
  if (way_ == Way::up) {
    tell_children(cursor, branch, branch.count() + 1 - untold_, branch.count() + 1 - untold, visit);
  } else {
    tell_children(cursor, branch, untold, untold_, visit);
  }
  untold_ = untold;
  if (untold_ == 0) tell_next_branch(cursor, visit);
}

void PagesAhead::tell_children(const Cursor& cursor, const BranchView& branch, std::uint32_t first,
                               std::uint32_t end, const Visit& visit) {
  const Pages& pages = cursor.pages();
  Bytes run;
  for (std::uint32_t child = first; child < end; ++child) {
    const PageRef ref = branch.child(child);
    if (ref.is_in_arena() || ref.number() >= pages.page_count()) continue;
    const Bytes page(pages.unchecked(ref.number()), pages.page_size());
    if (!run.empty() && page.data() == run.data() + run.size()) {
      run = Bytes(run.data(), run.size() + page.size());
      continue;
    }
    if (!run.empty()) visit(run);
    run = page;
  }
  if (!run.empty()) visit(run);
}

void PagesAhead::tell_next_branch(const Cursor& cursor, const Visit& visit) const {
  if (cursor.root().level < 2) return;
  const Cursor::Step& step = cursor.step_at(2);
  const BranchView branch(step.branch, cursor.pages().page_size());
  if (rest(branch, step.child) == 0) return;
  const std::uint32_t next = way_ == Way::up ? step.child + 1 : step.child - 1;
  tell_children(cursor, branch, next, next + 1, visit);
}

}  // namespace quire
