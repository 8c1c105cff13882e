#include "tools/key_code.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "quire/formats/uuid.hpp"
#include "tools/byte_text.hpp"
#include "tools/scalar.hpp"
#include "tools/typed_parts.hpp"
#include "tools/wide_number.hpp"

namespace kvtool {
namespace {

using quire::Bytes;
using quire::ByteString;

constexpr std::byte zero{0x00};
constexpr std::byte escape_zero{0xFF};  ///< after a zero: the zero is one of the content
constexpr std::byte escape_end{0x00};   ///< after a zero: the content has ended
constexpr std::byte none_follows{0x00};
constexpr std::byte one_follows{0x01};

constexpr Scalar count_of_time{.kind = Scalar::Kind::with_sign, .size = 8};
constexpr std::size_t wide_size = 16;

struct Field {
  std::string name;  ///< none in a tuple
  Descriptor descriptor;
};

bool is_struct(const Descriptor& descriptor) {
  return descriptor.word == "struct" && descriptor.arguments.size() > 1;
}
bool is_wide(const Descriptor& descriptor) {
  return descriptor.word == "u128" || descriptor.word == "i128";
}
bool is_time(const Descriptor& descriptor) {
  return descriptor.word == "time" || descriptor.word == "duration";
}
bool is_list(const Descriptor& descriptor) {
  return descriptor.word == "list" && descriptor.arguments.size() == 1;
}
bool is_optional(const Descriptor& descriptor) {
  return descriptor.word == "optional" && descriptor.arguments.size() == 1;
}
bool is_array(const Descriptor& descriptor) {
  return descriptor.word == "array" && descriptor.arguments.size() == 2 && count_in(descriptor);
}
bool is_descending(const Descriptor& descriptor) {
  return descriptor.word == "desc" && descriptor.arguments.size() == 1;
}

/// Those of a tuple or a struct.
std::vector<Field> fields_of(const Descriptor& descriptor) {
  std::vector<Field> fields;
  const bool is_named = is_struct(descriptor);
  for (std::size_t index = is_named ? 1 : 0; index < descriptor.arguments.size(); ++index) {
    Field field{.name = {}, .descriptor = descriptor.arguments[index]};
    if (is_named) {
      const std::size_t colon =
          std::min(field.descriptor.word.find(':'), field.descriptor.word.size());
      field.name = field.descriptor.word.substr(0, colon);
      field.descriptor.word.erase(0, colon + 1);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Place place_of(bool is_last, Place whole) { return is_last ? whole : Place::inner; }

// ---- Numbers: their bits so that they sort

std::uint64_t flip_for_order(Scalar scalar, std::uint64_t bits) {
  const std::uint64_t mask = scalar.top_bit() | (scalar.top_bit() - 1);
  if (scalar.kind == Scalar::Kind::with_sign) return bits ^ scalar.top_bit();
  if (scalar.kind != Scalar::Kind::floating) return bits;
  return (bits & scalar.top_bit()) != 0 ? ~bits & mask : bits ^ scalar.top_bit();
}
std::uint64_t flip_back(Scalar scalar, std::uint64_t bits) {
  const std::uint64_t mask = scalar.top_bit() | (scalar.top_bit() - 1);
  if (scalar.kind != Scalar::Kind::floating) return flip_for_order(scalar, bits);
  return (bits & scalar.top_bit()) != 0 ? bits ^ scalar.top_bit() : ~bits & mask;
}
WideNumber flip_wide(const Descriptor& descriptor, WideNumber number) {
  return descriptor.word == "i128" ? number ^ (WideNumber{1} << 127) : number;
}

std::optional<Json> take_scalar(Scalar scalar, Bytes& rest) {
  if (rest.size() < scalar.size) return {};
  const std::uint64_t bits = load_bits(rest.first(scalar.size), ByteOrder::big);
  rest = rest.subspan(scalar.size);
  return show_scalar(scalar, flip_back(scalar, bits));
}
std::optional<Json> take_wide(const Descriptor& descriptor, Bytes& rest) {
  if (rest.size() < wide_size) return {};
  WideNumber number = 0;
  for (const std::byte byte : rest.first(wide_size))
    number = number << 8 | std::to_integer<unsigned>(byte);
  rest = rest.subspan(wide_size);
  return to_digits(flip_wide(descriptor, number), descriptor.word == "i128");
}
Done append_wide(ByteString& target, const Descriptor& descriptor, const Json& typed) {
  const auto number = from_digits(bare_text(typed), 128, descriptor.word == "i128");
  if (!number) return no_such(descriptor, typed);
  const WideNumber flipped = flip_wide(descriptor, *number);
  for (unsigned shift = 128; shift != 0; shift -= 8)
    target.push_back(static_cast<std::byte>(flipped >> (shift - 8) & 0xFF));
  return {};
}

std::optional<Json> take_uuid(Bytes& rest) {
  quire::Uuid uuid;
  if (rest.size() < quire::Uuid::size) return {};
  std::copy_n(rest.begin(), quire::Uuid::size, uuid.bytes.begin());
  rest = rest.subspan(quire::Uuid::size);
  return uuid.to_string();
}

// ---- Strings and bytes

/// Takes content with its end off the front of rest; nothing when it has none.
std::optional<ByteString> take_escaped(Bytes& rest) {
  ByteString content;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    content.push_back(rest[at]);
    if (rest[at] != zero) continue;
    if (++at == rest.size()) return {};
    if (rest[at] == escape_end) {
      content.pop_back();
      rest = rest.subspan(at + 1);
      return content;
    }
    if (rest[at] != escape_zero) return {};
  }
  return {};
}

std::optional<Json> take_content(const Descriptor& descriptor, Bytes& rest, Place place) {
  std::optional<ByteString> content;
  if (const auto size = fixed_size(descriptor)) {
    if (rest.size() < *size) return {};
    content = copy_of(rest.first(*size));
    rest = rest.subspan(*size);
  } else if (place == Place::inner) {
    content = take_escaped(rest);
  } else {
    content = copy_of(std::exchange(rest, {}));
  }
  if (!content) return {};
  return is_text(descriptor) ? show_text(*content) : show_bytes(*content);
}
Done append_content(ByteString& target, const Descriptor& descriptor, const Json& typed,
                    Place place) {
  const auto content = content_of(descriptor, typed);
  if (!content) return no_such(descriptor, typed);
  if (place == Place::last || fixed_size(descriptor)) {
    target.insert(target.end(), content->begin(), content->end());
    return {};
  }
  append_escaped(target, *content);
  target.push_back(zero);
  target.push_back(escape_end);
  return {};
}

// ---- What has parts

/// Whether one follows; nothing when the marker is none.
std::optional<bool> take_marker(Bytes& rest) {
  if (rest.empty() || rest.front() > one_follows) return {};
  const bool follows = rest.front() == one_follows;
  rest = rest.subspan(1);
  return follows;
}

std::optional<Json> take_fields(const Descriptor& descriptor, Bytes& rest, Place place) {
  const std::vector<Field> fields = fields_of(descriptor);
  Json all = is_struct(descriptor) ? Json::object() : Json::array();
  for (const Field& field : fields) {
    auto taken = take_key(field.descriptor, rest, place_of(&field == &fields.back(), place));
    if (!taken) return {};
    if (is_struct(descriptor))
      all[field.name] = std::move(*taken);
    else
      all.push_back(std::move(*taken));
  }
  return all;
}
std::optional<Json> take_array(const Descriptor& descriptor, Bytes& rest, Place place) {
  const std::size_t count = count_in(descriptor).value_or(0);
  Json all = Json::array();
  for (std::size_t index = 0; index < count; ++index) {
    auto taken = take_key(descriptor.arguments.front(), rest, place_of(index + 1 == count, place));
    if (!taken) return {};
    all.push_back(std::move(*taken));
  }
  return all;
}
std::optional<Json> take_list(const Descriptor& descriptor, Bytes& rest) {
  Json all = Json::array();
  auto follows = take_marker(rest);
  for (; follows && *follows; follows = take_marker(rest)) {
    auto taken = take_key(descriptor.arguments.front(), rest, Place::inner);
    if (!taken) return {};
    all.push_back(std::move(*taken));
  }
  return follows ? std::optional(std::move(all)) : std::nullopt;
}
std::optional<Json> take_optional(const Descriptor& descriptor, Bytes& rest, Place place) {
  const Descriptor& inner = descriptor.arguments.front();
  const auto follows = take_marker(rest);
  if (!follows) return {};
  if (!*follows) return Json();
  auto taken = take_key(inner, rest, place);
  if (!taken || !is_optional(inner)) return taken;
  return Json{{"some", std::move(*taken)}};
}
/// Every bit is flipped, also of what follows, which is not looked at.
std::optional<Json> take_descending(const Descriptor& descriptor, Bytes& rest) {
  ByteString flipped = copy_of(rest);
  for (std::byte& byte : flipped) byte = ~byte;
  Bytes unread = flipped;
  auto taken = take_key(descriptor.arguments.front(), unread, Place::inner);
  rest = rest.last(unread.size());
  return taken;
}

/// A member of an object, or null when there is none.
const Json* member(const Json& object, const std::string& name) {
  return object.contains(name) ? &object[name] : nullptr;
}

Done append_fields(ByteString& target, const Descriptor& descriptor, const Json& typed,
                   Place place) {
  const std::vector<Field> fields = fields_of(descriptor);
  const bool is_named = is_struct(descriptor);
  const bool has_shape = is_named ? typed.is_object() : typed.is_array();
  if (!has_shape || typed.size() != fields.size()) return no_such(descriptor, typed);
  for (std::size_t index = 0; index < fields.size(); ++index) {
    const Field& field = fields[index];
    const Json* const part = is_named ? member(typed, field.name) : &typed[index];
    if (part == nullptr) return no_such(descriptor, typed);
    const bool is_last = index + 1 == fields.size();
    if (auto done = append_key(target, field.descriptor, *part, place_of(is_last, place)); !done)
      return done;
  }
  return {};
}
Done append_elements(ByteString& target, const Descriptor& descriptor, const Json& typed,
                     Place place) {
  const bool has_markers = is_list(descriptor);
  if (!typed.is_array() || (!has_markers && typed.size() != count_in(descriptor)))
    return no_such(descriptor, typed);
  for (std::size_t index = 0; index < typed.size(); ++index) {
    if (has_markers) target.push_back(one_follows);
    const Place its_place = has_markers ? Place::inner : place_of(index + 1 == typed.size(), place);
    auto done = append_key(target, descriptor.arguments.front(), typed[index], its_place);
    if (!done) return done;
  }
  if (has_markers) target.push_back(none_follows);
  return {};
}
Done append_optional(ByteString& target, const Descriptor& descriptor, const Json& typed,
                     Place place) {
  target.push_back(typed.is_null() ? none_follows : one_follows);
  if (typed.is_null()) return {};
  const Descriptor& inner = descriptor.arguments.front();
  if (!is_optional(inner)) return append_key(target, inner, typed, place);
  const Json* const some = typed.is_object() ? member(typed, "some") : nullptr;
  return some == nullptr ? no_such(descriptor, typed) : append_key(target, inner, *some, place);
}
Done append_descending(ByteString& target, const Descriptor& descriptor, const Json& typed) {
  const auto start = static_cast<std::ptrdiff_t>(target.size());
  auto done = append_key(target, descriptor.arguments.front(), typed, Place::inner);
  std::for_each(target.begin() + start, target.end(), [](std::byte& byte) { byte = ~byte; });
  return done;
}

}  // namespace

void append_escaped(ByteString& target, Bytes content) {
  for (const std::byte byte : content) {
    target.push_back(byte);
    if (byte == zero) target.push_back(escape_zero);
  }
}

bool is_key_of_parts(const Descriptor& descriptor) {
  return is_tuple(descriptor) || is_struct(descriptor) || is_array(descriptor) ||
         is_list(descriptor) || is_optional(descriptor) || is_descending(descriptor);
}

bool has_key_code(const Descriptor& descriptor) {
  if (is_tuple(descriptor) || is_struct(descriptor)) {
    const std::vector<Field> fields = fields_of(descriptor);
    return std::all_of(fields.begin(), fields.end(),
                       [](const Field& field) { return has_key_code(field.descriptor); });
  }
  if (is_key_of_parts(descriptor)) return has_key_code(descriptor.arguments.front());
  if (is_bytes(descriptor)) return descriptor.arguments.empty() || fixed_size(descriptor);
  return scalar_of(descriptor) || is_text(descriptor) || is_wide(descriptor) ||
         is_time(descriptor) || descriptor.word == "uuid";
}

std::optional<Json> take_key(const Descriptor& descriptor, Bytes& rest, Place place) {
  if (is_tuple(descriptor) || is_struct(descriptor)) return take_fields(descriptor, rest, place);
  if (is_array(descriptor)) return take_array(descriptor, rest, place);
  if (is_list(descriptor)) return take_list(descriptor, rest);
  if (is_optional(descriptor)) return take_optional(descriptor, rest, place);
  if (is_descending(descriptor)) return take_descending(descriptor, rest);
  if (is_wide(descriptor)) return take_wide(descriptor, rest);
  if (is_time(descriptor)) return take_scalar(count_of_time, rest);
  if (descriptor.word == "uuid") return take_uuid(rest);
  if (const auto scalar = scalar_of(descriptor)) return take_scalar(*scalar, rest);
  return take_content(descriptor, rest, place);
}

Done append_key(ByteString& target, const Descriptor& descriptor, const Json& typed, Place place) {
  if (is_tuple(descriptor) || is_struct(descriptor))
    return append_fields(target, descriptor, typed, place);
  if (is_array(descriptor) || is_list(descriptor))
    return append_elements(target, descriptor, typed, place);
  if (is_optional(descriptor)) return append_optional(target, descriptor, typed, place);
  if (is_descending(descriptor)) return append_descending(target, descriptor, typed);
  if (is_wide(descriptor)) return append_wide(target, descriptor, typed);
  if (descriptor.word == "uuid") {
    const auto uuid = quire::Uuid::parse(bare_text(typed));
    if (!uuid) return no_such(descriptor, typed);
    target.insert(target.end(), uuid->bytes.begin(), uuid->bytes.end());
    return {};
  }
  const auto scalar = is_time(descriptor) ? std::optional(count_of_time) : scalar_of(descriptor);
  if (!scalar) return append_content(target, descriptor, typed, place);
  const auto bits = read_scalar(*scalar, bare_text(typed));
  if (!bits) return no_such(descriptor, typed);
  append_bits(target, flip_for_order(*scalar, *bits), scalar->size, ByteOrder::big);
  return {};
}

}  // namespace kvtool
