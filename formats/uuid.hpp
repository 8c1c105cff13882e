// Uuid: a universally unique identifier, 16 bytes.
//
// How the bytes come about is its maker's business; here it is only held, ordered, and read from
// and written to text.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quire/formats/names.hpp"

namespace quire {

/// Ordered as its bytes, which is the order of its text. May be a key (of the ordered format), a
/// field of one, or a plain value.
struct Uuid {
  static constexpr std::size_t size = 16;
  static constexpr std::size_t text_size = 36;

  std::array<std::byte, size> bytes{};

  /// Reads "01234567-89ab-cdef-0123-456789abcdef", with digits of either case; nothing when the
  /// text is anything else.
  static constexpr std::optional<Uuid> parse(std::string_view text) noexcept;

  /// The text that parse() reads, in lower case.
  [[nodiscard]] constexpr std::string to_string() const;

  friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
  friend constexpr std::strong_ordering operator<=>(const Uuid&, const Uuid&) = default;
};
static_assert(sizeof(Uuid) == Uuid::size && alignof(Uuid) == 1);

template <>
inline constexpr std::string_view type_name<Uuid> = "uuid";

namespace detail {

inline constexpr std::string_view hexadecimal_digits = "0123456789abcdef";

/// Whether a hyphen stands before the byte of this index.
constexpr bool is_after_hyphen(std::size_t index) noexcept {
  return index == 4 || index == 6 || index == 8 || index == 10;
}

/// The value of a hexadecimal digit; 16 or more for other characters.
constexpr std::size_t digit_value(char digit) noexcept {
  if ('A' <= digit && digit <= 'F') return static_cast<std::size_t>(digit - 'A') + 10;
  return hexadecimal_digits.find(digit);
}

}  // namespace detail

constexpr std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  if (text.size() != text_size) return {};
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t index = 0; index < size; ++index) {
    if (detail::is_after_hyphen(index) && text[at++] != '-') return {};
    const std::size_t upper = detail::digit_value(text[at++]);
    const std::size_t lower = detail::digit_value(text[at++]);
    if (upper >= 16 || lower >= 16) return {};
    uuid.bytes[index] = static_cast<std::byte>(upper * 16 + lower);
  }
  return uuid;
}

constexpr std::string Uuid::to_string() const {
  std::string text;
  text.reserve(text_size);
  for (std::size_t index = 0; index < size; ++index) {
    if (detail::is_after_hyphen(index)) text += '-';
    const auto value = std::to_integer<std::size_t>(bytes[index]);
    text += detail::hexadecimal_digits[value / 16];
    text += detail::hexadecimal_digits[value % 16];
  }
  return text;
}

}  // namespace quire
