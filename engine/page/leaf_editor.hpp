// LeafEditor: changes the entries of a leaf in memory.
//
// An edit that keeps the page's shape (the prefix, and in rows the lengths) works in place. Any
// other builds the page anew: with another prefix, without dead bytes, as rows or as a general
// leaf. An edit that does not fit even then changes nothing.
//
// Invariant: in a general leaf the footprints of the entries and the dead bytes are the heap.
#pragma once

#include <cstdint>

#include "quire/engine/page/leaf_view.hpp"

namespace quire {

class LeafSequence;

/// Does not own the page. Keys and values given to it must not lie in the page. Not thread-safe.
class LeafEditor {
 public:
  explicit LeafEditor(MutableBytes page) noexcept : page_(page) {}

  /// Makes page an empty leaf. Leaves checksum, born, number and table alone.
  static void format(MutableBytes page, std::uint32_t value_alignment) noexcept;
  /// The same with one entry, of the kind of the leaf before, and with as much of the prefix of
  /// that as the key begins with.
  static void format(MutableBytes page, const LeafView& before, Bytes key,
                     const LeafValue& value) noexcept;

  /// Puts a new entry before that at index, which must be the key's lower bound. False, and nothing
  /// changed, where it does not fit.
  [[nodiscard]] bool insert(std::uint32_t index, Bytes key, const LeafValue& value) noexcept;
  /// Puts a new last entry behind the others, if its key is above theirs and the leaf can stay of
  /// its kind. The value may lie in the page. False, and nothing changed, where it does not fit.
  [[nodiscard]] bool append(Bytes key, const LeafValue& value) noexcept;
  /// Gives an entry another value. False, and nothing changed, where it does not fit.
  [[nodiscard]] bool replace(std::uint32_t index, const LeafValue& value) noexcept;
  void erase(std::uint32_t index) noexcept;

  [[nodiscard]] LeafView view() const noexcept {
    return {page_.data(), static_cast<std::uint32_t>(page_.size())};
  }
  /// Bytes of the body in use, dead ones not counted; and the rest of the body.
  [[nodiscard]] std::uint32_t used_size() const noexcept;
  [[nodiscard]] std::uint32_t free_size() const noexcept;

 private:
  layout::PageHeader& header() noexcept { return *overlay<layout::PageHeader>(page_.data()); }

  bool insert_in_place(std::uint32_t index, Bytes key, const LeafValue& value) noexcept;
  /// Needs entries, and their prefix in the key.
  bool insert_in_its_kind(std::uint32_t index, Bytes key, const LeafValue& value) noexcept {
    return view().is_rows() ? insert_row(index, key, value) : insert_entry(index, key, value);
  }
  bool insert_row(std::uint32_t index, Bytes key, const LeafValue& value) noexcept;
  bool insert_entry(std::uint32_t index, Bytes key, const LeafValue& value) noexcept;
  bool replace_row(std::uint32_t index, const LeafValue& value) noexcept;
  bool replace_entry(std::uint32_t index, const LeafValue& value) noexcept;
  void erase_row(std::uint32_t index) noexcept;
  void erase_entry(std::uint32_t index) noexcept;
  void open_head(std::uint32_t index, std::uint64_t head) noexcept;
  void close_head(std::uint32_t index) noexcept;
  void release(std::uint32_t base, std::uint32_t footprint) noexcept;
  bool rebuild(const LeafSequence& content) noexcept;
  [[nodiscard]] bool is_sound() const noexcept;

  MutableBytes page_;
};

}  // namespace quire
