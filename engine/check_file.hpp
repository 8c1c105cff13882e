// CheckFile: a walk over everything that a committed state names.
//
// It reads what the snapshot's state names and nothing else, so it may run while others write.
#pragma once

#include "quire/engine/base/progress.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/check.hpp"
#include "quire/engine/txn/slot_accounts.hpp"
#include "quire/engine/txn/snapshot.hpp"

namespace quire {

/// Accounts for every page of the snapshot's state: part of one tree, one overflow run, the space
/// log, the area of the redo log, or free. Verifies every page. Damage is a finding, never a
/// failure. The accounts are those of the state's slot.
Result<CheckReport> check_file(const Snapshot& snapshot, const SlotAccounts& accounts,
                               const ProgressHook& hook = {});

}  // namespace quire
