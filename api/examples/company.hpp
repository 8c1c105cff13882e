// What the example stores of a company: a plain struct, read in place.
#pragma once

#include <quire/quire.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

/// A text inside a struct that is stored as it lies in memory: zeros fill it up.
template <std::size_t capacity>
using Line = std::array<char, capacity>;

struct Company {
  Line<96> name{};
  Line<248> address{};
};

/// The file says of each field where it lies, what it is called and of which type it is. So another
/// struct is refused when the table is opened, and kvtool shows the fields.
QUIRE_DESCRIBE(Company, name, address)

/// As much of a text as there is room for, in whole characters of UTF-8; returns how many bytes
/// were left out.
template <std::size_t capacity>
std::size_t assign(Line<capacity>& line, std::string_view text) {
  std::size_t size = std::min(text.size(), capacity);
  while (size != 0 && size < text.size() && (text[size] & 0xC0) == 0x80) --size;
  line.fill('\0');
  std::ranges::copy(text.substr(0, size), line.begin());
  return text.size() - size;
}

template <std::size_t capacity>
std::string_view text_of(const Line<capacity>& line) {
  return {line.begin(), std::ranges::find(line, '\0')};
}
