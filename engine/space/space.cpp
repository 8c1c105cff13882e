#include "quire/engine/space/space.hpp"

#include <algorithm>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/make_room.hpp"

namespace quire {
namespace {

/// A commit would rather grow the file than be cut into runs shorter than this many pages, if they
/// are not a quarter of it: each run costs its sync as much as some fifty pages in a row do.
constexpr std::uint32_t good_run = 64;
constexpr std::uint32_t most_good_runs = 4;

/// A free share of a third keeps runs long; beyond it the file should not grow for runs' sake.
constexpr std::uint64_t free_share_divisor = 3;

Failure contradiction(const LogRecord& record, Extent extent, const char* what) {
  return fail(
      Error(ErrorCode::corrupt).with_page(extent.first).with_txn(record.txn).with_detail(what));
}

bool lies_in(Extent extent, PageNo first, PageNo end) {
  return extent.count != 0 && extent.first >= first &&
         std::uint64_t{extent.first.value} + extent.count <= end.value;
}

Status check_inside(const LogRecord& record, PageNo first_page) {
  const auto is_outside = [&](Extent extent) {
    return !lies_in(extent, first_page, record.page_count);
  };
  for (const Extent& extent : record.extents)
    if (is_outside(extent)) return contradiction(record, extent, "the space log leaves the file");
  for (const DeadExtent& dead : record.dead)
    if (is_outside(dead.extent))
      return contradiction(record, dead.extent, "the space log leaves the file");
  return {};
}

}  // namespace

Result<Space> Space::replay(std::span<const LogRecord> records, PageNo first_page) {
  Space space(first_page);
  for (const LogRecord& record : records) {
    if (Status inside = check_inside(record, first_page); !inside) return fail(inside);
    if (Status applied = space.apply(record); !applied) return fail(applied);
  }
  return space;
}

/// Pages that are new, and those that a checkpoint says are free.
Status Space::apply_new(const LogRecord& record) {
  if (record.page_count < page_count_ || record.page_count.value >= max_page_count)
    return contradiction(record, {}, "the space log shrinks the file");
  const PageNo old_end = page_count_;
  page_count_ = committed_page_count_ = record.page_count;
  if (record.is_checkpoint) {
    for (const Extent& extent : record.extents)
      if (!free_.add(extent)) return contradiction(record, extent, "pages are free twice");
    return {};
  }
  if (old_end < page_count_ && !free_.add({old_end, page_count_.value - old_end.value}))
    return contradiction(record, {old_end, 1}, "pages are free beyond the end");
  return {};
}

Status Space::apply(const LogRecord& record) {
  if (Status applied = apply_new(record); !applied) return applied;
  if (!record.is_checkpoint) {
    for (const Extent& extent : record.extents)
      if (!free_.remove(extent)) return contradiction(record, extent, "pages were taken twice");
  }
  for (const DeadExtent& dead : record.dead)
    if (!free_.add(dead.extent))
      return contradiction(record, dead.extent, "pages were freed twice");
  return {};
}

Status Space::catch_up(std::span<const LogRecord> records, PageNo first_page,
                       std::span<const TxnId> pins) {
  for (const LogRecord& record : records) {
    if (Status inside = check_inside(record, first_page); !inside) return inside;
    if (record.is_checkpoint) *this = Space(first_page);
    if (Status applied = apply_new(record); !applied) return applied;
    if (!record.is_checkpoint) {
      for (const Extent& extent : record.extents)
        if (!take_known(extent, pins))
          return contradiction(record, extent, "pages were taken twice");
    }
    for (const DeadExtent& dead : record.dead) pending_.add(dead);
  }
  return {};
}

/// Pages that another process has taken: it found that no pin keeps them, as is seen here, too, or
/// will be.
bool Space::take_known(Extent extent, std::span<const TxnId> pins) {
  if (free_.remove(extent)) return true;
  static_cast<void>(reclaim(pins));
  if (free_.remove(extent)) return true;
  for (const Extent& part : pending_.take(extent))
    if (!free_.add(part)) return false;
  return free_.remove(extent);
}

std::vector<Extent> Space::reclaim(std::span<const TxnId> pins) {
  std::vector<Extent> reclaimed;
  if (pending_.page_count() == 0) return reclaimed;
  pending_.reclaim(pins, reclaimed);
  // A damaged tree may name a page twice, and so give it back twice: once is enough. Anything that
  // overlaps what is free stays lost, rather than being handed out twice.
  std::erase_if(reclaimed, [&](const Extent& extent) { return !free_.add(extent); });
  return reclaimed;
}

bool Space::growing_pays() const {
  return free_.page_count() * free_share_divisor < page_count_.value;
}

Result<Extent> Space::extend(std::uint32_t count) {
  if (std::uint64_t{page_count_.value} + count >= max_page_count) return fail(ErrorCode::full);
  const Extent extent{page_count_, count};
  page_count_ = extent.end();
  return extent;
}

Result<std::vector<Extent>> Space::take(std::uint32_t count, Growth growth) {
  std::vector<Extent> runs;
  const bool may_grow_early = growth == Growth::when_it_pays;
  std::uint32_t shortest = may_grow_early ? std::max(count / most_good_runs, good_run) : 1;
  for (std::uint32_t left = count; left != 0;) {
    std::optional<Extent> run = free_.take_fitting(left);
    if (!run) run = free_.take_largest(shortest);
    if (!run && !growing_pays() && shortest > 1) {
      shortest = 1;
      continue;
    }
    if (!run) {
      const Result<Extent> grown = extend(left);
      if (!grown) {
        for (const Extent& taken : runs) give_back(taken);
        return fail(grown);
      }
      run = *grown;
    }
    runs.push_back(*run);
    taken_.push_back(*run);
    left -= run->count;
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

Result<Extent> Space::take_run(std::uint32_t count) {
  Result<Extent> run{Extent{}};
  if (const std::optional<Extent> fitting = free_.take_fitting(count))
    run = *fitting;
  else
    run = extend(count);
  if (run) taken_.push_back(*run);
  return run;
}

Space::Mark Space::mark() {
  const Extents here{taken_.size(), released_.size()};
  return {here, std::exchange(marked_, here)};
}

void Space::reserve_go_back(const Mark& mark) {
  make_room(released_, taken_.size() - mark.here.taken);
}

void Space::go_back(const Mark& mark, TxnId txn) {
  const auto since = released_.begin() + static_cast<std::ptrdiff_t>(mark.here.released);
  released_.erase(since, released_.end());
  for (std::size_t index = mark.here.taken; index < taken_.size(); ++index)
    released_.push_back({taken_[index], txn, no_txn});
}

/// What was taken since the last mark, in order.
void Space::join_taken() {
  const auto since = taken_.begin() + static_cast<std::ptrdiff_t>(marked_.taken);
  std::vector<Extent> joined(since, taken_.end());
  normalize(joined);
  taken_.erase(std::copy(joined.begin(), joined.end(), since), taken_.end());
}

void Space::give_back(Extent extent) {
  join_taken();
  const auto since = taken_.begin() + static_cast<std::ptrdiff_t>(marked_.taken);
  for (auto at = since; at != taken_.end(); ++at) {
    const Extent whole = *at;
    if (extent.first < whole.first || whole.end() < extent.end()) continue;
    taken_.erase(at);
    if (whole.first < extent.first)
      taken_.push_back({whole.first, extent.first.value - whole.first.value});
    if (extent.end() < whole.end())
      taken_.push_back({extent.end(), whole.end().value - extent.end().value});
    const bool added = free_.add(extent);
    QUIRE_ASSERT(added);
    trim();
    return;
  }
  constexpr bool was_taken = false;
  QUIRE_ASSERT(was_taken);
}

/// New pages at the end that nobody has were never handed out.
void Space::trim() {
  const std::optional<Extent> last = free_.last();
  if (!last || last->end() != page_count_) return;
  page_count_ = std::max(last->first, committed_page_count_);
  free_.cut(page_count_);
}

void Space::reuse_released(TxnId txn) {
  const auto own = std::partition(released_.begin(), released_.end(),
                                  [&](const DeadExtent& dead) { return dead.born != txn; });
  const std::vector<DeadExtent> again(own, released_.end());
  released_.erase(own, released_.end());
  for (const DeadExtent& dead : again) give_back(dead.extent);
}

void Space::join_released() {
  QUIRE_ASSERT(marked_.released == 0);
  normalize(released_);
  normalize(kept_);
}

std::vector<DeadExtent> Space::released() const {
  std::vector<DeadExtent> all = kept_;
  all.insert(all.end(), released_.begin(), released_.end());
  return all;
}

void Space::reserve_keep() { make_room(kept_, released_.size()); }

void Space::keep() {
  QUIRE_ASSERT(taken_.empty() && marked_.released == 0);
  kept_.insert(kept_.end(), released_.begin(), released_.end());
  released_.clear();
}

void Space::commit(TxnId txn) {
  for (DeadExtent dead : released()) {
    dead.died = txn;
    pending_.add(dead);
  }
  released_.clear();
  kept_.clear();
  taken_.clear();
  committed_page_count_ = page_count_;
}

void Space::rollback() {
  QUIRE_ASSERT(marked_.taken == 0 && marked_.released == 0);
  for (const Extent& extent : taken_) {
    const bool added = free_.add(extent);
    QUIRE_ASSERT(added);
  }
  taken_.clear();
  released_.clear();
  free_.cut(committed_page_count_);
  page_count_ = committed_page_count_;
}

}  // namespace quire
