// Schema mismatch: what the file says of a table against what the program asked for.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "quire/engine/engine.hpp"

namespace quire {

namespace detail {

/// The word of a descriptor around a place in it: from one of ( , ) to the next.
inline std::string word_at(std::string_view descriptor, std::size_t at) {
  constexpr std::string_view marks = "(,)";
  const std::size_t before =
      at == 0 ? std::string_view::npos : descriptor.find_last_of(marks, at - 1);
  const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view word =
      descriptor.substr(first, descriptor.find_first_of(marks, at) - first);
  return word.empty() ? "nothing more" : std::string(word);
}

/// "key, u32 against u64": where two descriptors first differ; nothing when they do not.
inline std::optional<std::string> first_difference(std::string_view of, std::string_view stored,
                                                   std::string_view asked) {
  if (stored == asked) return {};
  const auto ends = std::mismatch(stored.begin(), stored.end(), asked.begin(), asked.end());
  const auto at = static_cast<std::size_t>(ends.first - stored.begin());
  return std::string(of) + ", stored " + word_at(stored, at) + ", asked " + word_at(asked, at);
}

inline std::optional<std::string> first_difference(const TableInfo& stored,
                                                   const TableSpec& asked) {
  auto of_key = first_difference("key", stored.key_descriptor, asked.key_descriptor);
  if (of_key) return of_key;
  auto of_value = first_difference("value", stored.value_descriptor, asked.value_descriptor);
  if (of_value || stored.root.alignment() >= asked.value_alignment) return of_value;
  return "value alignment, stored " + std::to_string(stored.root.alignment()) + ", asked " +
         std::to_string(asked.value_alignment);
}

}  // namespace detail

/// Whether a table may be opened with these formats: type_mismatch, with both schemas and where
/// they first differ in the detail.
inline Status check_schema(const TableInfo& stored, const TableSpec& asked) {
  const auto difference = detail::first_difference(stored, asked);
  if (!difference) return {};
  return fail(Error(ErrorCode::type_mismatch)
                  .with_detail("table \"" + stored.name + "\"; stored: key " +
                               stored.key_descriptor + ", value " + stored.value_descriptor +
                               "; asked: key " + asked.key_descriptor + ", value " +
                               asked.value_descriptor + "; first difference: " + *difference));
}

}  // namespace quire
