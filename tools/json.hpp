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

/// How deep arrays and objects may lie in each other, since what writes them calls itself: more
/// than any format may have.
inline constexpr int most_json_depth = 3000;

/// Nothing when the text is no JSON, or is deeper than that.
inline std::optional<Json> parse_json(std::string_view text) {
  bool is_too_deep = false;
  const auto look = [&](int depth, Json::parse_event_t, const Json&) {
    is_too_deep = is_too_deep || depth > most_json_depth;
    return !is_too_deep;
  };
  Json json = Json::parse(text, look, false);
  if (is_too_deep || json.is_discarded()) return {};
  return json;
}

}  // namespace kvtool
