#include "tools/plain_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/byte_text.hpp"
#include "tools/scalar.hpp"
#include "tools/shown.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace {

using quire::Bytes;
using quire::ByteString;

struct PlainPart;

/// Invariant: parts lie within the size, and no array has elements without one.
struct PlainType {
  enum class Kind : std::uint8_t { scalar, text, bytes, array, structure };
  Kind kind = Kind::structure;
  std::size_t size = 0;
  Scalar scalar;
  std::vector<PlainPart> parts;  ///< the fields of a struct; the elements of an array have one type
};

struct PlainPart {
  std::string name;
  std::size_t offset = 0;
  PlainType type;
};

using PlainKind = PlainType::Kind;

/// No value is larger.
constexpr std::uint64_t max_plain_size = std::uint64_t{1} << 32;

// ---- From words

std::optional<PlainType> plain_type(const Descriptor& descriptor);

/// The number that follows a mark: 96 of "size=96".
std::optional<std::size_t> number_after(std::string_view mark, const Descriptor& descriptor) {
  const std::string& word = descriptor.word;
  if (!word.starts_with(mark) || !descriptor.arguments.empty()) return {};
  return count_in({.word = {}, .arguments = {{.word = word.substr(mark.size()), .arguments = {}}}});
}

/// "8:code:array(char,8)"
std::optional<PlainPart> plain_part(Descriptor descriptor) {
  const std::string word = descriptor.word;
  const std::size_t first = std::min(word.find(':'), word.size());
  const std::size_t second = word.find(':', first + 1);
  if (second == std::string::npos) return {};
  const auto offset = number_after("", {.word = word.substr(0, first), .arguments = {}});
  descriptor.word.erase(0, second + 1);
  auto type = plain_type(descriptor);
  if (!offset || !type) return {};
  return PlainPart{word.substr(first + 1, second - first - 1), *offset, std::move(*type)};
}

bool add_field(PlainType& type, std::optional<PlainPart> field) {
  if (!field || field->offset > type.size || field->type.size > type.size - field->offset)
    return false;
  const bool is_known =
      std::any_of(type.parts.begin(), type.parts.end(),
                  [&](const PlainPart& part) { return part.name == field->name; });
  type.parts.push_back(std::move(*field));
  return !is_known;
}

/// What comes behind "struct(" and "plain(": perhaps a name, then size, alignment and fields.
std::optional<PlainType> plain_structure(const std::vector<Descriptor>& words) {
  const bool has_name = !words.empty() && !number_after("size=", words.front());
  const std::size_t at = has_name ? 1 : 0;
  if (words.size() < at + 2 || !number_after("align=", words[at + 1])) return {};
  const auto size = number_after("size=", words[at]);
  if (!size || *size > max_plain_size) return {};
  PlainType type{.kind = PlainKind::structure, .size = *size, .scalar = {}, .parts = {}};
  for (std::size_t index = at + 2; index < words.size(); ++index)
    if (!add_field(type, plain_part(words[index]))) return {};
  return type;
}

std::optional<PlainType> plain_array(const Descriptor& descriptor) {
  const auto count = count_in(descriptor);
  auto element = plain_type(descriptor.arguments.front());
  if (!count || !element || element->size == 0 || *count > max_plain_size / element->size)
    return {};
  if (descriptor.arguments.front().word == "char")
    return PlainType{.kind = PlainKind::text, .size = *count, .scalar = {}, .parts = {}};
  PlainType type{
      .kind = PlainKind::array, .size = *count * element->size, .scalar = {}, .parts = {}};
  type.parts.push_back({.name = {}, .offset = 0, .type = std::move(*element)});
  return type;
}

std::optional<PlainType> plain_type(const Descriptor& descriptor) {
  const auto of_kind = [](PlainKind kind, std::size_t size, Scalar scalar = {}) {
    return PlainType{.kind = kind, .size = size, .scalar = scalar, .parts = {}};
  };
  if (const auto scalar = scalar_of(descriptor))
    return of_kind(PlainKind::scalar, scalar->size, *scalar);
  if (descriptor.word == "char") return of_kind(PlainKind::text, 1);
  if (is_bytes(descriptor) && fixed_size(descriptor).value_or(max_plain_size) < max_plain_size)
    return of_kind(PlainKind::bytes, *fixed_size(descriptor));
  if (descriptor.word == "array" && descriptor.arguments.size() == 2)
    return plain_array(descriptor);
  if (descriptor.word == "struct") return plain_structure(descriptor.arguments);
  if (descriptor.word != "plain") return {};
  const auto unknown = plain_structure(descriptor.arguments);
  return unknown ? std::optional(of_kind(PlainKind::bytes, unknown->size)) : std::nullopt;
}

// ---- Shown

/// All of the bytes unless they are a text and zeros.
Json show_filled_text(Bytes stored) {
  const std::string_view all = quire::as_text(stored);
  const std::string_view text = all.substr(0, all.find('\0'));
  const bool is_filled_up = all.find_first_not_of('\0', text.size()) == std::string_view::npos;
  return is_filled_up && is_utf8(text) ? Json(text) : hex_object(stored);
}

std::optional<Json> show_plain(const PlainType& type, Bytes stored);

