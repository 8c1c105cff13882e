#include "quire/engine/check_tree.hpp"

#include "quire/engine/page/overflow.hpp"

namespace quire {

void Findings::add(Finding::Severity severity, PageNo page, TableId table, std::string text) {
  ++report_.finding_count;
  if (report_.findings.size() < most_kept)
    report_.findings.push_back({severity, page, table, std::move(text)});
}

void TreeCheck::check(const TreeRoot& root) {
  root_ = root;
  if (root.page.is_none()) return;
  const std::uint64_t entries =
      walk(root.page, {root.table, root.level, pages_.newest()}, Bounds{});
  if (entries != root.entries)
    findings_.add_corruption(root.page.number(), root.table,
                             "the tree has " + std::to_string(entries) +
                                 " entries, its root says " + std::to_string(root.entries));
}

/// How many entries there are below.
std::uint64_t TreeCheck::walk(PageRef ref, const Expected& expected, const Bounds& bounds) {
  const Result<PageView> page = pages_.page(ref, expected);
  if (!page) {
    findings_.add_corruption(ref.number(), root_.table, std::string(page.error().detail()));
    return 0;
  }
  if (!book({ref.number(), 1}, PageUse::tree)) return 0;
  ++report_.tree_pages;
  return expected.level == 0 ? walk_leaf(*page, bounds) : walk_branch(*page, expected, bounds);
}

std::uint64_t TreeCheck::walk_branch(const PageView& page, const Expected& expected,
                                     const Bounds& bounds) {
  const BranchView branch(page);
  const Expected below{root_.table, static_cast<Level>(expected.level - 1), page.born()};
  std::uint64_t total = 0;
  std::vector<std::byte> lower;
  std::vector<std::byte> upper;
  KeyBuffer buffer;
  for (std::uint32_t child = 0; child <= branch.count(); ++child) {
    Bounds inner = bounds;
    if (child > 0) {
      lower = upper;
      inner.lower = &lower;
    }
    if (child < branch.count()) {
      const Bytes separator = branch.separator(child, buffer);
      upper.assign(separator.begin(), separator.end());
      inner.upper = &upper;
    }
    const std::uint64_t entries = walk(branch.child(child), below, inner);
    if (entries != branch.entries(child))
      findings_.add_corruption(page.number(), root_.table,
                               "a branch says that its child " + std::to_string(child) + " has " +
                                   std::to_string(branch.entries(child)) + " entries, it has " +
                                   std::to_string(entries));
    total += entries;
  }
  return total;
}

std::uint64_t TreeCheck::walk_leaf(const PageView& page, const Bounds& bounds) {
  const LeafView leaf(page);
  if (leaf.count() == 0) {
    findings_.add_corruption(page.number(), root_.table, "a leaf of the tree is empty");
    return 0;
  }
  if (leaf.alignment() != root_.alignment())
    findings_.add_corruption(page.number(), root_.table,
                             "a leaf aligns its values otherwise than its table");
  check_bounds(leaf, page.number(), bounds);
  for (std::uint32_t index = 0; index < leaf.count() && !leaf.is_rows(); ++index)
    check_run(leaf.value(index), page.number());
  return leaf.count();
}

void TreeCheck::check_bounds(const LeafView& leaf, PageNo page, const Bounds& bounds) {
  KeyBuffer buffer;
  if (bounds.lower != nullptr && compare(leaf.key(0, buffer), *bounds.lower) < 0)
    findings_.add_corruption(page, root_.table, "a leaf begins before the separator left of it");
  if (bounds.upper != nullptr && compare(leaf.key(leaf.count() - 1, buffer), *bounds.upper) >= 0)
    findings_.add_corruption(page, root_.table, "a leaf reaches to the separator right of it");
}

void TreeCheck::check_run(const LeafValue& value, PageNo page) {
  if (!value.is_overflow) return;
  const Result<Bytes> run = pages_.overflow_value(value.bytes, root_.table);
  if (!run) {
    findings_.add_corruption(
        run.error().page(), root_.table,
        std::string(run.error().detail()) + " (named by page " + std::to_string(page.value) + ")");
    return;
  }
  const auto& reference = *overlay<layout::OverflowReference>(value.bytes.data());
  const std::uint32_t pages = overflow_page_count(run->size(), pages_.page_size());
  if (book({{reference.first_page}, pages}, PageUse::overflow)) report_.overflow_pages += pages;
}

bool TreeCheck::book(Extent extent, PageUse use) {
  const auto conflict = accounts_.claim(extent, use);
  if (!conflict) return true;
  findings_.add_corruption(conflict->page, root_.table, "a page is referred to twice");
  return false;
}

}  // namespace quire
