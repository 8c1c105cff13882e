// Typed codes: stored keys and values between their bytes and what their descriptors say they are.
//
// Integers and enums are numbers, bools true or false, strings and text JSON strings, bytes "0x"
// and hexadecimal digits, tuples arrays, and no value null. Text that is no UTF-8 is {"hex": ...},
// so that nothing is lost.
//
// The stored forms are those of quire/formats: ordered_code.hpp for keys, plain.hpp, text.hpp,
// empty.hpp and raw.hpp for values. Archives of rkyv are shown as archive_json.hpp says,
// FlatBuffers as flatbuffers_json.hpp does, described structs as plain_code.hpp does, and what is
// compressed as what it is unpacked.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Of the two sides of an entry: one type is stored differently as a key and as a value.
enum class Side : std::uint8_t { key, value };

/// Made of a descriptor once, and then asked about every key or value of a table. Thread-safe.
///
/// Law: encode(decode(stored)) gives the stored bytes back where a library of the format made them,
/// but for the many forms of a NaN, the padding of structs, and for what may be laid out in several
/// ways.
class TypedCode {
 public:
  TypedCode() = default;
  TypedCode(const TypedCode&) = delete;
  TypedCode& operator=(const TypedCode&) = delete;
  virtual ~TypedCode() = default;

  /// Nothing when the bytes are no such key or value. Takes any bytes.
  [[nodiscard]] virtual std::optional<Json> decode(quire::Bytes stored) const = 0;
  /// Whether decode() would give something.
  [[nodiscard]] virtual bool takes(quire::Bytes stored) const { return decode(stored).has_value(); }
  [[nodiscard]] virtual Outcome<quire::ByteString> encode(const Json& typed) const = 0;

  /// What a person wrote on a command line, as encode takes it: text for scalars, strings and
  /// bytes, JSON for what has parts.
  [[nodiscard]] virtual Outcome<Json> parse(std::string_view text) const { return Json(text); }
  /// What the stored forms of all keys begin with that begin like this: with this text, or, where
  /// keys are tuples, with these leading fields, or with this beginning of their first field.
  [[nodiscard]] virtual Outcome<quire::ByteString> encode_prefix(std::string_view text) const;
  /// The value that a file's content is as it is, as encode takes it; nothing where files hold
  /// values as people write them.
  [[nodiscard]] virtual std::optional<Json> take_file(quire::Bytes) const { return {}; }
};

/// Null when nothing here knows what the descriptor stands for.
std::shared_ptr<const TypedCode> code_of(Side side, const Descriptor& descriptor);

}  // namespace kvtool
