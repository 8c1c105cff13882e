// Arena: the dirty pages of the open transaction, in memory that is reused from one to the next.
//
// A dirty page has an index instead of a page number, so a descent finds it without a lookup. Page
// numbers are given out only at commit, in as few runs as possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"

namespace quire {

/// Pages do not move while they are in use. Not thread-safe.
class Arena {
 public:
  explicit Arena(std::uint32_t page_size);

  /// Makes sure that the next `pages` calls of allocate() cannot fail.
  void reserve(std::uint32_t pages);

  /// A page with whatever bytes were there before.
  [[nodiscard]] PageRef allocate();
  void release(PageRef page) {
    QUIRE_ASSERT(page.is_dirty());
    free_.push_back(page.arena_index());
    --live_;
  }

  [[nodiscard]] std::byte* bytes(PageRef page) const {
    const std::uint32_t index = page.arena_index();
    return chunks_[index / chunk_pages].get() + std::size_t{index % chunk_pages} * page_size_;
  }
  [[nodiscard]] MutableBytes page(PageRef page) const { return {bytes(page), page_size_}; }

  /// Pages in use.
  [[nodiscard]] std::uint32_t live() const { return live_; }
  [[nodiscard]] std::uint64_t live_size() const { return std::uint64_t{live_} * page_size_; }

  /// Forgets every page; keeps memory for at most this many bytes of pages.
  void reset(std::uint64_t keep);

 private:
  static constexpr std::uint32_t chunk_pages = 64;
  struct Free {
    void operator()(std::byte* bytes) const;
  };

  std::uint32_t page_size_;
  std::uint32_t next_ = 0;  ///< index of the first page never used since the reset
  std::uint32_t live_ = 0;
  std::vector<std::uint32_t> free_;
  std::vector<std::unique_ptr<std::byte, Free>> chunks_;
};

}  // namespace quire
