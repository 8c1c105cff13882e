// BranchWriter: writes a branch from its first child to its last.
//
// Whoever uses it has found that the separators fit and begin with the prefix; it only puts the
// bytes in their places.
#pragma once

#include <cstdint>

#include "quire/engine/page/arrays.hpp"
#include "quire/engine/page/branch_view.hpp"

namespace quire {

/// Writes a separator's entry at offset.
inline void write_branch_entry(std::byte* page, std::uint32_t offset,
                               const KeyRest& rest) noexcept {
  overlay<layout::BranchEntryHeader>(page + offset)->remaining_key = narrow(rest.remaining);
  copy_bytes(page + offset + branch_entry_header_size, rest.tail);
}

/// What a branch is before its first child is written.
struct BranchShape {
  Level level;
  bool pure;
  std::uint32_t count;  ///< of separators
  Bytes prefix;
};

/// Needs a child, then a separator and a child for each of `count`, then finish. Not thread-safe.
class BranchWriter {
 public:
  /// Clears the body of page.
  BranchWriter(MutableBytes page, const BranchShape& shape) noexcept;

  void append_child(Child child) noexcept;
  /// `plain`: the head spells it.
  void append_separator(std::uint64_t head, const KeyRest& rest, bool plain) noexcept;
  void finish() noexcept;

 private:
  layout::PageHeader& header() noexcept { return *overlay<layout::PageHeader>(page_); }

  std::byte* page_;
  std::uint32_t page_size_;
  std::uint32_t top_;  ///< where the lowest entry begins
  std::uint32_t count_;
  std::uint32_t next_ = 0;
  U64le* heads_;
  U32le* children_;
  U48le* counts_;
  U16le* slots_;
};

}  // namespace quire
