// Reading ahead: bringing parts of a map into memory before somebody reads them who must not wait.
#pragma once

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// Asks the system to read what the bytes of a map lie in, and does not wait until it has. Only
/// advice: nothing comes of it where the system has no such thing. The bytes may be in any state,
/// but must lie in the file. Thread-safe.
void read_ahead(Bytes bytes) noexcept;

/// Waits until all of the bytes are in memory, where they stay until that becomes short: reading
/// them is no wait for the disk then. Costs one read for each page of the system. Thread-safe.
void read_through(Bytes bytes) noexcept;

}  // namespace quire
