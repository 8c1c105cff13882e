// Packed arrays: making room for one element, and closing the room that one leaves.
//
// A page's arrays lie one behind the other without slack, so a change of count moves them. Opening
// goes through them from the last to the first, closing from the first to the last; then nothing is
// overwritten before it has moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quire/engine/page/geometry.hpp"

namespace quire {

/// An array of the page: before and after the change it begins at these offsets.
struct MovedArray {
  std::uint32_t from;
  std::uint32_t to;
  std::uint32_t element_size;
};

/// Moves an array of count elements and leaves room for one more at index.
inline void open_gap(std::byte* page, MovedArray array, std::uint32_t count,
                     std::uint32_t index) noexcept {
  const std::size_t below = std::size_t{index} * array.element_size;
  const std::size_t above = std::size_t{count - index} * array.element_size;
  std::byte* const gap = page + array.to + below;
  if (above != 0) std::memmove(gap + array.element_size, page + array.from + below, above);
  if (array.to != array.from) std::memmove(page + array.to, page + array.from, below);
}

/// Moves an array of count elements, without the one at index.
inline void close_gap(std::byte* page, MovedArray array, std::uint32_t count,
                      std::uint32_t index) noexcept {
  const std::size_t below = std::size_t{index} * array.element_size;
  const std::size_t above = std::size_t{count - index - 1} * array.element_size;
  if (array.to != array.from) std::memmove(page + array.to, page + array.from, below);
  std::memmove(page + array.to + below, page + array.from + below + array.element_size, above);
}

/// Repeats in the samples what the heads from index first on say. count: of heads.
inline void refresh_samples(std::byte* page, std::uint32_t prefix_length, std::uint32_t count,
                            std::uint32_t first) noexcept {
  U64le* const samples = overlay<U64le>(page + samples_offset(prefix_length));
  const U64le* const heads = overlay<U64le>(page + heads_offset(prefix_length, count));
  for (std::uint32_t i = first / layout::sample_stride; i < sample_count(count); ++i) {
    samples[i] = heads[i * layout::sample_stride + layout::sample_stride - 1];
  }
}

/// After the number of heads became count by a change at index.
inline void refresh_samples_after(std::byte* page, std::uint32_t prefix_length, std::uint32_t count,
                                  std::uint32_t index) noexcept {
  const bool first_samples = count == layout::sample_threshold;
  refresh_samples(page, prefix_length, count, first_samples ? 0 : index);
}

}  // namespace quire
