// The torture's reader: takes snapshots, holds some of them and some values for a while, and looks
// again at what it holds before it lets go.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "torture/breach.hpp"
#include "torture/content.hpp"
#include "torture/job.hpp"

namespace quire::test {
namespace {

struct HeldState {
  Snapshot snapshot;
  Content content;

  /// Law: a state stays as it is, at the same addresses, for as long as it is held.
  void demand_unchanged() const {
    for (const Piece& piece : content.pieces)
      demand(is_made_of(piece.bytes, piece.recipe), "bytes under a held snapshot have changed");
    demand(read_snapshot(snapshot).windows == content.windows, "a held snapshot has changed");
  }
};

struct HeldValue {
  PinnedValue value;
  std::string copy;

  void demand_unchanged() const {
    demand(as_text(value.bytes) == copy, "bytes under a held value have changed");
  }
};

class Reader : private Worker {
 public:
  explicit Reader(Job& job) : Worker(job) {}

  void run() {
    while (!is_asked_to_end()) {
      look();
      if (dice_.one_in(6)) let_go();
      if (dice_.one_in(4)) get();
      if (dice_.one_in(10)) look_at_words();
      if (dice_.one_in(150)) check();
      if (dice_.one_in(200)) reopen();
      ++line_.steps;
    }
    close();
  }

 private:
  /// What is held outlives its database.
  void close() {
    Worker::close();
    while (!states_.empty()) let_go();
    value_.reset();
  }

  void reopen() {
    close();
    open();
  }

  void look() {
    const Floor floor = job_.board.floor();
    line_.enter(Phase::pinning);
    Snapshot snapshot = database_->snapshot().value();
    line_.enter(Phase::reading);
    Content content = read_snapshot(snapshot);
    demand_above(floor, snapshot.txn(), content.windows);
    demand_attempted(job_.board, content.windows);
    demand_same(snapshot.txn(), content.windows);
    tell(snapshot.txn(), content.windows);
    if (states_.size() < 2 && dice_.one_in(4))
      states_.push_back({std::move(snapshot), std::move(content)});
  }

  /// Law: a transaction's state is one state.
  void demand_same(TxnId txn, const Windows& windows) {
    demand(txn != txn_ || windows == windows_, "two states have the same transaction");
    txn_ = txn;
    windows_ = windows;
  }

  void tell(TxnId txn, const Windows& windows) {
    for (std::uint32_t writer = 0; writer < writer_count; ++writer)
      line_.numbers[writer] = windows[writer].last;
    line_.txn = txn.value;
  }

  void let_go() {
    if (states_.empty()) return;
    std::swap(states_[dice_.below(states_.size())], states_.back());
    states_.back().demand_unchanged();
    states_.pop_back();
  }

  /// One value without a snapshot, in the place of the one that is held.
  void get() {
    if (value_) value_->demand_unchanged();
    value_.reset();
    const auto writer = static_cast<std::uint32_t>(dice_.below(writer_count));
    const Floor floor = job_.board.floor();
    line_.enter(Phase::pinning);
    std::optional<PinnedValue> found = find_count(writer);
    const std::uint64_t last = found ? window_of(found->bytes).last : 0;
    demand(last >= floor.numbers[writer], "a get finds an older count than was known before");
    if (!found) return;
    std::string copy(as_text(found->bytes));
    value_.emplace(*std::move(found), std::move(copy));
  }

  std::optional<PinnedValue> find_count(std::uint32_t writer) {
    if (!table_) {
      const auto table = database_->snapshot().value().table(table_name).value();
      if (!table) return std::nullopt;
      table_ = table->root.table;
    }
    return database_->get(*table_, table_name, as_bytes(count_key(writer))).value();
  }

  void look_at_words() {
    const Floor floor = job_.board.floor();
    line_.enter(Phase::checking);
    const Statistics statistics = database_->statistics().value();
    demand(statistics.published >= floor.txn, "what was published has become older");
    demand(statistics.durable >= floor.durable, "what was durable has become older");
  }

  /// Law: every page has one owner, also while others write.
  void check() {
    line_.enter(Phase::checking);
    const CheckReport report = database_->check().value();
    demand(report.is_clean(), [&] { return "a check finds: " + report.findings.front().text; });
  }

  std::optional<TableId> table_;
  std::vector<HeldState> states_;
  std::optional<HeldValue> value_;
  TxnId txn_;
  Windows windows_{};
};

}  // namespace

void run_reader(Job& job) { Reader(job).run(); }

}  // namespace quire::test
