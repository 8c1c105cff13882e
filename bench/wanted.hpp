// Which rows, workloads or engines the command line asks for.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Whether a name contains one of the parts, or there are none.
inline bool is_wanted(std::string_view name, const std::vector<std::string>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
           return name.find(part) != std::string_view::npos;
         });
}

}  // namespace bench
