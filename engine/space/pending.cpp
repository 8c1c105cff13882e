#include "quire/engine/space/pending.hpp"

#include <algorithm>

namespace quire {
namespace {

/// The newest pin below died, if it is not older than born: it keeps the pages. Otherwise none.
TxnId keeper(const DeadExtent& dead, std::span<const TxnId> pins) {
  const auto end = std::lower_bound(pins.begin(), pins.end(), dead.died);
  if (end == pins.begin()) return no_txn;
  const TxnId newest = *std::prev(end);
  return newest >= dead.born ? newest : no_txn;
}

Extent between(PageNo begin, PageNo end) { return {begin, end.value - begin.value}; }

}  // namespace

void Pending::add(const DeadExtent& dead) {
  waiting_[no_txn].push_back(dead);
  page_count_ += dead.extent.count;
}

std::vector<Extent> Pending::reclaim(std::span<const TxnId> pins) {
  std::vector<DeadExtent> again;
  for (auto bucket = waiting_.begin(); bucket != waiting_.end();) {
    const bool is_kept = std::binary_search(pins.begin(), pins.end(), bucket->first);
    if (is_kept && bucket->first != no_txn) {
      ++bucket;
      continue;
    }
    again.insert(again.end(), bucket->second.begin(), bucket->second.end());
    bucket = waiting_.erase(bucket);
  }
  std::vector<Extent> free;
  for (const DeadExtent& dead : again) {
    const TxnId pin = keeper(dead, pins);
    if (pin != no_txn) {
      waiting_[pin].push_back(dead);
    } else {
      page_count_ -= dead.extent.count;
      free.push_back(dead.extent);
    }
  }
  normalize(free);
  return free;
}

std::vector<Extent> Pending::take(Extent extent) {
  std::vector<Extent> taken;
  for (auto& [pin, bucket] : waiting_) {
    std::vector<DeadExtent> left;
    for (const DeadExtent& dead : bucket) {
      const PageNo begin = std::max(dead.extent.first, extent.first);
      const PageNo end = std::min(dead.extent.end(), extent.end());
      if (begin >= end) {
        left.push_back(dead);
        continue;
      }
      taken.push_back(between(begin, end));
      if (dead.extent.first < begin)
        left.push_back({between(dead.extent.first, begin), dead.born, dead.died});
      if (end < dead.extent.end())
        left.push_back({between(end, dead.extent.end()), dead.born, dead.died});
    }
    bucket = std::move(left);
  }
  page_count_ -= page_total(taken);
  return taken;
}

std::uint64_t Pending::page_count(TxnId pin) const {
  const auto bucket = waiting_.find(pin);
  if (bucket == waiting_.end()) return 0;
  std::uint64_t count = 0;
  for (const DeadExtent& dead : bucket->second) count += dead.extent.count;
  return count;
}

std::size_t Pending::extent_count() const {
  std::size_t count = 0;
  for (const auto& [pin, bucket] : waiting_) count += bucket.size();
  return count;
}

std::vector<DeadExtent> Pending::list() const {
  std::vector<DeadExtent> all;
  for (const auto& [pin, bucket] : waiting_) all.insert(all.end(), bucket.begin(), bucket.end());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace quire
