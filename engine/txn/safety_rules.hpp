// SafetyRules: the rules that crash safety rests on, each with a switch for the test suite.
//
// Switching one off is never useful to anybody but a test: the suite does so to prove that it would
// notice if the rule were broken. The public API does not show them.
#pragma once

namespace quire {

struct SafetyRules {
  /// Recovery checks every page that a state wrote since the last sync before it accepts the state.
  bool verify_pages = true;
  /// Recovery writes again what it accepts but does not know to be on disk.
  bool rewrite_accepted = true;
  /// Recovery overwrites the meta slots that it rejected.
  bool overwrite_rejected = true;
  /// The published, the syncing and the durable state keep their pages from reuse.
  bool state_pins = true;
  /// A commit writes only a meta slot that no recovery may need.
  bool spare_slot = true;
  /// A commit with a space-log checkpoint syncs its pages before its meta slot.
  bool checkpoint_two_phase = true;
  /// Within one transaction a page number is written at most once.
  bool write_number_once = true;
  /// A sync that failed is never asked for again.
  bool no_repeated_sync = true;
  /// A new file gets its name only when it is complete and durable.
  bool atomic_creation = true;
  /// No page is written under a transaction id at or above the ceiling of a synced slot.
  bool id_ceiling = true;
  /// A redo record follows only a state that is durable.
  bool redo_after_durable = true;
  /// A redo record's checksum depends on the state and on the record that it follows.
  bool redo_seeds = true;
  /// Redo records that an opening found are written again before anybody sees what they say.
  bool rewrite_redo = true;
};

}  // namespace quire
