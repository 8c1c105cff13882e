// Bytes as text and back: hexadecimal digits, base64, UTF-8.
//
// Law: from_x(to_x(bytes)) gives the bytes back, and from_x takes no other text than to_x writes,
// but for capitals and a leading 0x in hexadecimal digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"

namespace kvtool {

using quire::Bytes;
using quire::ByteString;

std::string to_hex(Bytes bytes);
std::optional<ByteString> from_hex(std::string_view text);

/// RFC 4648, with padding.
std::string to_base64(Bytes bytes);
std::optional<ByteString> from_base64(std::string_view text);

/// Whether a text is well-formed UTF-8: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

inline ByteString copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace kvtool
