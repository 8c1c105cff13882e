// Access: what a file is opened for.
#pragma once

#include <cstdint>

namespace quire {

enum class Access : std::uint8_t { read_only, read_write };

}  // namespace quire
