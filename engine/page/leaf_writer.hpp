// LeafWriter: writes a leaf from its first entry to its last.
//
// Whoever uses it has found that the entries fit and begin with the prefix; it only puts the bytes
// in their places. The editor puts single entries and rows in their places with the same functions.
#pragma once

#include <cstdint>

#include "quire/engine/page/arrays.hpp"
#include "quire/engine/page/geometry.hpp"
#include "quire/engine/page/leaf_view.hpp"

namespace quire {

/// Gives an entry, which begins at `entry` and has its key already, a value.
inline void write_value(std::byte* entry, LeafValue value) noexcept {
  auto& header = *overlay<layout::LeafEntryHeader>(entry);
  header.value_length =
      narrow(value.bytes.size() | (value.is_overflow ? layout::overflow_bit : 0U));
  const std::uint32_t tail = tail_size(header.remaining_key);
  copy_bytes(entry + leaf_entry_header_size + tail, value.bytes);
}

/// Writes an entry into its footprint, which begins at base; returns the offset for its slot.
inline std::uint32_t write_entry(std::byte* page, std::uint32_t base, const KeyRest& rest,
                                 LeafValue value, std::uint32_t alignment) noexcept {
  const auto tail = static_cast<std::uint32_t>(rest.tail.size());
  const std::uint32_t start =
      base + entry_key_part(tail, alignment) - tail - leaf_entry_header_size;
  overlay<layout::LeafEntryHeader>(page + start)->remaining_key = narrow(rest.remaining);
  copy_bytes(page + start + leaf_entry_header_size, rest.tail);
  write_value(page + start, value);
  return start;
}

inline void write_row(std::byte* row, Bytes tail, Bytes value) noexcept {
  copy_bytes(row, value);
  copy_bytes(row + value.size(), tail);
}

/// Needs exactly `count` calls of append, then finish. Not thread-safe.
class LeafWriter {
 public:
  /// Clears the body of page. `rows`: all entries have the lengths of the first.
  LeafWriter(MutableBytes page, std::uint32_t alignment, Bytes prefix, std::uint32_t count,
             bool rows) noexcept;

  void append(Bytes key, LeafValue value) noexcept;
  /// Appends the entries [begin, end) of another leaf, which has the same value alignment.
  void append(const LeafEntries& source, std::uint32_t begin, std::uint32_t end) noexcept;
  /// Appends rows that are given as they follow each other, each a key and then a value of these
  /// lengths. Needs a leaf of rows.
  void append_rows(Bytes entries, const EntrySizes& sizes) noexcept;
  void finish() noexcept;

 private:
  layout::PageHeader& header() noexcept { return *overlay<layout::PageHeader>(page_); }
  void append(std::uint64_t head, const KeyRest& rest, LeafValue value) noexcept;
  void copy_rows(const LeafEntries& source, std::uint32_t begin, std::uint32_t end) noexcept;
  void copy_entries(const LeafEntries& source, std::uint32_t begin, std::uint32_t end) noexcept;

  std::byte* page_;
  std::uint32_t alignment_;
  std::uint32_t prefix_length_;
  std::uint32_t page_size_;
  std::uint32_t top_;  ///< where the lowest entry or row begins
  std::uint32_t next_ = 0;
  std::uint32_t count_;
  U64le* heads_;
  U16le* slots_;
  bool rows_;
};

}  // namespace quire
