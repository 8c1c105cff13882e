#include "tools/shown.hpp"

#include <algorithm>

#include "tools/byte_text.hpp"

namespace kvtool {
namespace {

/// Whether a control character begins there: C0, C1 or DEL.
bool is_control(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  const bool is_c1 =
      c == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
  return c < 0x20 || c == 0x7F || is_c1;
}

bool has_controls(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control(text, at)) return true;
  }
  return false;
}

/// As JSON in ASCII, which escapes all controls but DEL.
std::string escaped(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('\x7F', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u007f");
  }
  return text;
}

}  // namespace

Json hex_object(Bytes bytes) {
  Json object;
  object["hex"] = to_hex(bytes);
  return object;
}

Json bytes_to_json(std::string_view bytes) {
  return is_utf8(bytes) ? Json(bytes) : hex_object(quire::as_bytes(bytes));
}

std::optional<std::string> bytes_from_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || !json.contains("hex") || !json["hex"].is_string()) return {};
  const auto bytes = from_hex(json["hex"].get<std::string>());
  if (!bytes) return {};
  return std::string(quire::as_text(*bytes));
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_object() && value.size() == 1 && value.contains("hex")) {
    return "0x" + value["hex"].get<std::string>();
  }
  const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
  return has_controls(text) ? escaped(value) : text;
}

std::string printable(std::string_view bytes) { return cell_text(bytes_to_json(bytes)); }

std::string in_quotes(std::string_view name) { return '"' + printable(name) + '"'; }

std::string brief_descriptor(std::string_view descriptor) {
  constexpr std::string_view mark = ",bfbs:";
  const std::size_t at = descriptor.find(mark);
  if (at == std::string_view::npos) return printable(descriptor);
  const std::size_t end = std::min(descriptor.find_first_of("(,)", at + 1), descriptor.size());
  return printable(std::string(descriptor.substr(0, at)).append(descriptor.substr(end)));
}

std::string one_line(std::string_view message) {
  std::string line;
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (is_control(message, at)) {
      line += "\\x" + to_hex(quire::as_bytes(message.substr(at, 1)));
    } else {
      line += message[at];
    }
  }
  return line;
}

}  // namespace kvtool
