// CheckTree: every rule that one table's tree must keep.
#pragma once

#include <string>
#include <vector>

#include "quire/engine/check.hpp"
#include "quire/engine/page/branch_view.hpp"
#include "quire/engine/page/leaf_view.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/page_accounts.hpp"
#include "quire/engine/tree/pages.hpp"

namespace quire {

/// What a check finds, counted in full and kept up to a limit.
class Findings {
 public:
  explicit Findings(CheckReport& report) : report_(report) {}
  void add(Finding::Severity severity, PageNo page, TableId table, std::string text);
  void add_corruption(PageNo page, TableId table, std::string text) {
    add(Finding::Severity::corruption, page, table, std::move(text));
  }

 private:
  static constexpr std::size_t most_kept = 1000;
  CheckReport& report_;
};

/// Walks one tree. Not thread-safe.
class TreeCheck {
 public:
  /// Pages must verify at every access.
  TreeCheck(const Pages& pages, PageAccounts& accounts, CheckReport& report)
      : pages_(pages), accounts_(accounts), report_(report), findings_(report) {}

  void check(const TreeRoot& root);

 private:
  /// Where the keys of a subtree must lie: at or above lower, below upper; none: no bound.
  struct Bounds {
    const std::vector<std::byte>* lower = nullptr;
    const std::vector<std::byte>* upper = nullptr;
  };

  std::uint64_t walk(PageRef ref, const Expected& expected, const Bounds& bounds);
  std::uint64_t walk_branch(const PageView& page, const Expected& expected, const Bounds& bounds);
  std::uint64_t walk_leaf(const PageView& page, const Bounds& bounds);
  void check_bounds(const LeafView& leaf, PageNo page, const Bounds& bounds);
  void check_run(const LeafValue& value, PageNo page);
  bool book(Extent extent, PageUse use);

  Pages pages_;
  PageAccounts& accounts_;
  CheckReport& report_;
  Findings findings_;
  TreeRoot root_;
};

}  // namespace quire
