// BranchEditor: changes the separators and children of a branch in memory.
//
// An edit that keeps the page's shape (the prefix and whether the page is pure) works in place. Any
// other builds the page anew. An edit that does not fit even then changes nothing.
//
// Invariant: the entries and the dead bytes are the heap; a pure branch has none.
#pragma once

#include <cstdint>

#include "quire/engine/page/branch_view.hpp"

namespace quire {

class BranchSequence;

/// Does not own the page. Separators given to it must not lie in the page. Not thread-safe.
class BranchEditor {
 public:
  explicit BranchEditor(MutableBytes page) noexcept : page_(page) {}

  /// Makes page a branch without separators. Leaves checksum, born, number and table alone.
  static void format(MutableBytes page, Level level, Child only_child) noexcept;

  void set_child(std::uint32_t index, PageRef ref) noexcept;
  void set_entries(std::uint32_t index, std::uint64_t entries) noexcept;

  /// Puts in a new separator with the child right of it, which gets the index after the
  /// separator's. False, and nothing changed, where it does not fit.
  [[nodiscard]] bool insert(std::uint32_t index, Bytes separator, Child right) noexcept;
  /// Takes out a child with the separator left of it, or for the first child right of it. Needs a
  /// separator.
  void erase_child(std::uint32_t index) noexcept;
  /// False, and nothing changed, where it does not fit.
  [[nodiscard]] bool replace_separator(std::uint32_t index, Bytes separator) noexcept;

  [[nodiscard]] BranchView view() const noexcept {
    return {page_.data(), static_cast<std::uint32_t>(page_.size())};
  }
  /// Bytes of the body in use, dead ones not counted; and the rest of the body.
  [[nodiscard]] std::uint32_t used_size() const noexcept;
  [[nodiscard]] std::uint32_t free_size() const noexcept;

 private:
  layout::PageHeader& header() noexcept { return *overlay<layout::PageHeader>(page_.data()); }
  [[nodiscard]] U16le* slots() noexcept {
    return overlay<U16le>(page_.data() + view().arrays().slots);
  }

  bool insert_in_place(std::uint32_t index, Bytes separator, Child right) noexcept;
  bool replace_in_place(std::uint32_t index, Bytes separator) noexcept;
  void open_arrays(std::uint32_t index) noexcept;
  void close_arrays(std::uint32_t separator, std::uint32_t child) noexcept;
  std::uint32_t add_entry(const KeyRest& rest) noexcept;
  void release_entry(std::uint32_t index) noexcept;
  bool rebuild(const BranchSequence& content) noexcept;
  [[nodiscard]] bool is_sound() const noexcept;

  MutableBytes page_;
};

}  // namespace quire
