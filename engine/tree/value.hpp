// Value: a stored value as a reader gets it.
#pragma once

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// Bytes in place, at the table's alignment; they live as long as the pin they were read under.
using Value = Bytes;

}  // namespace quire
