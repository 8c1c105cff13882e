// Shown: how bytes, names and values look in JSON and on a line of a terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quire/quire.hpp"
#include "tools/json.hpp"

namespace kvtool {

/// {"hex": ...}: stands for bytes that have no better form.
Json hex_object(quire::Bytes bytes);

/// A name or a descriptor, which may hold any bytes, without loss, and back.
Json bytes_to_json(std::string_view bytes);
std::optional<std::string> bytes_from_json(const Json& json);

/// How a value looks in a table: a string without quotes, unless it has characters that would
/// spoil the line or the terminal; {"hex": ...} as "0x" and its digits; null as nothing.
std::string cell_text(const Json& value);

/// Any bytes as cell_text shows them, for messages; with quotation marks around them.
std::string printable(std::string_view bytes);
std::string in_quotes(std::string_view name);

/// A descriptor for people: without the schemas in it, which only programs read.
std::string brief_descriptor(std::string_view descriptor);

/// A message as one line that leaves the terminal alone: control characters as \x1b.
std::string one_line(std::string_view message);

}  // namespace kvtool
