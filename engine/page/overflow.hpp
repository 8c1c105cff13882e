// Overflow runs: consecutive pages that hold one large value behind one header.
//
// The value is one contiguous span, as aligned as any table asks for.
#pragma once

#include <cstdint>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

inline constexpr std::uint32_t overflow_header_size = sizeof(layout::OverflowHeader);

/// How many pages a value of that length, at most max_value_size, takes.
constexpr std::uint32_t overflow_page_count(std::uint64_t value_length,
                                            std::uint32_t page_size) noexcept {
  const std::uint64_t size = overflow_header_size + value_length;
  return static_cast<std::uint32_t>((size + page_size - 1) / page_size);
}

/// The value in a run whose length is known to be right.
inline Bytes overflow_value(const std::byte* run, std::uint64_t value_length) noexcept {
  return {run + overflow_header_size, static_cast<std::size_t>(value_length)};
}

/// A reference, as it lies in a leaf.
inline layout::OverflowReference make_overflow_reference(std::uint32_t first_page,
                                                         std::uint64_t value_length) noexcept {
  return {.first_page = first_page, .reserved = 0, .length = value_length};
}

}  // namespace quire
