// CheckFile: a walk over everything that a committed state names.
//
// It reads what the snapshot's state names and nothing else, so it may run while others write.
#pragma once

#include "quire/engine/base/progress.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/check.hpp"
#include "quire/engine/txn/snapshot.hpp"

namespace quire {

/// Accounts for every page of the snapshot's state: part of one tree, one overflow run, the space
/// log, or free. Verifies every page. Damage is a finding, never a failure. The tail is what the
/// state's slot has of the space log.
Result<CheckReport> check_file(const Snapshot& snapshot, Bytes log_tail,
                               const ProgressHook& hook = {});

}  // namespace quire
