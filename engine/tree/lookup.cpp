#include "quire/engine/tree/lookup.hpp"

#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {

Result<std::optional<Value>> lookup(const Pages& pages, const TreeRoot& root, Bytes key) {
  if (root.page.is_none()) return std::optional<Value>();
  PageRef ref = root.page;
  Expected expected{root.table, root.level, pages.newest()};
  for (;; --expected.level) {
    const std::byte* page = pages.find(ref, expected);
    if (page == nullptr) [[unlikely]]
      return fail(pages.explain(ref, expected));
    if (expected.level == 0) {
      const LeafView leaf(page, pages.page_size());
      const Position position = leaf.find(key);
      if (!position.found) return std::optional<Value>();
      const LeafValue value = leaf.value(position.index);
      if (!value.is_overflow) [[likely]]
        return std::optional<Value>(value.bytes);
      const Result<Bytes> run = pages.overflow_value(value.bytes, root.table);
      if (!run) return fail(run);
      return std::optional<Value>(*run);
    }
    const BranchView branch(page, pages.page_size());
    ref = branch.child(branch.child_index(key));
    pages.touch(ref);
    expected.newest = PageView(page, 0).born();
  }
}

}  // namespace quire
