#include "tools/typed_code.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "quire/formats/rkyv/check.hpp"
#include "tools/archive_json.hpp"
#include "tools/byte_text.hpp"
#include "tools/key_code.hpp"
#include "tools/scalar.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace {

using quire::Bytes;
using quire::ByteString;

bool is_empty(const Descriptor& descriptor) {
  return descriptor.word == "empty" && descriptor.arguments.empty();
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
  if (!is_key_of_parts(descriptor)) return Json(text);
  // What may be null or a text is written without quotes, too.
  if (!is_tuple(descriptor)) return json.value_or(Json(text));
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
