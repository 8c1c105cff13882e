// Recovery: from whatever the last user left, the newest state that is whole.
//
// It runs at every first opening that does not go on where killed processes stopped
// (succession.hpp); there is no clean flag to believe. A state is whole when every page that it
// wrote since the last sync it knows of has the right number, transaction and checksum. What is
// accepted is made durable before anything is shown; what is rejected is overwritten, so that a
// dead commit cannot come back.
//
// Invariant: a crash during recovery changes nothing that the next recovery decides.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/mvcc/lock_file.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/txn/meta.hpp"
#include "quire/engine/txn/safety_rules.hpp"

namespace quire {

/// Where processes stood that were killed, for who goes on from there (succession.hpp).
struct Inheritance {
  State durable;  ///< D; W is what is recovered
  LeftWords left;

  /// Whether P is W; else it is D.
  [[nodiscard]] bool is_shown() const;
  /// Whether a sync has answered for all that was written.
  [[nodiscard]] bool is_synced() const;
};

/// The state that an opening continues from.
struct Recovered {
  Meta meta;  ///< durable == its txn; the ceiling is that of the newest slot found
  SlotTurns slots;
  Space space;
  std::vector<DeadExtent>
      log_chain;  ///< pages of the space log in use, by the record they were born in
  std::uint64_t next_sequence = 1;
  std::uint64_t file_size = 0;
  bool had_to_write = false;           ///< the file was not as a clean close leaves it
  std::optional<Error> rejected = {};  ///< why a newer state than this one is not whole
  bool is_joined = false;  ///< others have it open: only the facts of the file are in `meta`
  std::optional<Inheritance> inherited = {};

  /// Whether `space` and `log_chain` are those of the state; else the first writer reads them.
  [[nodiscard]] bool has_accounts() const { return !is_joined && !inherited; }
};

/// What recovery works with. The map shows the whole file.
struct RecoveryContext {
  File& file;
  Bytes map;
  std::uint64_t file_size = 0;
  BootId boot_id{};
  bool may_write = true;  ///< false: the decision is made in memory only
  SafetyRules rules;
};

/// For who has the writer's place: writes again all that the state in this slot wrote since the
/// last sync that the slot knows of, and the slot, and syncs. corrupt where it is not whole.
Status write_again(const RecoveryContext& context, std::uint32_t slot);

/// not_a_database, format_too_new, feature_unknown, corrupt, io_failed.
Result<Recovered> recover(const RecoveryContext& context);

}  // namespace quire
