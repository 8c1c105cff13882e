#include "quire/engine/txn/snapshot.hpp"

#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/overflow.hpp"
#include "quire/engine/tree/lookup.hpp"
#include "quire/engine/txn/catalog.hpp"

namespace quire {
namespace {

/// Walks a tree and adds up what it is made of.
class TreeMeasure {
 public:
  TreeMeasure(const Pages& pages, TableStatistics& statistics)
      : pages_(pages), statistics_(statistics) {}

  Status add(PageRef ref, const Expected& expected) {
    const Result<PageView> page = pages_.page(ref, expected);
    if (!page) return fail(page);
    if (expected.level == 0) {
      add_leaf(LeafView(*page));
      return {};
    }
    const BranchView branch(*page);
    ++statistics_.branch_pages;
    add_use(branch.used_size());
    const Expected below{expected.table, static_cast<Level>(expected.level - 1), page->born()};
    for (std::uint32_t child = 0; child <= branch.count(); ++child)
      if (Status added = add(branch.child(child), below); !added) return added;
    return {};
  }

 private:
  void add_use(std::uint32_t used) {
    statistics_.used_bytes += used;
    statistics_.free_bytes += body_size(pages_.page_size()) - used;
  }

  void add_leaf(const LeafView& leaf) {
    ++statistics_.leaf_pages;
    add_use(leaf.used_size());
    if (leaf.is_rows()) {
      ++statistics_.rows_pages;
      return;
    }
    for (std::uint32_t index = 0; index < leaf.count(); ++index) {
      const LeafValue value = leaf.value(index);
      if (!value.is_overflow) continue;
      const auto& run = *overlay<layout::OverflowReference>(value.bytes.data());
      statistics_.overflow_pages += overflow_page_count(run.length, pages_.page_size());
    }
  }

  const Pages& pages_;
  TableStatistics& statistics_;
};

}  // namespace

Status Snapshot::check_kept() const {
  if (!pin_.holds()) return fail(missing_);
  return pin_.is_ousted() ? Status(fail(ErrorCode::snapshot_ousted)) : Status();
}

Result<std::optional<TableInfo>> Snapshot::table(std::string_view name) const {
  if (Status kept = check_kept(); !kept) return fail(kept);
  Result<std::optional<TableInfo>> found = find_table(pages_, state_->catalog, name);
  if (found && *found) (*found)->root = state_->root_of((*found)->root);
  return found;
}

Result<std::vector<TableInfo>> Snapshot::tables() const {
  if (Status kept = check_kept(); !kept) return fail(kept);
  Result<std::vector<TableInfo>> all = list_tables(pages_, state_->catalog);
  if (!all) return all;
  for (TableInfo& table : *all) table.root = state_->root_of(table.root);
  return all;
}

Result<std::optional<TreeRoot>> Snapshot::root(TableId id, std::string_view name) const {
  if (Status kept = check_kept(); !kept) return fail(kept);
  return find_root(pages_, *state_, id, name);
}

Result<std::optional<Value>> Snapshot::get(const TreeRoot& root, Bytes key) const {
  if (!pin_.is_kept()) [[unlikely]]
    return fail(check_kept());
  return lookup(pages_, root, key);
}

Result<TableStatistics> Snapshot::statistics(const TreeRoot& root) const {
  TableStatistics statistics;
  statistics.entries = root.entries;
  if (root.page.is_none()) return statistics;
  statistics.height = root.level + 1U;
  TreeMeasure measure(pages_, statistics);
  const Status walked = measure.add(root.page, {root.table, root.level, pages_.newest()});
  if (!walked) return fail(walked);
  return statistics;
}

}  // namespace quire
