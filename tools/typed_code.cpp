#include "tools/typed_code.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/archive_code.hpp"
#include "tools/byte_text.hpp"
#include "tools/flatbuffers_code.hpp"
#include "tools/key_code.hpp"
#include "tools/packed_code.hpp"
#include "tools/plain_code.hpp"
#include "tools/scalar.hpp"
#include "tools/typed_parts.hpp"

namespace kvtool {
namespace {

using quire::Bytes;
using quire::ByteString;

bool is_empty(const Descriptor& descriptor) {
  return descriptor.word == "empty" && descriptor.arguments.empty();
}

/// The u32 of plain(u32) or the enum(Color,u8) of plain(enum(Color,u8)).
bool is_plain_scalar(const Descriptor& descriptor) {
  return descriptor.word == "plain" && descriptor.arguments.size() == 1 &&
         scalar_of(descriptor.arguments.front());
}

// ---- Keys

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

/// What tuples begin with that have these leading fields.
Outcome<ByteString> encode_leading(const Descriptor& tuple, const Json& fields) {
  if (fields.size() > tuple.arguments.size()) return no_such(tuple, fields);
  ByteString prefix;
  for (std::size_t index = 0; index < fields.size(); ++index) {
    const bool is_last = index + 1 == tuple.arguments.size();
    auto appended = append_key(prefix, tuple.arguments[index], fields[index],
                               is_last ? Place::last : Place::inner);
    if (!appended) return pass_on(appended);
  }
  return prefix;
}

class KeyCode : public TypedCode {
 public:
  explicit KeyCode(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    auto key = take_key(descriptor_, stored, Place::last);
    if (!stored.empty()) return {};
    return key;
  }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    ByteString key;
    if (auto appended = append_key(key, descriptor_, typed, Place::last); !appended)
      return pass_on(appended);
    return key;
  }
  [[nodiscard]] Outcome<Json> parse(std::string_view text) const override {
    if (!is_key_of_parts(descriptor_)) return Json(text);
    // What may be null or a text is written without quotes, too.
    if (!is_tuple(descriptor_)) return json_or_text(text);
    const auto json = parse_json(text);
    if (json && json->is_array()) return *json;
    return trouble(ExitStatus::usage,
                   fmt::format("{} is no JSON array: write a key of {} fields like [\"a\",1]", text,
                               descriptor_.arguments.size()));
  }
  [[nodiscard]] Outcome<ByteString> encode_prefix(std::string_view text) const override {
    if (is_tuple(descriptor_)) {
      const auto fields = parse_json(text);
      const bool is_leading = fields && fields->is_array();
      return is_leading ? encode_leading(descriptor_, *fields)
                        : encode_beginning(descriptor_, text);
    }
    if (!is_text(descriptor_) && !is_bytes(descriptor_)) {
      return trouble(ExitStatus::usage,
                     fmt::format("keys of type {} have no prefixes: use --from and --to, or give "
                                 "the first bytes with --key-format hex",
                                 descriptor_.word));
    }
    auto beginning = content_of_beginning(descriptor_, text);
    if (!beginning) return no_such(descriptor_, Json(text));
    return std::move(*beginning);
  }

 private:
  Descriptor descriptor_;
};

// ---- Values

class TextCode : public TypedCode {
 public:
  explicit TextCode(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    return show_text(stored);
  }
  [[nodiscard]] bool takes(Bytes) const override { return true; }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    auto content = content_of(descriptor_, typed);
    if (!content) return no_such(descriptor_, typed);
    return std::move(*content);
  }
  [[nodiscard]] std::optional<Json> take_file(Bytes content) const override {
    return show_text(content);
  }

 private:
  Descriptor descriptor_;
};

class EmptyCode : public TypedCode {
 public:
  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    return stored.empty() ? std::optional(Json()) : std::nullopt;
  }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    // NOLINTNEXTLINE(readability-container-size-empty): empty() is of arrays and objects
    if (typed.is_null() || typed == "") return ByteString();
    return trouble(ExitStatus::usage,
                   fmt::format("{} is given as the value, but this table has keys alone: leave "
                               "the value out",
                               to_text(typed)));
  }
};

class ScalarCode : public TypedCode {
 public:
  /// Needs the descriptor of a scalar.
  explicit ScalarCode(Descriptor descriptor)
      : descriptor_(std::move(descriptor)), scalar_(scalar_of(descriptor_).value_or(Scalar())) {}

  [[nodiscard]] std::optional<Json> decode(Bytes stored) const override {
    if (stored.size() != scalar_.size) return {};
    return show_scalar(scalar_, load_bits(stored, ByteOrder::little));
  }
  [[nodiscard]] Outcome<ByteString> encode(const Json& typed) const override {
    const auto bits = read_scalar(scalar_, bare_text(typed));
    if (!bits) return no_such(descriptor_, typed);
    ByteString bytes;
    append_bits(bytes, *bits, scalar_.size, ByteOrder::little);
    return bytes;
  }

 private:
  Descriptor descriptor_;
  Scalar scalar_;
};

std::shared_ptr<const TypedCode> value_code_of(const Descriptor& descriptor) {
  if (is_text(descriptor)) return std::make_shared<TextCode>(descriptor);
  if (is_empty(descriptor)) return std::make_shared<EmptyCode>();
  if (is_plain_scalar(descriptor))
    return std::make_shared<ScalarCode>(descriptor.arguments.front());
  if (descriptor.word == "plain") return plain_code_of(descriptor);
  if (descriptor.word == "rkyv") return archive_code_of(descriptor);
  if (descriptor.word == "flatbuffers") return flatbuffers_code_of(descriptor);
  if (descriptor.word == "zstd") return packed_code_of(descriptor);
  return nullptr;
}

}  // namespace

Outcome<ByteString> TypedCode::encode_prefix(std::string_view) const {
  return trouble(ExitStatus::usage, "values have no prefixes");
}

std::shared_ptr<const TypedCode> code_of(Side side, const Descriptor& descriptor) {
  // Names in it become names in JSON.
  if (!is_utf8(text_of(descriptor))) return nullptr;
  if (side == Side::value) return value_code_of(descriptor);
  if (!has_key_code(descriptor)) return nullptr;
  return std::make_shared<KeyCode>(descriptor);
}

}  // namespace kvtool
