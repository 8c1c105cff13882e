#include "tools/typed_parts.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tools/byte_text.hpp"
#include "tools/scalar.hpp"
#include "tools/shown.hpp"

namespace kvtool {

using quire::Bytes;
using quire::ByteString;

bool is_tuple(const Descriptor& descriptor) {
  return descriptor.word == "tuple" && !descriptor.arguments.empty();
}
bool is_text(const Descriptor& descriptor) {
  return (descriptor.word == "string" || descriptor.word == "text") && descriptor.arguments.empty();
}
bool is_bytes(const Descriptor& descriptor) { return descriptor.word == "bytes"; }

std::optional<std::size_t> count_in(const Descriptor& descriptor) {
  if (descriptor.arguments.empty()) return {};
  const std::string& word = descriptor.arguments.back().word;
  std::size_t count = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data(), end, count);
  if (failure != std::errc{} || stop != end) return {};
  return count;
}

std::optional<std::size_t> fixed_size(const Descriptor& descriptor) {
  return descriptor.arguments.size() == 1 ? count_in(descriptor) : std::nullopt;
}

Json show_text(Bytes content) { return bytes_to_json(quire::as_text(content)); }
Json show_bytes(Bytes content) { return "0x" + to_hex(content); }

Json json_or_text(std::string_view text) { return parse_json(text).value_or(Json(text)); }

std::string bare_text(const Json& typed) {
  return typed.is_string() ? typed.get<std::string>() : to_text(typed);
}

Failure no_such(const Descriptor& descriptor, const Json& typed) {
  std::string wanted = descriptor.word;
  if (is_bytes(descriptor)) wanted = "bytes in hexadecimal digits";
  if (is_bytes(descriptor) && fixed_size(descriptor)) {
    wanted = fmt::format("{} {}", *fixed_size(descriptor), wanted);
  }
  if (is_tuple(descriptor)) {
    wanted = fmt::format("JSON array of {} fields", descriptor.arguments.size());
  }
  if (const auto scalar = scalar_of(descriptor)) wanted += ": write " + how_to_write(*scalar);
  return trouble(ExitStatus::usage, fmt::format("{} is no {}", to_text(typed), wanted));
}

std::optional<ByteString> content_of(const Descriptor& descriptor, const Json& typed) {
  if (typed.is_object() && typed.size() == 1 && typed.contains("hex") && typed["hex"].is_string()) {
    return from_hex(typed["hex"].get<std::string>());
  }
  if (!typed.is_string()) return {};
  const auto text = typed.get<std::string>();
  if (is_text(descriptor)) return copy_of(quire::as_bytes(text));
  auto bytes = from_hex(text);
  const auto size = fixed_size(descriptor);
  if (size && bytes && bytes->size() != *size) return {};
  return bytes;
}

std::optional<ByteString> content_of_beginning(const Descriptor& descriptor,
                                               std::string_view text) {
  if (is_text(descriptor)) return copy_of(quire::as_bytes(text));
  return from_hex(text);
}

}  // namespace kvtool
