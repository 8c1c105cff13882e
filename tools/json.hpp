// Json: what kvtool shows and reads keys, values and records as; members keep their order.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kvtool {

using Json = nlohmann::ordered_json;

/// On one line. Bytes that are no UTF-8 become U+FFFD, so that the output always is JSON.
inline std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Nothing when the text is no JSON.
inline std::optional<Json> parse_json(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return {};
  return json;
}

}  // namespace kvtool
