// TreeEditor's half that erases many entries at once: a part of the key order, or everything.
//
// The two paths to the ends of the part are made own; what lies between them is released by whole
// subtrees, whose entries nobody looks at but for the runs of large values that they name.

#include <algorithm>
#include <vector>

#include "quire/engine/page/leaf_editor.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/tree/tree_editor.hpp"

namespace quire {
namespace {

/// Pages that are brought near at the same time.
constexpr std::uint32_t group_size = 16;

std::optional<std::vector<std::byte>> copy_of_bound(const std::optional<Bytes>& bound) {
  std::optional<std::vector<std::byte>> copy;
  if (bound) copy.emplace(bound->begin(), bound->end());
  return copy;
}

}  // namespace

/// What became of a page.
struct TreeEditor::Cut {
  std::uint64_t erased = 0;  ///< entries
  bool is_empty = false;     ///< nothing is left of it: it is to be dropped
};

Result<std::uint64_t> TreeEditor::erase_range(const KeySpan& span) {
  path_state_ = PathState::unknown;
  settle_counts();
  if (root_.page.is_none()) return 0;
  if (!span.lower && !span.upper) {
    const std::uint64_t all = root_.entries;
    const Status cleared = clear();
    return cleared ? Result<std::uint64_t>(all) : fail(cleared);
  }
  const auto first = span.lower ? rank(context_.pages, root_, *span.lower) : 0;
  if (!first) return fail(first);
  const auto end = span.upper ? rank(context_.pages, root_, *span.upper) : root_.entries;
  if (!end) return fail(end);
  if (*first >= *end) return 0;
  // They may lie in the leaves that will change.
  const auto lower = copy_of_bound(span.lower);
  const auto upper = copy_of_bound(span.upper);
  return erase_some({lower, upper});
}

/// There is something to erase.
Result<std::uint64_t> TreeEditor::erase_some(const KeySpan& span) {
  for (const std::optional<Bytes>& bound : {span.lower, span.upper}) {
    if (!bound) continue;
    if (Status done = make_edge_own(*bound); !done) return fail(done);
  }
  const Result<Cut> cut = this->cut(root_.page, root_.level, span);
  if (!cut) return fail(cut);
  count_entries(static_cast<Level>(root_.level + 1), -static_cast<std::int64_t>(cut->erased));
  if (cut->is_empty) {
    context_.arena.reserve(1);
    drop_page(root_.page);
    make_empty();
  }
  for (const std::optional<Bytes>& bound : {span.lower, span.upper}) {
    if (!bound) continue;
    if (Status done = mend_edge(*bound); !done) return fail(done);
  }
  return cut->erased;
}

/// The pages on the way to where key is or would be.
Status TreeEditor::make_edge_own(Bytes key) {
  if (Status done = descend(key); !done) return done;
  context_.arena.reserve(2 * (root_.level + 3U));
  make_path_own();
  return {};
}

/// Takes the span out of a page that one of its bounds leads through, and which is own.
Result<TreeEditor::Cut> TreeEditor::cut(PageRef ref, Level level, const KeySpan& span) {
  return level == 0 ? cut_leaf(ref, span) : cut_branch(ref, level, span);
}

Result<TreeEditor::Cut> TreeEditor::cut_leaf(PageRef ref, const KeySpan& span) {
  const LeafView leaf(context_.arena.bytes(ref), context_.pages.page_size());
  const std::uint32_t first = span.lower ? leaf.find(*span.lower).index : 0;
  const std::uint32_t end = span.upper ? leaf.find(*span.upper).index : leaf.count();
  if (Status done = release_runs(leaf, first, end); !done) return fail(done);
  LeafEditor editor(page(ref));
  for (std::uint32_t index = end; index > first; --index) editor.erase(index - 1);
  return Cut{end - first, leaf.count() == 0};
}

Result<TreeEditor::Cut> TreeEditor::cut_branch(PageRef ref, Level level, const KeySpan& span) {
  const BranchView branch(context_.arena.bytes(ref), context_.pages.page_size());
  const auto below = static_cast<Level>(level - 1);
  const std::uint32_t first = span.lower ? branch.child_index(*span.lower) : 0;
  const std::uint32_t last = span.upper ? branch.child_index(*span.upper) : branch.count();
  std::uint32_t first_gone = last + 1;
  std::uint32_t end_gone = first;
  Cut whole;
  for (std::uint32_t child = first; child <= last; ++child) {
    const KeySpan part{child == first ? span.lower : std::nullopt,
                       child == last ? span.upper : std::nullopt};
    const PageRef page = branch.child(child);
    Cut gone{branch.entries(child), true};
    if (part.lower || part.upper) {
      const Result<Cut> edge = cut(page, below, part);
      if (!edge) return edge;
      gone = *edge;
      context_.arena.reserve(1);
      if (gone.is_empty) drop_page(page);
    } else if (Status done = clear_below(page, {root_.table, below, context_.txn}); !done) {
      return fail(done);
    }
    BranchEditor(this->page(ref)).set_entries(child, branch.entries(child) - gone.erased);
    whole.erased += gone.erased;
    if (!gone.is_empty) continue;
    first_gone = std::min(first_gone, child);
    end_gone = child + 1;
  }
  whole.is_empty = first_gone == 0 && end_gone == branch.count() + 1;
  if (!whole.is_empty) remove_children(ref, first_gone, end_gone);
  return whole;
}

void TreeEditor::remove_children(PageRef ref, std::uint32_t first, std::uint32_t end) const {
  BranchEditor editor(page(ref));
  for (; end > first; --end) editor.erase_child(end - 1);
}

/// Merges what has become under-full on the way to key with what lies beside it.
Status TreeEditor::mend_edge(Bytes key) {
  if (root_.page.is_none()) return {};
  if (Status done = make_edge_own(key); !done) return done;
  for (Level level = 0; level < root_.level; ++level) {
    context_.arena.reserve(3);
    if (is_underfull(level)) merge_with_sibling(level);
  }
  context_.arena.reserve(root_.level);
  shrink_root();
  return {};
}

Status TreeEditor::clear() {
  path_state_ = PathState::unknown;
  settle_counts();
  if (root_.page.is_none()) return {};
  const Expected expected{root_.table, root_.level, context_.pages.newest()};
  if (Status done = clear_below(root_.page, expected); !done) return done;
  make_empty();
  return {};
}

Status TreeEditor::clear_below(PageRef ref, const Expected& expected) {
  const std::byte* bytes = context_.pages.find(ref, expected);
  if (bytes == nullptr) return fail(context_.pages.explain(ref, expected));
  const std::uint32_t page_size = context_.pages.page_size();
  if (expected.level == 0) {
    const LeafView leaf(bytes, page_size);
    if (Status done = release_runs(leaf, 0, leaf.count()); !done) return done;
  } else {
    const BranchView branch(bytes, page_size);
    const Expected below{root_.table, static_cast<Level>(expected.level - 1),
                         PageView(bytes, 0).born()};
    for (std::uint32_t child = 0; child <= branch.count(); ++child) {
      if (child % group_size == 0) prefetch_children(branch, child);
      if (Status done = clear_below(branch.child(child), below); !done) return done;
    }
  }
  if (ref.is_in_arena()) context_.arena.reserve(1);  // so that dropping a page cannot fail
  drop_page(ref);
  return {};
}

/// Has the headers of the next group come from memory together.
void TreeEditor::prefetch_children(const BranchView& branch, std::uint32_t first) const {
  const std::uint32_t end = std::min(first + group_size, branch.count() + 1);
  for (std::uint32_t child = first; child < end; ++child)
    context_.pages.prefetch_header(branch.child(child));
}

/// Those of the entries [first, end).
Status TreeEditor::release_runs(const LeafView& leaf, std::uint32_t first, std::uint32_t end) {
  if (leaf.is_rows()) return {};
  for (std::uint32_t index = first; index < end; ++index) {
    const LeafValue value = leaf.value(index);
    if (!value.is_overflow) continue;
    const auto& reference = *overlay<layout::OverflowReference>(value.bytes.data());
    if (Status done = context_.release_run(reference, root_.table); !done) return done;
  }
  return {};
}

}  // namespace quire
