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
  fresh_.push_back(dead);
  page_count_ += dead.extent.count;
}

void Pending::reclaim(std::span<const TxnId> pins, std::vector<Extent>& free) {
  free.clear();
  for (const DeadExtent& dead : fresh_) reclaim(dead, pins, free);
  fresh_.clear();
  for (auto bucket = waiting_.begin(); bucket != waiting_.end();) {
    if (std::binary_search(pins.begin(), pins.end(), bucket->first)) {
      ++bucket;
      continue;
    }
    const std::vector<DeadExtent> again = std::move(bucket->second);
    bucket = waiting_.erase(bucket);
    for (const DeadExtent& dead : again) reclaim(dead, pins, free);
  }
  normalize(free);
}

void Pending::reclaim(const DeadExtent& dead, std::span<const TxnId> pins,
                      std::vector<Extent>& free) {
  const TxnId pin = keeper(dead, pins);
  if (pin != no_txn) {
    waiting_[pin].push_back(dead);
    return;
  }
  page_count_ -= dead.extent.count;
  free.push_back(dead.extent);
}

std::vector<Extent> Pending::take(Extent extent) {
  std::vector<Extent> taken;
  take(fresh_, extent, taken);
  for (auto& [pin, bucket] : waiting_) take(bucket, extent, taken);
  page_count_ -= page_total(taken);
  return taken;
}

void Pending::take(std::vector<DeadExtent>& bucket, Extent extent, std::vector<Extent>& taken) {
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

std::uint64_t Pending::page_count(TxnId pin) const {
  const auto bucket = waiting_.find(pin);
  if (bucket == waiting_.end()) return 0;
  std::uint64_t count = 0;
  for (const DeadExtent& dead : bucket->second) count += dead.extent.count;
  return count;
}

std::size_t Pending::extent_count() const {
  std::size_t count = fresh_.size();
  for (const auto& [pin, bucket] : waiting_) count += bucket.size();
  return count;
}

std::vector<DeadExtent> Pending::list() const {
  std::vector<DeadExtent> all = fresh_;
  for (const auto& [pin, bucket] : waiting_) all.insert(all.end(), bucket.begin(), bucket.end());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace quire
