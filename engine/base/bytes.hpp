// Bytes: the only currency between the layers of the engine.
//
// Keys compare as unsigned bytes, the shorter first when one is a prefix of the other, for ever:
// any other order is a key format's work.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace quire {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// The bytes of a text, without copying; valid as long as the text is.
inline Bytes as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The text that bytes spell, without copying or checking an encoding.
inline std::string_view as_text(Bytes bytes) noexcept {
  // Here and below: the one place where stored bytes are looked at as characters.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The same of bytes that may be written.
inline std::span<char> as_characters(MutableBytes bytes) noexcept {
  return {reinterpret_cast<char*>(bytes.data()), bytes.size()};
}

/// Order of keys: as unsigned bytes, then by length.
inline std::strong_ordering compare(Bytes left, Bytes right) noexcept {
  const std::size_t shared = std::min(left.size(), right.size());
  const int order = shared == 0 ? 0 : std::memcmp(left.data(), right.data(), shared);
  return order != 0 ? order <=> 0 : left.size() <=> right.size();
}

inline bool equal(Bytes left, Bytes right) noexcept {
  return left.size() == right.size() && compare(left, right) == 0;
}

/// How many leading bytes two keys share.
inline std::size_t shared_prefix(Bytes left, Bytes right) noexcept {
  const auto ends = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  return static_cast<std::size_t>(ends.first - left.begin());
}

/// Copies all of source to the front of target, which must be at least as large.
inline void copy_bytes(std::byte* target, Bytes source) noexcept {
  if (!source.empty()) std::memcpy(target, source.data(), source.size());
}

/// How much copy_with_slack may write behind what it copies.
inline constexpr std::size_t copy_slack = 64;

/// The same of size bytes, of which readable lie behind source, for many short copies of different
/// lengths: whole pieces have no branch that the processor would mispredict each time. Spoils up to
/// copy_slack bytes behind the copy.
[[gnu::always_inline]] inline void copy_with_slack(std::byte* target, const std::byte* source,
                                                   std::size_t size,
                                                   std::size_t readable) noexcept {
  if (size > copy_slack || readable < copy_slack) [[unlikely]]
    copy_bytes(target, {source, size});
  else
    std::memcpy(target, source, copy_slack);
}

/// Whether the first byte lies at a multiple of alignment, a power of two.
inline bool is_aligned(Bytes bytes, std::size_t alignment) noexcept {
  const auto address = std::bit_cast<std::uintptr_t>(bytes.data());
  return (address & (alignment - 1)) == 0;
}

constexpr std::size_t align_up(std::size_t size, std::size_t alignment) noexcept {
  return (size + alignment - 1) & ~(alignment - 1);
}

}  // namespace quire
