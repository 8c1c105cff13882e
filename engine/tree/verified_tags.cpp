#include "quire/engine/tree/verified_tags.hpp"

#include <new>

namespace quire {

VerifiedTags::VerifiedTags(std::uint64_t page_capacity)
    : chunks_((page_capacity + chunk_pages - 1) / chunk_pages) {}

VerifiedTags::~VerifiedTags() {
  for (std::atomic<Chunk*>& chunk : chunks_) delete chunk.load(std::memory_order_relaxed);
}

void VerifiedTags::set_verified(PageNo page, TxnId born) noexcept {
  std::atomic<Chunk*>& place = chunks_[page.value / chunk_pages];
  Chunk* chunk = place.load(std::memory_order_acquire);
  if (chunk == nullptr) {
    auto made = std::unique_ptr<Chunk>(new (std::nothrow) Chunk{});
    if (!made) return;
    // Another thread may have been faster: then chunk is its one.
    if (place.compare_exchange_strong(chunk, made.get(), std::memory_order_acq_rel))
      chunk = made.release();
  }
  (*chunk)[page.value % chunk_pages].store(tag(born), std::memory_order_relaxed);
}

}  // namespace quire
