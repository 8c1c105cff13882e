#include "tools/descriptor.hpp"

#include <algorithm>
#include <utility>

namespace kvtool {
namespace {

constexpr int max_depth = 32;

std::optional<Descriptor> take_descriptor(std::string_view& rest, int depth);

/// Whether rest began with that character, which is then taken off.
bool take(std::string_view& rest, char expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<std::vector<Descriptor>> take_arguments(std::string_view& rest, int depth) {
  std::vector<Descriptor> arguments;
  do {
    auto argument = take_descriptor(rest, depth);
    if (!argument) return {};
    arguments.push_back(std::move(*argument));
  } while (take(rest, ','));
  if (!take(rest, ')')) return {};
  return arguments;
}

std::optional<Descriptor> take_descriptor(std::string_view& rest, int depth) {
  const std::size_t end = std::min(rest.find_first_of("(,)"), rest.size());
  if (end == 0 || depth > max_depth) return {};
  Descriptor descriptor{.word = std::string(rest.substr(0, end)), .arguments = {}};
  rest.remove_prefix(end);
  if (!take(rest, '(')) return descriptor;
  auto arguments = take_arguments(rest, depth + 1);
  if (!arguments) return {};
  descriptor.arguments = std::move(*arguments);
  return descriptor;
}

}  // namespace

std::optional<Descriptor> parse_descriptor(std::string_view text) {
  auto descriptor = take_descriptor(text, 0);
  if (!text.empty()) return {};
  return descriptor;
}

std::string text_of(const Descriptor& descriptor) {
  std::string text = descriptor.word;
  char mark = '(';
  for (const Descriptor& argument : descriptor.arguments) {
    text += std::exchange(mark, ',') + text_of(argument);
  }
  return mark == '(' ? text : text + ")";
}

}  // namespace kvtool
