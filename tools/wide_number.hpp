// Wide numbers: integers of 128 bits as digits, and characters as UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quire/formats/names.hpp"

namespace kvtool {

using WideNumber = quire::UnsignedInt128;

/// The digits of a number, or of its two's complement.
std::string to_digits(WideNumber number, bool is_signed);
/// Nothing when the text is no number of that many bits.
std::optional<WideNumber> from_digits(std::string_view text, unsigned bits, bool is_signed);

std::string utf8_of(std::uint32_t character);
/// Nothing when the text is not one character.
std::optional<std::uint32_t> character_of(std::string_view text);

}  // namespace kvtool
