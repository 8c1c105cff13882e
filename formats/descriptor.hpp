// Descriptors compared: the words of two of them, and the rule that a format has for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "quire/formats/format.hpp"

namespace quire {

/// Where a table of a stored descriptor differs from the asked one so that it cannot be opened;
/// nothing when it can.
using DescriptorRule = std::optional<std::string> (*)(std::string_view stored,
                                                      std::string_view asked);

namespace detail {

constexpr std::string_view descriptor_marks = "(,)";

/// The word of a descriptor around a place in it: from one of ( , ) to the next.
inline std::string word_at(std::string_view descriptor, std::size_t at) {
  const std::size_t before =
      at == 0 ? std::string_view::npos : descriptor.find_last_of(descriptor_marks, at - 1);
  const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view word =
      descriptor.substr(first, descriptor.find_first_of(descriptor_marks, at) - first);
  return word.empty() ? "nothing more" : std::string(word);
}

}  // namespace detail

/// The rule of most formats, that the two are equal: "stored u32, asked u64".
inline std::optional<std::string> first_differing_word(std::string_view stored,
                                                       std::string_view asked) {
  if (stored == asked) return {};
  const auto ends = std::mismatch(stored.begin(), stored.end(), asked.begin(), asked.end());
  const auto at = static_cast<std::size_t>(ends.first - stored.begin());
  return "stored " + detail::word_at(stored, at) + ", asked " + detail::word_at(asked, at);
}

/// The rule that a format has.
template <class Format>
constexpr DescriptorRule descriptor_rule() {
  if constexpr (JudgesDescriptors<Format>) {
    return &Format::descriptor_difference;
  } else {
    return &first_differing_word;
  }
}

/// A descriptor for people: words longer than any name, such as a whole schema, by their beginning.
inline std::string shortened_descriptor(std::string_view descriptor) {
  constexpr std::size_t longest = 80;
  constexpr std::size_t shown = 20;
  std::string text;
  while (!descriptor.empty()) {
    const std::size_t end =
        std::min(descriptor.find_first_of(detail::descriptor_marks), descriptor.size());
    text.append(descriptor.substr(0, end <= longest ? end : shown));
    if (end > longest) text.append("...");
    text.append(descriptor.substr(end, 1));
    descriptor.remove_prefix(std::min(end + 1, descriptor.size()));
  }
  return text;
}

}  // namespace quire
