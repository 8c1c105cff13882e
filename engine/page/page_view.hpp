// PageView: a page's header, whatever its type.
//
// Bytes of the file become a PageView only when check_page found nothing wrong with them; a page in
// memory is right because only the editors and sequences of this folder write it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

/// Trivially copyable; does not own the bytes. Thread-safe to read.
class PageView {
 public:
  PageView() = default;
  PageView(const std::byte* bytes, std::uint32_t page_size) noexcept
      : bytes_(bytes), page_size_(page_size) {}

  [[nodiscard]] const std::byte* bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint32_t page_size() const noexcept { return page_size_; }
  [[nodiscard]] const layout::PageHeader& header() const noexcept {
    return *overlay<layout::PageHeader>(bytes_);
  }

  [[nodiscard]] layout::PageType type() const noexcept { return layout::PageType{header().type}; }
  [[nodiscard]] bool is_leaf() const noexcept {
    return type() == layout::PageType::leaf || type() == layout::PageType::rows;
  }
  [[nodiscard]] bool is_branch() const noexcept { return type() == layout::PageType::branch; }

  /// Height over the leaves, which are at 0.
  [[nodiscard]] Level level() const noexcept {
    return is_branch() ? static_cast<Level>(header().flags & layout::branch_level_mask) : Level{0};
  }
  [[nodiscard]] TxnId born() const noexcept { return {header().born}; }
  [[nodiscard]] PageNo number() const noexcept { return {header().number}; }
  [[nodiscard]] TableId table() const noexcept { return {header().table}; }

 private:
  const std::byte* bytes_ = nullptr;
  std::uint32_t page_size_ = 0;
};
static_assert(sizeof(PageView) <= 16 && std::is_trivially_copyable_v<PageView>);

}  // namespace quire
