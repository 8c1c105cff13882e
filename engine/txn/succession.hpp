// Succession: a first opener goes on where processes stopped that were all killed, as those would
// have whom it had joined.
//
// What they left in the cache of the system is as they left it, so nothing has to be verified or
// written again before it is shown. What no sync has answered for has to be before the next state
// calls itself durable; the first who writes, or syncs, does that (GroupSync::settle), and reads
// the space log then (Writer::catch_up). So what an opening takes does not grow with the file, nor
// with what was written.
//
// Invariant: it goes on only when the slots are those that the words speak of, and one that a
// killed writer was about to name at most. Anything else is left to recovery.
#pragma once

#include <optional>

#include "quire/engine/mvcc/lock_file.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/txn/recovery.hpp"

namespace quire {

/// What to go on from; nothing: the file is to be recovered. Reads the slots and nothing else.
std::optional<Recovered> succeed(const LeftWords& left, const RecoveryContext& context);

/// Sets the words of a new block, which are those of the durable state, to what was left.
void inherit(Publication& words, const Recovered& recovered);

}  // namespace quire
