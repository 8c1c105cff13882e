#include "tools/wide_number.hpp"

#include <algorithm>
#include <cstddef>

#include "quire/formats/utf8.hpp"

namespace kvtool {

std::string to_digits(WideNumber number, bool is_signed) {
  const bool is_negative = is_signed && (number >> 127) != 0;
  if (is_negative) number = ~number + 1;
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  if (is_negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<WideNumber> from_digits(std::string_view text, unsigned bits, bool is_signed) {
  const bool is_negative = is_signed && text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty()) return {};
  const unsigned value_bits = is_signed ? bits - 1 : bits;
  const WideNumber most = ~WideNumber{0} >> (128 - value_bits);
  const WideNumber limit = is_negative ? most + 1 : most;
  WideNumber number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return {};
    const auto next = static_cast<unsigned>(digit - '0');
    if (number > (limit - next) / 10) return {};
    number = number * 10 + next;
  }
  return is_negative ? ~number + 1 : number;
}

std::string utf8_of(std::uint32_t character) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (character < 0x80) return {byte(character)};
  const char last = byte(0x80 | (character & 0x3F));
  if (character < 0x800) return {byte(0xC0 | character >> 6), last};
  const char third = byte(0x80 | (character >> 6 & 0x3F));
  if (character < 0x1'0000) return {byte(0xE0 | character >> 12), third, last};
  return {byte(0xF0 | character >> 18), byte(0x80 | (character >> 12 & 0x3F)), third, last};
}

std::optional<std::uint32_t> character_of(std::string_view text) {
  const quire::Bytes bytes = quire::as_bytes(text);
  if (bytes.empty() || quire::detail::character_size(bytes) != bytes.size()) return {};
  const auto first = std::to_integer<std::uint32_t>(bytes.front());
  std::uint32_t number = bytes.size() == 1 ? first : first & (0x7FU >> bytes.size());
  for (const std::byte byte : bytes.subspan(1))
    number = number << 6 | (std::to_integer<std::uint32_t>(byte) & 0x3F);
  return number;
}

}  // namespace kvtool
