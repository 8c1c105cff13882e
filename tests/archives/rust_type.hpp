// Types of Rust as the manifest of the vectors writes them, and what describes them here.
#pragma once

#include <string>
#include <string_view>

#include "tools/json.hpp"

namespace quire::test {

/// The description of a type; `types` are those of the manifest. Throws for what it does not know.
std::string description_of(std::string_view rust_type, const kvtool::Json& types);

}  // namespace quire::test
