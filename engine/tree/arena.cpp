#include "quire/engine/tree/arena.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "quire/engine/base/make_room.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

constexpr std::align_val_t page_alignment{layout::min_page_size};

/// Memory that is kept while there is no page.
constexpr std::uint64_t kept_size = std::uint64_t{64} << 20;

/// What a page is overwritten with whose views, if there are any, dangle.
constexpr int poison_byte = 0xDB;

}  // namespace

void Arena::Free::operator()(std::byte* bytes) const { ::operator delete(bytes, page_alignment); }

Arena::Arena(std::uint32_t page_size) : page_size_(page_size) {}

void Arena::reserve(std::uint32_t pages) {
  const std::size_t needed = (std::size_t{next_} + pages + chunk_pages - 1) / chunk_pages;
  make_room(free_, next_ + pages - free_.size());
  make_room(own_, pages);
  make_room(retired_, pages);
  while (chunks_.size() < needed) add_chunk();
}

void Arena::add_chunk() {
  if (chunks_.size() == table_size_) {
    const std::size_t size = std::max<std::size_t>(64, 2 * table_size_);
    tables_.reserve(tables_.size() + 1);
    auto table = std::make_unique<std::byte*[]>(size);
    for (std::size_t at = 0; at < chunks_.size(); ++at) table[at] = chunks_[at].get();
    table_size_ = size;
    chunk_table_.store(table.get(), std::memory_order_release);
    tables_.push_back(std::move(table));
  }
  void* const chunk = ::operator new(std::size_t{chunk_pages} * page_size_, page_alignment);
  std::unique_ptr<std::byte, Free> owned(static_cast<std::byte*>(chunk));
  chunks_.push_back(std::move(owned));
  tables_.back()[chunks_.size() - 1] = chunks_.back().get();
}

PageRef Arena::allocate() {
  ++own_count_;
  std::uint32_t index = next_;
  if (free_.empty()) {
    QUIRE_ASSERT(next_ < chunks_.size() * chunk_pages);
    ++next_;
  } else {
    index = free_.back();
    free_.pop_back();
    untouched_free_ = std::min(untouched_free_, free_.size());
  }
  own_.push_back(index);
  return PageRef::in_arena(index);
}

void Arena::release(PageRef page) {
  free_.push_back(index_of(page).value);
  --own_count_;
}

void Arena::keep_back(PageRef page) { retire(page, no_txn); }

void Arena::release_own() {
  QUIRE_ASSERT(epoch_ == 0);
  free_handed_out(0);
  own_count_ = 0;
  begin_anew();
}

/// All that was handed out or became free from this place on is free, and nothing else of what is
/// not untouched.
void Arena::free_handed_out(std::size_t begin) {
  free_.resize(untouched_free_);
  const auto first = own_.begin() + static_cast<std::ptrdiff_t>(begin);
  std::sort(first, own_.end());
  own_.erase(std::unique(first, own_.end()), own_.end());
  free_.insert(free_.end(), first, own_.end());
}

/// What was handed out so far is settled.
void Arena::begin_anew() {
  own_.clear();
  untouched_free_ = free_.size();
}

// ---- Marks

Arena::Mark Arena::mark() {
  QUIRE_ASSERT(!is_last_epoch());
  const std::uint32_t outer = std::exchange(epoch_, ++last_epoch_);
  const std::size_t untouched = std::exchange(untouched_free_, free_.size());
  return {epoch_, outer, own_count_, own_.size(), retired_.size(), untouched};
}

void Arena::go_back(const Mark& mark) {
  QUIRE_ASSERT(mark.epoch == epoch_);
  retired_.erase(retired_.begin() + static_cast<std::ptrdiff_t>(mark.retired_end), retired_.end());
  free_handed_out(mark.own_end);
  own_count_ = mark.own_count;
}

void Arena::take_away(const Mark& mark) {
  QUIRE_ASSERT(mark.epoch == epoch_);
  epoch_ = mark.outer_epoch;
  untouched_free_ = std::min(untouched_free_, mark.untouched_free);
  const auto is_own_again = [&](const DeadExtent& dead) {
    if (dead.born != no_txn) return false;
    const PageRef page = PageRef::in_arena(dead.extent.first.value);
    if (overlay<layout::PageHeader>(bytes(page))->number < epoch_) return false;
    release(page);
    return true;
  };
  const auto since = retired_.begin() + static_cast<std::ptrdiff_t>(mark.retired_end);
  retired_.erase(std::remove_if(since, retired_.end(), is_own_again), retired_.end());
}

// ---- The end

/// The retired pages die.
void Arena::bury(TxnId txn) {
  for (DeadExtent& dead : retired_) {
    dead.died = txn;
    pending_.add(dead);
  }
  resident_count_ -= static_cast<std::uint32_t>(retired_.size());
  retired_.clear();
}

void Arena::keep(TxnId txn) {
  QUIRE_ASSERT(epoch_ == 0);
  bury(txn);
  resident_count_ += own_count_;
  own_count_ = 0;
  begin_anew();
  last_epoch_ = 0;
}

void Arena::forget(TxnId txn) {
  bury(txn);
  QUIRE_ASSERT(resident_count_ == 0);
  release_own();
  last_epoch_ = 0;
  shrink();
}

void Arena::rollback() {
  retired_.clear();
  release_own();
  last_epoch_ = 0;
  shrink();
}

void Arena::reclaim(std::span<const TxnId> pins, bool poisons) {
  if (pending_.page_count() == 0) return;
  make_room(own_, pending_.page_count());
  pending_.reclaim(pins, reclaimed_);
  for (const Extent& extent : reclaimed_) {
    for (std::uint32_t index = extent.first.value; index < extent.end().value; ++index) {
      if (poisons) std::memset(bytes(PageRef::in_arena(index)), poison_byte, page_size_);
      free_.push_back(index);
      own_.push_back(index);  // as if handed out and released: the open transaction may get it
    }
  }
}

/// Gives memory back while there is no page.
void Arena::shrink() {
  if (used_size() != 0) return;
  next_ = 0;
  free_.clear();
  begin_anew();
  const std::uint64_t chunk_size = std::uint64_t{chunk_pages} * page_size_;
  chunks_.resize(std::min<std::uint64_t>(chunks_.size(), kept_size / chunk_size + 1));
}

}  // namespace quire
