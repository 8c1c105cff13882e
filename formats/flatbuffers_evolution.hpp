// FlatBuffers evolution: which tables may be opened with a schema that is not the stored one.
//
// By FlatBuffers' own rules an old value is a good one of a schema that only adds to the old: new
// fields that are not required, new values of enums, new members of unions, new definitions.
// Structs stay as they are. Deprecating a field changes no descriptor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quire/formats/descriptor.hpp"

namespace quire::detail {

/// The arguments of "name(argument,...)", which may have arguments themselves.
inline std::vector<std::string_view> arguments_of(std::string_view text) {
  std::vector<std::string_view> arguments;
  std::size_t first = text.find('(') + 1;
  if (first == 0) return arguments;
  int depth = 0;
  for (std::size_t at = first; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    const bool ends = depth == 0 && (text[at] == ',' || text[at] == ')');
    if (text[at] == ')') --depth;
    if (!ends) continue;
    arguments.push_back(text.substr(first, at - first));
    first = at + 1;
  }
  return arguments;
}

/// A table, struct, enum or union: what it is called, and the words that say what is in it.
struct FlatbuffersDefinition {
  explicit FlatbuffersDefinition(std::string_view text)
      : kind(text.substr(0, text.find('('))), words(arguments_of(text)) {
    if (words.empty()) return;
    name = words.front();
    words.erase(words.begin());
  }

  /// "2" of "2:hp:i16", "size" of "size=12": what stands for the same thing in another definition.
  static std::string_view id_of(std::string_view word) {
    return word.substr(0, word.find_first_of(":="));
  }

  [[nodiscard]] std::string_view word_of_id(std::string_view id) const {
    const auto found = std::ranges::find(words, id, id_of);
    return found == words.end() ? "nothing" : *found;
  }

  std::string_view kind;
  std::string_view name;
  std::vector<std::string_view> words;
};

inline std::string stored_and_asked(std::string_view stored, std::string_view asked) {
  return "stored " + std::string(stored) + ", asked " + std::string(asked);
}

/// Where asked is more, or less, than stored with additions.
inline std::optional<std::string> first_difference(const FlatbuffersDefinition& stored,
                                                   const FlatbuffersDefinition& asked) {
  using Definition = FlatbuffersDefinition;
  const auto in_definition = [&](std::string_view was, std::string_view is) {
    return "in " + std::string(stored.name) + " " + stored_and_asked(was, is);
  };
  for (const std::string_view word : stored.words) {
    const std::string_view now = asked.word_of_id(Definition::id_of(word));
    if (now != word) return in_definition(word, now);
  }
  for (const std::string_view word : asked.words) {
    const bool is_added = stored.word_of_id(Definition::id_of(word)) == "nothing";
    if (is_added && (stored.kind == "struct" || word.ends_with(":required")))
      return in_definition("nothing", word);
  }
  return {};
}

inline std::vector<FlatbuffersDefinition> definitions_of(
    const std::vector<std::string_view>& arguments) {
  std::vector<FlatbuffersDefinition> definitions;
  for (const std::string_view argument : arguments) {
    if (argument.ends_with(')')) definitions.emplace_back(argument);
  }
  return definitions;
}

/// The rule of FlatbuffersFormat. The schema after bfbs: is not compared.
inline std::optional<std::string> flatbuffers_difference(std::string_view stored,
                                                         std::string_view asked) {
  constexpr std::string_view start = "flatbuffers(";
  if (stored == asked) return {};
  if (!stored.starts_with(start) || !asked.starts_with(start))
    return first_differing_word(stored, asked);
  const auto stored_arguments = arguments_of(stored);
  const auto asked_arguments = arguments_of(asked);
  if (stored_arguments.empty() || asked_arguments.empty() ||
      stored_arguments.front() != asked_arguments.front())
    return first_differing_word(stored, asked);
  const auto asked_definitions = definitions_of(asked_arguments);
  const auto stored_definitions = definitions_of(stored_arguments);
  if (stored_definitions.empty() != asked_definitions.empty()) {
    constexpr std::string_view names[] = {"a schema", "no schema"};
    return stored_and_asked(names[stored_definitions.empty() ? 1 : 0],
                            names[asked_definitions.empty() ? 1 : 0]);
  }
  for (const FlatbuffersDefinition& definition : stored_definitions) {
    const auto found = std::ranges::find_if(asked_definitions, [&](const auto& other) {
      return other.kind == definition.kind && other.name == definition.name;
    });
    if (found == asked_definitions.end()) {
      return stored_and_asked(std::string(definition.kind) + " " + std::string(definition.name),
                              "none of that name");
    }
    if (auto difference = first_difference(definition, *found)) return difference;
  }
  return {};
}

}  // namespace quire::detail