std::optional<Json> show_elements(const PlainType& element, Bytes stored) {
  Json elements = Json::array();
  for (; !stored.empty(); stored = stored.subspan(element.size)) {
    auto shown = show_plain(element, stored.first(element.size));
    if (!shown) return {};
    elements.push_back(std::move(*shown));
  }
  return elements;
}

std::optional<Json> show_fields(const PlainType& type, Bytes stored) {
  Json object = Json::object();
  for (const PlainPart& field : type.parts) {
    auto shown = show_plain(field.type, stored.subspan(field.offset, field.type.size));
    if (!shown) return {};
    object[field.name] = std::move(*shown);
  }
  return object;
}

/// Needs as many bytes as the type has.
std::optional<Json> show_plain(const PlainType& type, Bytes stored) {
  switch (type.kind) {
    case PlainKind::scalar: return show_scalar(type.scalar, load_bits(stored, ByteOrder::little));
    case PlainKind::text: return show_filled_text(stored);
    case PlainKind::bytes: return show_bytes(stored);
    case PlainKind::array: return show_elements(type.parts.front().type, stored);
    case PlainKind::structure: break;
  }
  return show_fields(type, stored);
}

// ---- Written

Failure no_such_plain(const Json& typed, std::string_view wanted) {
  return trouble(ExitStatus::usage, fmt::format("{} is no {}", to_text(typed), wanted));
}

/// The trouble of a part, after where that is.
Done in_part(std::string_view where, Done written) {
  if (written) return written;
  return trouble(written.error().status, fmt::format("{}: {}", where, written.error().message));
}

Done fill_plain(quire::MutableBytes target, const PlainType& type, const Json& typed);

Done fill_scalar(quire::MutableBytes target, Scalar scalar, const Json& typed) {
  const auto bits = read_scalar(scalar, bare_text(typed));
  if (!bits) return no_such_plain(typed, "value of this field: write " + how_to_write(scalar));
  ByteString bytes;
  append_bits(bytes, *bits, scalar.size, ByteOrder::little);
  quire::copy_bytes(target.data(), bytes);
  return {};
}

Done fill_text(quire::MutableBytes target, const Json& typed) {
  const auto text = bytes_from_json(typed);
  if (!text || text->size() > target.size())
    return no_such_plain(typed, fmt::format("text of at most {} bytes", target.size()));
  quire::copy_bytes(target.data(), quire::as_bytes(*text));
  return {};
}

Done fill_bytes(quire::MutableBytes target, const Json& typed) {
  const auto bytes = from_hex(bare_text(typed));
  if (!bytes || bytes->size() != target.size())
    return no_such_plain(typed, fmt::format("{} bytes in hexadecimal digits", target.size()));
  quire::copy_bytes(target.data(), *bytes);
  return {};
}

Done fill_elements(quire::MutableBytes target, const PlainType& element, const Json& typed) {
  const std::size_t count = target.size() / element.size;
  if (!typed.is_array() || typed.size() != count)
    return no_such_plain(typed, fmt::format("JSON array of {} elements", count));
  for (std::size_t index = 0; index < count; ++index) {
    const auto place = target.subspan(index * element.size, element.size);
    auto filled = in_part(fmt::format("[{}]", index), fill_plain(place, element, typed[index]));
    if (!filled) return filled;
  }
  return {};
}

Done fill_fields(quire::MutableBytes target, const PlainType& type, const Json& typed) {
  const bool has_fields =
      typed.is_object() && typed.size() == type.parts.size() &&
      std::all_of(type.parts.begin(), type.parts.end(),
                  [&](const PlainPart& field) { return typed.contains(field.name); });
  if (!has_fields) {
    std::string names;
    for (const PlainPart& field : type.parts) names += (names.empty() ? "" : ", ") + field.name;
    return no_such_plain(typed, "JSON object of the fields " + names);
  }
  for (const PlainPart& field : type.parts) {
    const auto place = target.subspan(field.offset, field.type.size);
    auto filled = in_part(field.name, fill_plain(place, field.type, typed[field.name]));
    if (!filled) return filled;
  }
  return {};
}

/// Needs as many bytes as the type has, all zero.
Done fill_plain(quire::MutableBytes target, const PlainType& type, const Json& typed) {
  switch (type.kind) {
    case PlainKind::scalar: return fill_scalar(target, type.scalar, typed);
    case PlainKind::text: return fill_text(target, typed);
    case PlainKind::bytes: return fill_bytes(target, typed);
    case PlainKind::array: return fill_elements(target, type.parts.front().type, typed);
    case PlainKind::structure: break;
  }
  return fill_fields(target, type, typed);
}

class PlainCode : public TypedCode {
 public:
  explicit PlainCode(PlainType type) : type_(std::move(type)) {}

  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    if (stored.size() != type_.size) return {};
    return show_plain(type_, stored);
  }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    ByteString bytes(type_.size, std::byte());
    if (auto filled = fill_plain(bytes, type_, typed); !filled) return pass_on(filled);
    return bytes;
  }
  [[nodiscard]] Outcome<Json> parse(std::string_view text) const override {
    return json_or_text(text);
  }

 private:
  PlainType type_;
};

}  // namespace

std::shared_ptr<const TypedCode> plain_code_of(const Descriptor& descriptor) {
  auto type = plain_structure(descriptor.arguments);
  if (!type || type->parts.empty()) return nullptr;
  return std::make_shared<PlainCode>(std::move(*type));
}

}  // namespace kvtool
