#include "quire/engine/check_file.hpp"

#include <algorithm>

#include "quire/engine/check_tree.hpp"
#include "quire/engine/page_accounts.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/txn/catalog.hpp"

namespace quire {
namespace {

/// One check of one state.
class FileCheck {
 public:
  FileCheck(const Snapshot& snapshot, const SlotAccounts& slot, const ProgressHook& hook)
      : snapshot_(snapshot),
        slot_(slot),
        hook_(hook),
        pages_(snapshot.pages().verifying_always()),
        first_{layout::first_page(pages_.page_size())},
        accounts_(first_, snapshot.state().page_count, [this](std::uint64_t done) { tell(done); }),
        findings_(report_) {}

  CheckReport run() {
    check_trees();
    check_space();
    tell(page_count());
    return std::move(report_);
  }

 private:
  [[nodiscard]] std::uint64_t page_count() const {
    return snapshot_.state().page_count.value - first_.value;
  }

  void tell(std::uint64_t done) const {
    if (hook_) hook_({.work = Work::checking, .table = {}, .done = done, .total = page_count()});
  }

  void check_trees() {
    TreeCheck trees(pages_, accounts_, report_);
    trees.check(snapshot_.state().catalog);
    const Result<std::vector<TableInfo>> tables =
        list_tables(snapshot_.pages(), snapshot_.state().catalog);
    if (!tables) {
      findings_.add_corruption(tables.error().page(), catalog_table, tables.error().message());
      return;
    }
    for (const TableInfo& table : *tables) {
      ++report_.tables;
      const TreeRoot& root = snapshot_.state().root_of(table.root);
      report_.entries += root.entries;
      trees.check(root);
    }
  }

  void check_space() {
    const State& state = snapshot_.state();
    const Result<std::vector<LogRecord>> log =
        read_log(slot_.log_tail, {state.log_page, state.log_born},
                 [&](PageNo page, TxnId born) { return pages_.log_page(page, born); });
    if (!log) {
      note(log.error());
      return;
    }
    const Result<Space> space = Space::replay(*log, first_);
    if (!space) {
      note(space.error());
      return;
    }
    if (space->page_count() != state.page_count)
      findings_.add_corruption(state.log_page, catalog_table,
                               "the space log and the meta slot tell page counts apart");
    for (const LogRecord& record : *log)
      for (const PageNo page : record.pages) book({page, 1}, PageUse::log, report_.log_pages);
    book(slot_.redo, PageUse::redo, report_.redo_pages);
    for (const Extent& extent : space->free().list())
      book(extent, PageUse::free, report_.free_pages);
    for (const Extent& lost : accounts_.unclaimed())
      findings_.add(Finding::Severity::minor, lost.first, catalog_table,
                    std::to_string(lost.count) + " pages are neither in use nor free");
  }

  void note(const Error& error) {
    findings_.add_corruption(error.page(), catalog_table, std::string(error.detail()));
  }

  void book(Extent extent, PageUse use, std::uint64_t& total) {
    if (const auto conflict = accounts_.claim(extent, use)) {
      const char* const what = use == PageUse::free ? "a page in use is said to be free"
                                                    : "a page of a log is used elsewhere";
      findings_.add_corruption(conflict->page, catalog_table, what);
      return;
    }
    total += extent.count;
  }

  const Snapshot& snapshot_;
  const SlotAccounts& slot_;
  const ProgressHook& hook_;
  Pages pages_;
  const PageNo first_;
  CheckReport report_;
  PageAccounts accounts_;
  Findings findings_;
};

}  // namespace

bool CheckReport::has_corruption() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Finding::Severity::corruption;
  });
}

Result<CheckReport> check_file(const Snapshot& snapshot, const SlotAccounts& accounts,
                               const ProgressHook& hook) {
  return FileCheck(snapshot, accounts, hook).run();
}

}  // namespace quire
