// Typed codes: stored keys and values between their bytes and what their descriptors say they are.
//
// Integers and enums are numbers, bools true or false, strings and text JSON strings, bytes "0x"
// and hexadecimal digits, tuples arrays, and no value null. Text that is no UTF-8 is {"hex": ...},
// so that nothing is lost.
//
// The stored forms are those of quire/formats: ordered_code.hpp for keys, plain.hpp, text.hpp,
// empty.hpp and raw.hpp for values. Archives of rkyv are shown as archive_json.hpp says.
#pragma once

#include <optional>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Of the two sides of an entry: one type is stored differently as a key and as a value.
enum class Side : std::uint8_t { key, value };

/// Whether this code knows what the descriptor stands for.
bool has_code(Side side, const Descriptor& descriptor);

/// Law: encode(decode(stored)) gives the stored bytes back, but for the many forms of a NaN.
/// decode gives nothing when the bytes are no such key or value. Both need has_code().
std::optional<Json> decode(Side side, const Descriptor& descriptor, quire::Bytes stored);
Outcome<quire::ByteString> encode(Side side, const Descriptor& descriptor, const Json& typed);

/// What a person wrote on a command line, as encode takes it: text for scalars, strings and bytes,
/// a JSON array for tuples.
Outcome<Json> parse_typed(const Descriptor& descriptor, std::string_view text);

/// What the stored forms of all keys begin with that begin like this: with this text, or, where
/// keys are tuples, with these leading fields, or with this beginning of their first field.
Outcome<quire::ByteString> encode_prefix(const Descriptor& descriptor, std::string_view text);

}  // namespace kvtool
