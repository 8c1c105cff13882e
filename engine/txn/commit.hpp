// Commit: from a transaction's pages to a committed state of the file, or of memory.
//
// A commit to the file takes along what resident commits have left in memory: all of the newest
// state that is in the arena gets its place. A resident one writes nothing.
//
// The order of the steps is the proof of crash safety: no meta slot names a page before it is
// written, and no slot that a recovery may need is overwritten. Until the slot is written, whatever
// fails is undone and the database stays usable.
#pragma once

#include <cstdint>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/space/space_log.hpp"
#include "quire/engine/tree/tree_placer.hpp"
#include "quire/engine/txn/open_transaction.hpp"

namespace quire {

/// Used once, by OpenTransaction::commit.
class Commit {
 public:
  Commit(OpenTransaction& transaction, Durability durability);

  Result<NamedCommit> run();

 private:
  [[nodiscard]] bool may_stay_in_memory() const;
  [[nodiscard]] bool is_told() const;
  [[nodiscard]] bool has_record() const;
  [[nodiscard]] bool opens_log();
  [[nodiscard]] bool may_be_recorded() const;
  Status prepare_to_record();
  Status take_redo_area();
  Result<NamedCommit> run_in_memory();
  Result<NamedCommit> run_to_file();
  Status record_tables();
  [[nodiscard]] static bool is_changed(OpenTransaction::OpenTable& table);
  [[nodiscard]] static bool is_to_be_placed(OpenTransaction::OpenTable& table);
  [[nodiscard]] bool is_to_be_recorded(OpenTransaction::OpenTable& table) const;
  Status take_pages();
  Status take_pages(Growth growth);
  [[nodiscard]] std::uint32_t log_pages_for(std::uint32_t tree_pages) const;
  [[nodiscard]] std::uint32_t checkpoint_pages() const;
  [[nodiscard]] bool fits_slot(LogSize size) const;
  void give_back_surplus(std::vector<Extent>& runs, std::uint32_t tree_pages);
  Status place_trees();
  [[nodiscard]] LogRecord make_log_record();
  Status place_log();
  void place_log_pages();
  Status write();
  Status name_state();
  void prepare_to_stay();
  Status settle_accounts();
  void settle_in_memory();
  void settle_in_file();
  [[nodiscard]] State next_state() const;
  Failure failed(const Error& error);
  [[nodiscard]] bool is_checkpoint_due() const;

  OpenTransaction& transaction_;
  Writer& writer_;
  Durability durability_;
  bool is_recorded_;  ///< in the redo log
  bool stays_in_memory_;
  Writer::TableNames new_residents_;
  bool is_checkpoint_ = false;
  bool is_two_phase_ = false;
  GroupSync::Named named_;
  std::uint32_t runs_pages_ = 0;
  std::uint32_t log_pages_ = 0;
  std::vector<Extent> runs_;
  std::optional<TreePlacer> placer_;
  std::vector<PageNo> log_numbers_;
  std::vector<std::vector<std::byte>> log_bytes_;
  std::vector<std::byte> log_tail_;  ///< of the new slot
  std::optional<Extent> redo_area_;  ///< of the redo log from now on; no pages: none
  State state_;
};

}  // namespace quire
