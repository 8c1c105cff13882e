// UTF-8, strictly: no surrogates, no form longer than it need be.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// Whether a number is that of a Unicode character.
constexpr bool is_character(std::uint32_t number) noexcept {
  return number <= 0x10'FFFF && (number < 0xD800 || number > 0xDFFF);
}

namespace detail {

/// How many bytes the character at the front takes; 0 when it is none.
inline std::size_t character_size(Bytes text) noexcept {
  const auto at = [&](std::size_t index) { return std::to_integer<std::uint32_t>(text[index]); };
  const std::uint32_t first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const auto size = static_cast<std::size_t>(std::countl_one(static_cast<std::uint8_t>(first)));
  if (text.size() < size) return 0;
  std::uint32_t number = first & (0x7FU >> size);
  for (std::size_t index = 1; index < size; ++index) {
    if ((at(index) & 0xC0) != 0x80) return 0;
    number = number << 6 | (at(index) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x1'0000};
  return number >= smallest[size] && is_character(number) ? size : 0;
}

}  // namespace detail

inline bool is_utf8(Bytes text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  while (!text.empty()) {
    std::uint64_t word = high_bits;
    if (text.size() >= sizeof word) std::memcpy(&word, text.data(), sizeof word);
    const std::size_t size = (word & high_bits) == 0 ? sizeof word : detail::character_size(text);
    if (size == 0) return false;
    text = text.subspan(size);
  }
  return true;
}

}  // namespace quire
