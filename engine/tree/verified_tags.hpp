// VerifiedTags: which version of each page has been verified since the file was opened.
//
// One 16-bit tag a page, made of the born txn; 0 means never. A page whose header shows another txn
// than its tag is verified again. Tags are kept in chunks made at first use, so an opening costs
// nothing that grows with the file.
//
// It cannot see a page that was replaced by one born a multiple of 65,535 transactions later
// without being touched in between, nor bytes that change under an unchanged txn.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/seal.hpp"

namespace quire {

/// Thread-safe; setting the same tag twice is harmless.
class VerifiedTags {
 public:
  explicit VerifiedTags(std::uint64_t page_capacity);
  ~VerifiedTags();
  VerifiedTags(const VerifiedTags&) = delete;
  VerifiedTags& operator=(const VerifiedTags&) = delete;

  [[nodiscard]] bool is_verified(PageNo page, TxnId born) const {
    const Chunk* chunk = chunks_[page.value / chunk_pages].load(std::memory_order_acquire);
    return chunk != nullptr &&
           (*chunk)[page.value % chunk_pages].load(std::memory_order_relaxed) == tag(born);
  }

  /// May allocate a chunk; does nothing where there is no memory for it.
  void set_verified(PageNo page, TxnId born) noexcept;

 private:
  static constexpr std::uint32_t chunk_pages = 32768;
  using Chunk = std::array<std::atomic<std::uint16_t>, chunk_pages>;

  static constexpr std::uint16_t tag(TxnId born) {
    return static_cast<std::uint16_t>(born.value % 0xffff + 1);
  }

  std::vector<std::atomic<Chunk*>> chunks_;
};

/// What is known of each page of a file, and who hears what will be read of it.
struct PageTags {
  explicit PageTags(std::uint64_t page_capacity, Announce hears = announce_nothing)
      : pages(page_capacity), values(page_capacity), announce(hears) {}
  VerifiedTags pages;   ///< it is as it was written
  VerifiedTags values;  ///< its values are what its table's format takes them for
  const Announce announce;
};

}  // namespace quire
