#include "tools/byte_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kvtool {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10;
  return {};
}

/// The bytes of up to four base64 digits: three for four, less with padding.
std::optional<ByteString> from_base64_group(std::string_view group) {
  const std::size_t digits = std::min(group.find('='), group.size());
  if (digits < 2 || group.substr(digits).find_first_not_of('=') != std::string_view::npos) {
    return {};
  }
  std::uint32_t bits = 0;
  for (std::size_t at = 0; at < group.size(); ++at) {
    const std::size_t value = at < digits ? base64_digits.find(group[at]) : 0;
    if (value == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
  }
  const std::array all{static_cast<std::byte>(bits >> 16 & 0xFF),
                       static_cast<std::byte>(bits >> 8 & 0xFF),
                       static_cast<std::byte>(bits & 0xFF)};
  const std::size_t count = digits - 1;
  if (std::any_of(all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                  [](std::byte rest) { return rest != std::byte{}; })) {
    return {};
  }
  return ByteString(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
}

/// How many bytes the UTF-8 sequence at the front has; 0 when it is none.
std::size_t sequence_size(std::string_view text) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto is_trail = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
    return index < text.size() && at(index) >= low && at(index) <= high;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_trail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong form
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;  // no surrogate
    return is_trail(1, low, high) && is_trail(2) ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4) return 0;
  const unsigned low = lead == 0xF0 ? 0x90 : 0x80;   // no overlong form
  const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;  // up to U+10FFFF
  return is_trail(1, low, high) && is_trail(2) && is_trail(3) ? 4 : 0;
}

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += hex_digits[value >> 4];
    text += hex_digits[value & 15];
  }
  return text;
}

std::optional<ByteString> from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.size() % 2 != 0) return {};
  ByteString bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto high = hex_value(text[at]);
    const auto low = hex_value(text[at + 1]);
    if (!high || !low) return {};
    bytes.push_back(static_cast<std::byte>(*high << 4 | *low));
  }
  return bytes;
}

std::string to_base64(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      bits = bits << 8 | (index < count ? std::to_integer<std::uint32_t>(bytes[at + index]) : 0);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= count ? base64_digits[bits >> (18 - 6 * digit) & 63] : '=';
    }
  }
  return text;
}

std::optional<ByteString> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  ByteString bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    auto group = from_base64_group(text.substr(at, 4));
    const bool is_last = at + 4 == text.size();
    if (!group || (group->size() < 3 && !is_last)) return {};
    bytes.insert(bytes.end(), group->begin(), group->end());
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace kvtool
