// Value: a stored value as a reader gets it, and how a writer may store one.
#pragma once

#include <cstdint>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// Bytes in place, at the table's alignment; they live as long as the pin they were read under.
using Value = Bytes;

/// Whether a put may make a new entry, change an old one, or both.
enum class PutMode : std::uint8_t { upsert, insert_only, replace_only };

}  // namespace quire
