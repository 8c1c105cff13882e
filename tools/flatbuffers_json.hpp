// FlatBuffers as JSON and back, in the form that flatc has for them.
//
//   numbers         numbers; "nan", "inf" and "-inf" for what JSON has no number for
//   enums           the value's name, or its number where it has none
//   strings         strings; {"hex": ...} where they are no UTF-8
//   structs, tables objects; arrays and vectors: arrays
//   unions          the value as its member's type says; the field before says which that is:
//                   "gear_type": "Weapon", "gear": {...}; null for a member that is not known
//
// Fields that are absent are shown where they have a default value, and left out otherwise.
// Deprecated ones are not shown.
//
// Law: write(read(buffer)) gives the bytes of a buffer that quire's FlatbuffersFormat made of an
// object. Other builders may lay out the same value in another way.
#pragma once

#include <optional>

#include "quire/quire.hpp"
#include "tools/flatbuffers_types.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Nothing when the bytes are no such table, or say much more than they have bytes. Takes any
/// bytes.
std::optional<Json> read_flatbuffer(const flat::Schema& schema, quire::Bytes buffer);

/// The buffer of a value. usage: it is none of the type, with where.
Outcome<quire::ByteString> write_flatbuffer(const flat::Schema& schema, const Json& value);

}  // namespace kvtool
