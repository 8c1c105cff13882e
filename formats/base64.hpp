// Base64 (RFC 4648) without padding: bytes as words of a descriptor, in the alphabet for names, or
// in another one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quire/engine/base/bytes.hpp"

namespace quire::detail {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline std::string to_base64(Bytes bytes, std::string_view digits = base64_digits) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  for (std::size_t first = 0; first < bytes.size(); first += 3) {
    const Bytes group = bytes.subspan(first, std::min<std::size_t>(3, bytes.size() - first));
    std::uint32_t bits = 0;
    for (const std::byte byte : group) bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
    bits <<= 8 * (3 - group.size());
    for (std::size_t digit = 0; digit <= group.size(); ++digit)
      text.push_back(digits[bits >> (18 - 6 * digit) & 63]);
  }
  return text;
}

/// Nothing for a text that no bytes have.
inline std::optional<std::vector<std::byte>> from_base64(std::string_view text,
                                                         std::string_view digits = base64_digits) {
  if (text.size() % 4 == 1) return {};
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) return {};
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> count));
  }
  const bool has_rest = (bits & ((1U << count) - 1)) != 0;
  if (has_rest) return {};
  return bytes;
}

}  // namespace quire::detail
