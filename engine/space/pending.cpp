#include "quire/engine/space/pending.hpp"

#include <algorithm>

#include "quire/engine/base/make_room.hpp"

namespace quire {
namespace {

/// The newest pin below died, if it is not older than born: it keeps the pages. Otherwise none.
TxnId keeper(const DeadExtent& dead, std::span<const TxnId> pins) {
  const auto end = std::lower_bound(pins.begin(), pins.end(), dead.died);
  if (end == pins.begin()) return no_txn;
  const TxnId newest = *std::prev(end);
  return newest >= dead.born ? newest : no_txn;
}

}  // namespace

void Pending::reserve(std::size_t count) { make_room(fresh_, count); }

void Pending::add(const DeadExtent& dead) {
  fresh_.push_back(dead);
  page_count_ += dead.extent.count;
}

/// Whatever there is no memory for, nothing is lost and nothing is in two places.
void Pending::reclaim(std::span<const TxnId> pins, std::vector<Extent>& free) {
  free.clear();
  for (auto bucket = waiting_.begin(); bucket != waiting_.end();) {
    if (std::binary_search(pins.begin(), pins.end(), bucket->first)) {
      ++bucket;
      continue;
    }
    fresh_.insert(fresh_.end(), bucket->second.begin(), bucket->second.end());
    bucket = waiting_.erase(bucket);
  }
  keep(pins);
  free.reserve(fresh_.size());
  for (const DeadExtent& dead : fresh_) {
    page_count_ -= dead.extent.count;
    free.push_back(dead.extent);
  }
  fresh_.clear();
  normalize(free);
}

/// What a pin keeps waits for it.
void Pending::keep(std::span<const TxnId> pins) {
  for (std::size_t index = 0; index < fresh_.size();) {
    const TxnId pin = keeper(fresh_[index], pins);
    if (pin == no_txn) {
      ++index;
      continue;
    }
    waiting_[pin].push_back(fresh_[index]);
    fresh_[index] = fresh_.back();
    fresh_.pop_back();
  }
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
    taken.push_back(extent_between(begin, end));
    if (dead.extent.first < begin)
      left.push_back({extent_between(dead.extent.first, begin), dead.born, dead.died});
    if (end < dead.extent.end())
      left.push_back({extent_between(end, dead.extent.end()), dead.born, dead.died});
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
