// BranchView: the separators, children and entry counts of a branch.
//
// Law: separator i is greater than every key under child i, and not greater than any under child
// i + 1. A separator is plain when it ends within its head and not with a zero byte, so that the
// head alone spells it; a branch is pure when all are plain, and then a descent compares nothing
// but heads.
#pragma once

#include <cstdint>

#include "quire/engine/base/prefetch.hpp"
#include "quire/engine/page/geometry.hpp"
#include "quire/engine/page/head.hpp"
#include "quire/engine/page/key_buffer.hpp"
#include "quire/engine/page/page_view.hpp"
#include "quire/engine/page/search.hpp"

namespace quire {

/// A subtree and how many entries it holds.
struct Child {
  PageRef ref;
  std::uint64_t entries = 0;
};

/// Whether the head spells all of a key that follows the prefix.
inline bool is_plain(Bytes key, std::size_t prefix_length) noexcept {
  if (key.size() > prefix_length + layout::head_size) return false;
  return key.size() == prefix_length || key.back() != std::byte{0};
}

/// Trivially copyable; does not own the bytes. Thread-safe to read.
class BranchView {
 public:
  BranchView(const std::byte* page, std::uint32_t page_size) noexcept
      : page_(page), page_size_(page_size) {}
  explicit BranchView(PageView page) noexcept : BranchView(page.bytes(), page.page_size()) {}

  /// Of separators; there is one child more.
  [[nodiscard]] std::uint32_t count() const noexcept { return header().entry_count; }
  [[nodiscard]] Level level() const noexcept {
    return static_cast<Level>(header().flags & layout::branch_level_mask);
  }
  /// The child under which key belongs: how many separators are not greater than key.
  [[nodiscard]] std::uint32_t child_index(Bytes key) const noexcept;
  [[nodiscard]] PageRef child(std::uint32_t index) const noexcept {
    return PageRef::from_raw(overlay<U32le>(page_ + arrays().children)[index]);
  }
  [[nodiscard]] std::uint64_t entries(std::uint32_t index) const noexcept {
    return overlay<U48le>(page_ + arrays().counts)[index];
  }
  /// The first child from `from` on that lies in an arena; one past the last child when none does.
  [[nodiscard]] std::uint32_t next_in_arena(std::uint32_t from) const noexcept;
  /// Puts the separator together in buffer; valid until the buffer is used again.
  [[nodiscard]] Bytes separator(std::uint32_t index, KeyBuffer& buffer) const noexcept;

  [[nodiscard]] bool is_pure() const noexcept {
    return (header().flags & layout::branch_pure) != 0;
  }
  [[nodiscard]] std::uint32_t page_size() const noexcept { return page_size_; }
  [[nodiscard]] const layout::PageHeader& header() const noexcept {
    return *overlay<layout::PageHeader>(page_);
  }
  [[nodiscard]] Bytes prefix() const noexcept { return {page_ + header_size, prefix_length()}; }
  [[nodiscard]] std::uint32_t prefix_length() const noexcept { return header().prefix_length; }
  [[nodiscard]] BranchArrays arrays() const noexcept {
    return {prefix_length(), count(), is_pure()};
  }
  [[nodiscard]] Heads heads() const noexcept { return {page_, prefix_length(), count()}; }
  [[nodiscard]] KeyRest rest(std::uint32_t index) const noexcept;

  /// Bytes of the body in use, dead ones not counted.
  [[nodiscard]] std::uint32_t used_size() const noexcept;

  /// Where a separator's entry lies; 0 where its head spells it.
  [[nodiscard]] std::uint32_t entry_offset(std::uint32_t index) const noexcept {
    return is_pure() ? 0 : std::uint32_t{overlay<U16le>(page_ + arrays().slots)[index]};
  }

 private:
  [[nodiscard]] std::uint32_t child_index_in_run(Bytes key, std::uint64_t head) const noexcept;

  const std::byte* page_;
  std::uint32_t page_size_;
};

inline KeyRest BranchView::rest(std::uint32_t index) const noexcept {
  const std::uint32_t offset = entry_offset(index);
  if (offset == 0) return {spelled_size(heads()[index]), {}};
  const std::byte* const entry = page_ + offset;
  const std::uint32_t remaining = overlay<layout::BranchEntryHeader>(entry)->remaining_key;
  return {remaining, {entry + branch_entry_header_size, tail_size(remaining)}};
}

/// Asks for the references to the children beside a block of heads.
struct PrefetchChildren {
  const std::byte* children;
  void operator()(std::uint32_t first) const noexcept {
    const std::byte* const begin = children + first * sizeof(U32le);
    prefetch(begin);
    prefetch(begin + search_window * sizeof(U32le));
  }
};

inline std::uint32_t BranchView::child_index(Bytes key) const noexcept {
  const auto side = compare_with_prefix(key, prefix());
  if (side != 0) return side < 0 ? 0 : count();
  const std::uint64_t head = head_at(key, prefix_length());
  if (is_pure()) return heads().upper_bound(head, PrefetchChildren{page_ + arrays().children});
  return child_index_in_run(key, head);
}

inline Bytes BranchView::separator(std::uint32_t index, KeyBuffer& buffer) const noexcept {
  const KeyRest separator_rest = rest(index);
  buffer.set_prefix(prefix());
  return buffer.set_rest(heads()[index], separator_rest.remaining, separator_rest.tail.data());
}

}  // namespace quire
