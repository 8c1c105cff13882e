// Key codes: stored keys of the ordered format between their bytes and what descriptors say they
// are.
//
// Numbers, enums and bools, strings and bytes are written as typed_code.hpp says; times and
// durations as the number that is stored; 16-byte integers as texts of digits; UUIDs as their text;
// tuples, arrays and lists as arrays, structs as objects; a missing optional as null, and one in
// another as {"some": ...}; what is in descending order as itself.
#pragma once

#include <cstdint>
#include <optional>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

/// Whether other fields follow in the key.
enum class Place : std::uint8_t { inner, last };

bool has_key_code(const Descriptor& descriptor);
/// Whether a person writes such a key as JSON.
bool is_key_of_parts(const Descriptor& descriptor);

/// Takes a key off the front of rest; nothing when that begins with none.
std::optional<Json> take_key(const Descriptor& descriptor, quire::Bytes& rest, Place place);
Done append_key(quire::ByteString& target, const Descriptor& descriptor, const Json& typed,
                Place place);

/// Each zero of the content marked as one of it, without an end.
void append_escaped(quire::ByteString& target, quire::Bytes content);

}  // namespace kvtool
