// Space: which pages the next commit may write.
//
// A page that a commit no longer needs is *pending* while a pin may still see it, then *free*.
// Pages only move forward: in use -> pending -> free -> in use.
//
// Invariant: every page from the first to page_count is reachable from the newest state, or part of
// the space log's chain, or pending, or free, and never two of these. engine/check_file.cpp counts
// them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/space/extent.hpp"
#include "quire/engine/space/free_extents.hpp"
#include "quire/engine/space/pending.hpp"
#include "quire/engine/space/space_log.hpp"

namespace quire {

/// Where pages come from when the free extents are short ones: the file may grow for longer runs,
/// or only when nothing is free (a full disk).
enum class Growth : std::uint8_t { when_it_pays, as_a_last_resort };

/// For the holder of the writer's place only; not thread-safe.
class Space {
 public:
  /// Everything is in use up to page_count.
  explicit Space(PageNo page_count) : page_count_(page_count) {}

  /// What the space log says, oldest record first, for an opener that no pin precedes: the dead are
  /// free. `corrupt` where records contradict each other or leave the file.
  static Result<Space> replay(std::span<const LogRecord> records, PageNo first_page);

  /// What other processes have committed since: records that follow those known here, or begin with
  /// a checkpoint. `pins` as for reclaim. After a failure the accounts are of no use.
  Status catch_up(std::span<const LogRecord> records, PageNo first_page,
                  std::span<const TxnId> pins);

  // The open transaction

  /// Moves to the free pages what no pin keeps, and says what that was; `pins` sorted, all there
  /// are.
  std::vector<Extent> reclaim(std::span<const TxnId> pins);
  /// Pages for a commit, in as few runs as the free extents allow; new ones at the end of the file
  /// where that pays. `full` when page numbers are used up.
  Result<std::vector<Extent>> take(std::uint32_t count, Growth growth);
  /// The same in one run.
  Result<Extent> take_run(std::uint32_t count);
  /// Pages that this transaction no longer needs; they die when it commits.
  void release(Extent extent, TxnId born) {
    if (released_.size() > marked_.released) {
      DeadExtent& last = released_.back();
      if (last.born == born && last.extent.end() == extent.first) {
        last.extent.count += extent.count;
        return;
      }
    }
    released_.push_back({extent, born, no_txn});
  }
  /// Joins what was released, so that as few extents as can be have to be told of.
  void join_released();
  /// Pages that were taken since the last mark and not written go back.
  void give_back(Extent extent);
  /// For tests only (SafetyRules::write_number_once): what this transaction has written and
  /// released may be written by it again.
  void reuse_released(TxnId txn);

  [[nodiscard]] const std::vector<Extent>& taken() const { return taken_; }
  /// What dies when it is committed to the file: released by it, and by those kept in memory.
  [[nodiscard]] std::size_t released_count() const { return kept_.size() + released_.size(); }
  [[nodiscard]] std::vector<DeadExtent> released() const;

  // Its marks; those that are there are a stack

  /// How far the lists of what was taken and released have come.
  struct Extents {
    std::size_t taken = 0;
    std::size_t released = 0;
  };
  struct Mark {
    Extents here;
    Extents outer;  ///< at the mark before it
  };
  [[nodiscard]] Mark mark();
  /// Makes sure that go_back() cannot fail, be it only the last mark after others are taken away.
  void reserve_go_back(const Mark& mark);
  /// Nothing is released any more that was not so at the last mark, which stays, but for what was
  /// taken since: it may have been written, and so this transaction must not take it again.
  void go_back(const Mark& mark, TxnId txn);
  /// Takes the last mark away.
  void take_away(const Mark& mark) { marked_ = mark.outer; }

  // Its end, which no mark outlasts

  /// Makes sure that keep() cannot fail.
  void reserve_keep();
  /// The transaction is committed in memory, having taken nothing: the file still needs what it
  /// released, which the next commit to the file releases.
  void keep();
  /// The transaction is committed: what it released is pending.
  void commit(TxnId txn);
  /// The transaction is gone: everything is as it was before.
  void rollback();

  // Facts

  [[nodiscard]] PageNo page_count() const { return page_count_; }
  [[nodiscard]] const FreeExtents& free() const { return free_; }
  [[nodiscard]] const Pending& pending() const { return pending_; }

 private:
  Result<Extent> extend(std::uint32_t count);
  Status apply_new(const LogRecord& record);
  Status apply(const LogRecord& record);
  bool take_known(Extent extent, std::span<const TxnId> pins);
  [[nodiscard]] bool growing_pays() const;
  void join_taken();
  void trim();

  PageNo page_count_;
  PageNo committed_page_count_ = page_count_;
  FreeExtents free_;
  Pending pending_;
  std::vector<Extent> taken_;
  std::vector<DeadExtent> released_;
  Extents marked_;  ///< so many of these were there at the last mark, and stay as they are
  std::vector<DeadExtent> kept_;  ///< released by what is committed in memory only
};

}  // namespace quire
