#include "tools/typed_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <utility>

#include "quire/formats/rkyv/check.hpp"
#include "tools/archive_json.hpp"
#include "tools/byte_text.hpp"
#include "tools/scalar.hpp"
#include "tools/shown.hpp"

namespace kvtool {
namespace {

/// Whether other fields follow in the key.
enum class Place : std::uint8_t { inner, last };

constexpr std::byte zero{0x00};
constexpr std::byte escape_zero{0xFF};  ///< after a zero: the zero is one of the content
constexpr std::byte escape_end{0x00};   ///< after a zero: the content has ended

bool is_tuple(const Descriptor& descriptor) {
  return descriptor.word == "tuple" && !descriptor.arguments.empty();
}
bool is_text(const Descriptor& descriptor) {
  return (descriptor.word == "string" || descriptor.word == "text") && descriptor.arguments.empty();
}
bool is_empty(const Descriptor& descriptor) {
  return descriptor.word == "empty" && descriptor.arguments.empty();
}
bool is_bytes(const Descriptor& descriptor) { return descriptor.word == "bytes"; }

/// The N of bytes(N); nothing for bytes of any length.
std::optional<std::size_t> fixed_size(const Descriptor& descriptor) {
  if (descriptor.arguments.size() != 1) return {};
  const std::string& word = descriptor.arguments.front().word;
  std::size_t size = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data(), end, size);
  if (failure != std::errc{} || stop != end) return {};
  return size;
}

Json show_text(Bytes content) { return bytes_to_json(quire::as_text(content)); }
Json show_bytes(Bytes content) { return "0x" + to_hex(content); }

/// As a person would have written it: a JSON string without its quotes, else the JSON.
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

/// The bytes of a string or of bytes, as typed; nothing when it is none.
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

// ---- Keys

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

void append_escaped(ByteString& target, Bytes content) {
  for (const std::byte byte : content) {
    target.push_back(byte);
    if (byte == zero) target.push_back(escape_zero);
  }
}

std::optional<ByteString> take_content(const Descriptor& descriptor, Bytes& rest, Place place) {
  if (const auto size = fixed_size(descriptor)) {
    if (rest.size() < *size) return {};
    ByteString content = copy_of(rest.first(*size));
    rest = rest.subspan(*size);
    return content;
  }
  if (place == Place::inner) return take_escaped(rest);
  return copy_of(std::exchange(rest, {}));
}

/// Signed integers have their top bit flipped in a key, so that negative ones come first.
std::uint64_t flip_for_order(Scalar scalar, std::uint64_t bits) {
  return scalar.kind == Scalar::Kind::with_sign ? bits ^ scalar.top_bit() : bits;
}

std::optional<Json> take_key(const Descriptor& descriptor, Bytes& rest, Place place) {
  if (is_tuple(descriptor)) {
    Json fields = Json::array();
    for (const Descriptor& field : descriptor.arguments) {
      const bool is_last = &field == &descriptor.arguments.back();
      auto taken = take_key(field, rest, is_last ? place : Place::inner);
      if (!taken) return {};
      fields.push_back(std::move(*taken));
    }
    return fields;
  }
  if (const auto scalar = scalar_of(descriptor)) {
    if (rest.size() < scalar->size) return {};
    const std::uint64_t bits = load_bits(rest.first(scalar->size), ByteOrder::big);
    rest = rest.subspan(scalar->size);
    return show_scalar(*scalar, flip_for_order(*scalar, bits));
  }
  const auto content = take_content(descriptor, rest, place);
  if (!content) return {};
  return is_text(descriptor) ? show_text(*content) : show_bytes(*content);
}

Done append_key(ByteString& target, const Descriptor& descriptor, const Json& typed, Place place) {
  if (is_tuple(descriptor)) {
    if (!typed.is_array() || typed.size() != descriptor.arguments.size()) {
      return no_such(descriptor, typed);
    }
    for (std::size_t index = 0; index < typed.size(); ++index) {
      const bool is_last = index + 1 == typed.size();
      auto appended = append_key(target, descriptor.arguments[index], typed[index],
                                 is_last ? place : Place::inner);
      if (!appended) return appended;
    }
    return {};
  }
  if (const auto scalar = scalar_of(descriptor)) {
    const auto bits = read_scalar(*scalar, bare_text(typed));
    if (!bits) return no_such(descriptor, typed);
    append_bits(target, flip_for_order(*scalar, *bits), scalar->size, ByteOrder::big);
    return {};
  }
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

bool has_key_code(const Descriptor& descriptor) {
  if (is_tuple(descriptor)) {
    return std::all_of(descriptor.arguments.begin(), descriptor.arguments.end(), has_key_code);
  }
  if (is_bytes(descriptor)) return descriptor.arguments.empty() || fixed_size(descriptor);
  const auto scalar = scalar_of(descriptor);
  if (scalar) return scalar->kind != Scalar::Kind::floating;
  return is_text(descriptor);
}

/// What tuples begin with whose first field begins with this text.
Outcome<ByteString> encode_beginning(const Descriptor& tuple, std::string_view text) {
  const Descriptor& first = tuple.arguments.front();
  const auto content = is_text(first) || is_bytes(first) ? content_of_beginning(first, text)
                                                         : std::optional<ByteString>();
  if (!content) return no_such(tuple, Json(text));
  if (tuple.arguments.size() == 1 || fixed_size(first)) return *content;
  ByteString prefix;
  append_escaped(prefix, *content);
  return prefix;
}

// ---- Values

/// The scalar of plain(u32) or plain(enum(Color,u8)).
std::optional<Scalar> plain_scalar(const Descriptor& descriptor) {
  if (descriptor.word != "plain" || descriptor.arguments.size() != 1) return {};
  return scalar_of(descriptor.arguments.front());
}

/// The schema of rkyv(...); null for other descriptors. Parsed once for each.
std::shared_ptr<const quire::rkyv::Schema> archive_schema(const Descriptor& descriptor) {
  if (descriptor.word != "rkyv" || descriptor.arguments.size() != 1) return nullptr;
  thread_local std::map<std::string, std::shared_ptr<const quire::rkyv::Schema>> known;
  const std::string text = text_of(descriptor.arguments.front());
  const auto [found, is_new] = known.try_emplace(text);
  if (is_new) found->second = quire::rkyv::Schema::parse(text).value_or(nullptr);
  return found->second;
}

std::optional<Json> decode_value(const Descriptor& descriptor, Bytes stored) {
  if (const auto schema = archive_schema(descriptor)) {
    if (!quire::rkyv::check(*schema, stored)) return {};
    return read_archive(*schema, stored);
  }
  if (is_text(descriptor)) return show_text(stored);
  if (is_empty(descriptor)) return stored.empty() ? std::optional(Json()) : std::nullopt;
  const auto scalar = plain_scalar(descriptor);
  if (!scalar || stored.size() != scalar->size) return {};
  return show_scalar(*scalar, load_bits(stored, ByteOrder::little));
}

Outcome<ByteString> encode_value(const Descriptor& descriptor, const Json& typed) {
  if (const auto schema = archive_schema(descriptor)) return write_archive(*schema, typed);
  if (is_empty(descriptor)) {
    // NOLINTNEXTLINE(readability-container-size-empty): empty() is of arrays and objects
    if (typed.is_null() || typed == "") return ByteString();
    return trouble(ExitStatus::usage,
                   fmt::format("{} is given as the value, but this table has keys alone: leave "
                               "the value out",
                               to_text(typed)));
  }
  if (const auto scalar = plain_scalar(descriptor)) {
    const auto bits = read_scalar(*scalar, bare_text(typed));
    if (!bits) return no_such(descriptor.arguments.front(), typed);
    ByteString bytes;
    append_bits(bytes, *bits, scalar->size, ByteOrder::little);
    return bytes;
  }
  auto content = content_of(descriptor, typed);
  if (!content) return no_such(descriptor, typed);
  return std::move(*content);
}

bool has_value_code(const Descriptor& descriptor) {
  return is_text(descriptor) || is_empty(descriptor) || plain_scalar(descriptor) ||
         archive_schema(descriptor) != nullptr;
}

}  // namespace

bool has_code(Side side, const Descriptor& descriptor) {
  return side == Side::key ? has_key_code(descriptor) : has_value_code(descriptor);
}

std::optional<Json> decode(Side side, const Descriptor& descriptor, Bytes stored) {
  if (side == Side::value) return decode_value(descriptor, stored);
  auto key = take_key(descriptor, stored, Place::last);
  if (!stored.empty()) return {};
  return key;
}

Outcome<ByteString> encode(Side side, const Descriptor& descriptor, const Json& typed) {
  if (side == Side::value) return encode_value(descriptor, typed);
  ByteString key;
  if (auto appended = append_key(key, descriptor, typed, Place::last); !appended) {
    return pass_on(appended);
  }
  return key;
}

Outcome<Json> parse_typed(const Descriptor& descriptor, std::string_view text) {
  const auto json = parse_json(text);
  if (archive_schema(descriptor)) return json.value_or(Json(text));
  if (!is_tuple(descriptor)) return Json(text);
  if (json && json->is_array()) return *json;
  return trouble(ExitStatus::usage,
                 fmt::format("{} is no JSON array: write a key of {} fields like [\"a\",1]", text,
                             descriptor.arguments.size()));
}

Outcome<ByteString> encode_prefix(const Descriptor& descriptor, std::string_view text) {
  if (is_text(descriptor) || is_bytes(descriptor)) {
    auto beginning = content_of_beginning(descriptor, text);
    if (!beginning) return no_such(descriptor, Json(text));
    return std::move(*beginning);
  }
  if (!is_tuple(descriptor)) {
    return trouble(ExitStatus::usage,
                   fmt::format("keys of type {} have no prefixes: use --from and --to, or give the "
                               "first bytes with --key-format hex",
                               descriptor.word));
  }
  const auto fields = parse_json(text);
  if (!fields || !fields->is_array()) return encode_beginning(descriptor, text);
  if (fields->size() > descriptor.arguments.size()) return no_such(descriptor, *fields);
  ByteString prefix;
  for (std::size_t index = 0; index < fields->size(); ++index) {
    const bool is_last = index + 1 == descriptor.arguments.size();
    auto appended = append_key(prefix, descriptor.arguments[index], (*fields)[index],
                               is_last ? Place::last : Place::inner);
    if (!appended) return pass_on(appended);
  }
  return prefix;
}

}  // namespace kvtool
