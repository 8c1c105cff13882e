// Geometry: where the parts of a leaf or branch lie, as functions of a few header fields.
//
// Invariant: no other file of this folder does arithmetic on the places of arrays, entries or rows;
// what lies there is told in layout.hpp.
#pragma once

#include <cstdint>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/head.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

inline constexpr std::uint32_t header_size = sizeof(layout::PageHeader);

/// What a page has for arrays, heap and rows.
constexpr std::uint32_t body_size(std::uint32_t page_size) noexcept {
  return page_size - header_size;
}

constexpr std::uint32_t round_up(std::uint32_t size, std::uint32_t alignment) noexcept {
  return (size + alignment - 1) & ~(alignment - 1);
}

constexpr std::uint32_t round_down(std::uint32_t size, std::uint32_t alignment) noexcept {
  return size & ~(alignment - 1);
}

/// A size or count that is known to fit the 16 bits that the file has for it.
inline std::uint16_t narrow(std::size_t size) noexcept {
  QUIRE_ASSERT(size <= 0xffff);
  return static_cast<std::uint16_t>(size);
}

// ---- Arrays at the front

constexpr std::uint32_t sample_count(std::uint32_t heads) noexcept {
  return heads >= layout::sample_threshold ? heads / layout::sample_stride : 0;
}

constexpr std::uint32_t samples_offset(std::uint32_t prefix_length) noexcept {
  return header_size + round_up(prefix_length, layout::head_size);
}

constexpr std::uint32_t heads_offset(std::uint32_t prefix_length, std::uint32_t count) noexcept {
  return samples_offset(prefix_length) + layout::head_size * sample_count(count);
}

constexpr std::uint32_t heads_end(std::uint32_t prefix_length, std::uint32_t count) noexcept {
  return heads_offset(prefix_length, count) + layout::head_size * count;
}

inline constexpr std::uint32_t slot_size = sizeof(U16le);

/// Where the arrays of a general leaf end.
constexpr std::uint32_t slots_end(std::uint32_t prefix_length, std::uint32_t count) noexcept {
  return heads_end(prefix_length, count) + slot_size * count;
}

inline constexpr std::uint32_t child_size = sizeof(U32le);
inline constexpr std::uint32_t child_count_size = sizeof(U48le);

/// Where the arrays of a branch lie, from its prefix length and its number of separators.
struct BranchArrays {
  constexpr BranchArrays(std::uint32_t prefix_length, std::uint32_t count, bool pure) noexcept
      : heads(heads_offset(prefix_length, count)),
        children(heads + layout::head_size * count),
        counts(children + child_size * (count + 1)),
        slots(counts + child_count_size * (count + 1)),
        end(slots + (pure ? 0 : slot_size * count)) {}

  std::uint32_t heads;
  std::uint32_t children;
  std::uint32_t counts;
  std::uint32_t slots;
  std::uint32_t end;
};

// ---- Entries and rows at the back

inline constexpr std::uint32_t leaf_entry_header_size = sizeof(layout::LeafEntryHeader);
inline constexpr std::uint32_t branch_entry_header_size = sizeof(layout::BranchEntryHeader);
inline constexpr std::uint32_t overflow_reference_size = sizeof(layout::OverflowReference);

/// An entry of a general leaf is two aligned parts of the heap, the value's above the key's. The
/// key's part is filled from its end, so that the value begins where the key's tail ends.
constexpr std::uint32_t entry_key_part(std::uint32_t tail, std::uint32_t alignment) noexcept {
  return round_up(leaf_entry_header_size + tail, alignment);
}

constexpr std::uint32_t entry_footprint(std::uint32_t tail, std::uint32_t value,
                                        std::uint32_t alignment) noexcept {
  return entry_key_part(tail, alignment) + round_up(value, alignment);
}

/// A row is the value, then the key's tail.
constexpr std::uint32_t row_stride(std::uint32_t tail, std::uint32_t value,
                                   std::uint32_t alignment) noexcept {
  return round_up(value + tail, alignment);
}

constexpr std::uint32_t branch_footprint(std::uint32_t remaining) noexcept {
  return branch_entry_header_size + tail_size(remaining);
}

}  // namespace quire
