// Replay: what an opening finds in the redo log is done again.
#pragma once

#include "quire/engine/base/result.hpp"
#include "quire/engine/txn/redo_log.hpp"

namespace quire {

class Core;

/// Makes the state in memory that the records lead to, and shows it. Nothing is written but the
/// records themselves, once more; so it can be done as often as an opening ends without a close.
/// corrupt: a record is of no use for the state that it follows.
Status replay(Core& core, const RedoTail& tail);

}  // namespace quire
