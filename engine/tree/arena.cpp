#include "quire/engine/tree/arena.hpp"

#include <algorithm>
#include <new>

#include "quire/engine/page/layout.hpp"

namespace quire {
namespace {

constexpr std::align_val_t page_alignment{layout::min_page_size};

}  // namespace

void Arena::Free::operator()(std::byte* bytes) const { ::operator delete(bytes, page_alignment); }

Arena::Arena(std::uint32_t page_size) : page_size_(page_size) {}

void Arena::reserve(std::uint32_t pages) {
  const std::size_t needed = (std::size_t{next_} + pages + chunk_pages - 1) / chunk_pages;
  free_.reserve(std::size_t{next_} + pages);  // so that release() cannot fail
  while (chunks_.size() < needed) {
    void* chunk = ::operator new(std::size_t{chunk_pages} * page_size_, page_alignment);
    chunks_.emplace_back(static_cast<std::byte*>(chunk));
  }
}

PageRef Arena::allocate() {
  ++live_;
  if (!free_.empty()) {
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return PageRef::dirty(index);
  }
  QUIRE_ASSERT(next_ < chunks_.size() * chunk_pages);
  return PageRef::dirty(next_++);
}

void Arena::reset(std::uint64_t keep) {
  next_ = 0;
  live_ = 0;
  free_.clear();
  const std::uint64_t chunk_size = std::uint64_t{chunk_pages} * page_size_;
  chunks_.resize(std::min<std::uint64_t>(chunks_.size(), keep / chunk_size + 1));
}

}  // namespace quire
