// Descriptors: what a table's formats say of themselves in the catalog, taken apart.
//
//   descriptor = word [ "(" descriptor { "," descriptor } ")" ]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvtool {

/// "tuple(string,u32)" is the word "tuple" with the arguments "string" and "u32".
struct Descriptor {
  std::string word;
  std::vector<Descriptor> arguments;

  bool operator==(const Descriptor&) const = default;
};

std::string text_of(const Descriptor& descriptor);

/// Nothing for a text that is no descriptor, or is nested deeper than any sensible one.
std::optional<Descriptor> parse_descriptor(std::string_view text);

}  // namespace kvtool
