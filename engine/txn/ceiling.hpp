// The id ceiling: why no page of a dead attempt can pass for a new one.
//
// No transaction writes a page under an id at or above the ceiling in a synced meta slot. Every
// opening starts at the old ceiling and syncs a slot with a raised one before its first page, so an
// id under which anything was ever written is never used again, whatever became of it.
#pragma once

#include <cstdint>

#include "quire/engine/base/ids.hpp"

namespace quire {

inline constexpr std::uint64_t ceiling_step = 65536;

constexpr TxnId raised_ceiling(TxnId txn) { return {txn.value + ceiling_step}; }

/// Whether a slot written now should raise the ceiling, well before it is reached.
constexpr bool is_near_ceiling(TxnId txn, TxnId ceiling) {
  return txn.value + ceiling_step / 2 >= ceiling.value;
}

/// Whether the slot of this state is one that a clean close wrote, after it had synced the state:
/// while a program runs, its slots keep well away from their ceiling.
constexpr bool is_ceiling_of_close(TxnId txn, TxnId ceiling) {
  return is_near_ceiling(txn, ceiling);
}

}  // namespace quire
