// What the example stores of a company: a plain struct, read in place.
#pragma once

#include <quire/quire.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// A text inside a struct that is stored as it lies in memory.
template <std::uint8_t capacity>
struct Line {
  std::uint8_t size = 0;
  std::array<char, capacity> characters{};

  /// Takes as much of a text as there is room for; returns how much was left out.
  std::size_t assign(std::string_view text) {
    const std::string_view taken = text.substr(0, capacity);
    std::ranges::copy(taken, characters.begin());
    size = static_cast<std::uint8_t>(taken.size());
    return text.size() - taken.size();
  }
  [[nodiscard]] std::string_view text() const { return {characters.data(), size}; }
  [[nodiscard]] bool is_valid() const { return size <= capacity; }
};

struct Company {
  Line<95> name;
  Line<247> address;
};

/// The struct's name in the file: another struct of its size is refused when the table is opened.
template <>
inline constexpr std::string_view quire::type_name<Company> = "Company";

/// Not every size is right, so a value is looked at before it is shown.
template <>
inline constexpr bool (*quire::is_valid_plain<Company>)(quire::Bytes) = [](quire::Bytes stored) {
  const Company& company = quire::object_in<Company>(stored);
  return company.name.is_valid() && company.address.is_valid();
};
