// Replay: what an opening finds in the redo log is done again.
#pragma once

#include <cstdint>

#include "quire/engine/base/result.hpp"
#include "quire/engine/txn/redo_log.hpp"

namespace quire {

class Core;

/// Makes the state that the records lead to, and shows it; how many there were. It stays in memory,
/// unless it takes more than there is to be used; what is written first are the records themselves,
/// once more. So it can be done as often as an opening ends without a close. corrupt: a record is
/// damaged, or of no use for the state that it follows.
Result<std::uint64_t> replay(Core& core, RedoReader reader);

}  // namespace quire
