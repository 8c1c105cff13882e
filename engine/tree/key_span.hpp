// KeySpan: a part of the key order.
#pragma once

#include <optional>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// The keys from lower on, up to but not upper; none where lower is not below upper.
struct KeySpan {
  std::optional<Bytes> lower;  ///< none: from the first key
  std::optional<Bytes> upper;  ///< none: to the last key
};

}  // namespace quire
