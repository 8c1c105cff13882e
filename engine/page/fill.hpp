// Fill: how a split shares entries out between the page on the left and the one on the right.
#pragma once

#include <cstdint>

namespace quire {

enum class Fill : std::uint8_t {
  even,        ///< as near to equal bytes as possible
  left_full,   ///< as much as possible on the left: for keys that arrive in rising order
  right_full,  ///< as much as possible on the right: for keys that arrive in falling order
};

}  // namespace quire
