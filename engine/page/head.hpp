// Heads: eight key bytes as one integer, so that most comparisons of keys are one of integers.
//
// Law: where heads differ they order the keys as the bytes do. Where they are equal, the bytes
// behind the head decide, and where these are equal too, the length from the prefix on: heads are
// padded with zeros, so "a" and "a\0" have equal heads.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quire/engine/base/bytes.hpp"
#include "quire/engine/page/layout.hpp"

namespace quire {

/// The integer whose order is the order of the eight bytes at source.
inline std::uint64_t load_head(const std::byte* source) noexcept {
  std::uint64_t head = 0;
  std::memcpy(&head, source, sizeof(head));
  return std::byteswap(head);
}

/// The head of the bytes of key from position on, padded with zeros. position may lie behind the
/// end.
inline std::uint64_t head_at(Bytes key, std::size_t position) noexcept {
  if (position + layout::head_size <= key.size()) [[likely]]
    return load_head(key.data() + position);
  if (position >= key.size()) return 0;
  const std::size_t present = key.size() - position;
  if (key.size() >= layout::head_size) {
    const std::size_t missing = layout::head_size - present;
    return load_head(key.data() + key.size() - layout::head_size) << (8 * missing);
  }
  std::byte padded[layout::head_size] = {};
  std::memcpy(padded, key.data() + position, present);
  return load_head(padded);
}

/// The inverse of load_head: writes all eight bytes.
inline void write_head(std::byte* target, std::uint64_t head) noexcept {
  head = std::byteswap(head);
  std::memcpy(target, &head, sizeof(head));
}

/// How many bytes of a key, of which `remaining` follow the prefix, lie behind its head.
constexpr std::uint32_t tail_size(std::uint32_t remaining) noexcept {
  return remaining > layout::head_size ? remaining - layout::head_size : 0;
}

/// The bytes of key behind the head that begins at position.
inline Bytes tail_at(Bytes key, std::size_t position) noexcept {
  const std::size_t begin = position + layout::head_size;
  return begin < key.size() ? key.subspan(begin) : Bytes{};
}

/// The length of the shortest key, counted from the prefix, that has this head: what a head spells
/// when its last byte that is not zero is the key's last.
constexpr std::uint32_t spelled_size(std::uint64_t head) noexcept {
  const auto zero_bytes = static_cast<std::uint32_t>(std::countr_zero(head)) / 8;
  return layout::head_size - zero_bytes;
}

/// What is left of a key when its prefix and the value of its head are known.
struct KeyRest {
  std::uint32_t remaining;  ///< key length from the prefix on, head included
  Bytes tail;               ///< the bytes behind the head
};

inline KeyRest rest_at(Bytes key, std::size_t position) noexcept {
  return {static_cast<std::uint32_t>(key.size() - position), tail_at(key, position)};
}

/// Orders two keys with the same prefix and equal heads.
inline std::strong_ordering compare(const KeyRest& left, const KeyRest& right) noexcept {
  const auto tails = compare(left.tail, right.tail);
  return tails != 0 ? tails : left.remaining <=> right.remaining;
}

/// Where a key lies against keys that all begin with prefix: before all, after all, or among them
/// (equal: it begins with prefix, too).
inline std::strong_ordering compare_with_prefix(Bytes key, Bytes prefix) noexcept {
  if (prefix.empty()) return std::strong_ordering::equal;
  const auto order = compare(key.first(std::min(key.size(), prefix.size())), prefix);
  return order;
}

}  // namespace quire
