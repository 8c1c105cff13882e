#include "quire/engine/tree/tree_placer.hpp"

#include <array>
#include <span>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/page/branch_editor.hpp"
#include "quire/engine/page/page_view.hpp"

namespace quire {
namespace {

/// The headers of so many children are asked for before any is looked at.
constexpr std::size_t headers_at_once = 16;

}  // namespace

TreePlacer::TreePlacer(Arena& arena, std::uint32_t page_size, TxnId txn, FileSeed seed,
                       std::vector<Extent> runs)
    : arena_(arena), page_size_(page_size), txn_(txn), seed_(seed), runs_(std::move(runs)) {
  placed_.reserve(page_total(runs_));
}

PageRef TreePlacer::place(const TreeRoot& root) {
  return root.page.is_in_arena() ? place(root.page, root.table) : root.page;
}

PageNo TreePlacer::take_number() {
  QUIRE_ASSERT(run_ < runs_.size());
  const Extent& run = runs_[run_];
  const PageNo number = run.first.after(used_of_run_);
  if (++used_of_run_ == run.count) {
    ++run_;
    used_of_run_ = 0;
  }
  return number;
}

PageNo TreePlacer::place(PageRef ref, TableId table) {
  const MutableBytes page = arena_.page(ref);
  const PageView view(page.data(), page_size_);
  if (view.born() != txn_) return place_seen(ref, view.born(), table);
  if (view.is_branch()) place_children(page, table);
  const PageNo number = take_number();
  add({number, table, page});
  return number;
}

PageNo TreePlacer::place_seen(PageRef ref, TxnId born, TableId table) {
  MutableBytes page = arena_.page(ref);
  const bool is_branch = PageView(page.data(), page_size_).is_branch();
  if (is_branch) {
    page = copy_of(page);
    place_children(page, table);
  }
  arena_.retire(ref, born);
  const PageNo number = take_number();
  add({number, table, page, !is_branch});
  return number;
}

void TreePlacer::place_children(MutableBytes page, TableId table) {
  const BranchView branch(page.data(), page_size_);
  BranchEditor editor(page);
  std::array<std::uint32_t, headers_at_once> group;
  for (std::uint32_t child = branch.next_in_arena(0); child <= branch.count();) {
    std::size_t size = 0;
    for (; child <= branch.count() && size < headers_at_once;
         child = branch.next_in_arena(child + 1)) {
      prefetch(arena_.bytes(branch.child(child)));
      group[size++] = child;
    }
    for (const std::uint32_t placed : std::span(group).first(size))
      editor.set_child(placed, place(branch.child(placed), table));
  }
}

MutableBytes TreePlacer::copy_of(MutableBytes page) {
  copies_.push_back(std::make_unique_for_overwrite<std::byte[]>(page_size_));
  const MutableBytes copy(copies_.back().get(), page_size_);
  copy_bytes(copy.data(), page);
  return copy;
}

}  // namespace quire
