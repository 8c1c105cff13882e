// Typed parts: what the codes of keys and of values have in common.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/descriptor.hpp"
#include "tools/json.hpp"
#include "tools/trouble.hpp"

namespace kvtool {

bool is_tuple(const Descriptor& descriptor);
bool is_text(const Descriptor& descriptor);
bool is_bytes(const Descriptor& descriptor);
/// The number that stands there as the only or the last argument: N of bytes(N) and array(u8,N).
std::optional<std::size_t> count_in(const Descriptor& descriptor);
/// The N of bytes(N); nothing for bytes of any length.
std::optional<std::size_t> fixed_size(const Descriptor& descriptor);

Json show_text(quire::Bytes content);
Json show_bytes(quire::Bytes content);
/// What a person wrote, as JSON: what is none is a text.
Json json_or_text(std::string_view text);
/// As a person would have written it: a JSON string without its quotes, else the JSON.
std::string bare_text(const Json& typed);

Failure no_such(const Descriptor& descriptor, const Json& typed);

/// The bytes of a string or of bytes, as typed; nothing when it is none.
std::optional<quire::ByteString> content_of(const Descriptor& descriptor, const Json& typed);
/// The same of what one begins with.
std::optional<quire::ByteString> content_of_beginning(const Descriptor& descriptor,
                                                      std::string_view text);

}  // namespace kvtool
