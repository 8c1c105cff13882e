// Writer: what belongs to the one who may write: the space, the arena, the meta slots' turns, the
// ids.
//
// It knows how to write pages and name states; the order of these, which is the proof of crash
// safety, is commit.cpp's, and what waits for the disk is group_sync.hpp's.
//
// Where processes share the file, its accounts are those of the state that it saw last. It catches
// up by the space log when it has its turn.
//
// A resident commit stays in memory: the next transaction builds on it, and the next commit to the
// file takes it along.
//
// Invariant: after a failed write of a meta slot, or a failed sync, nothing more is committed until
// the file has been opened again (it is poisoned); whatever failed before that is undone.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/mvcc/reader_registry.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/tree/arena.hpp"
#include "quire/engine/txn/data_file.hpp"
#include "quire/engine/txn/group_sync.hpp"
#include "quire/engine/txn/meta.hpp"
#include "quire/engine/txn/recovery.hpp"
#include "quire/engine/txn/redo_log.hpp"

namespace quire {

/// What this process did since opening; read by anybody.
struct WriterCounters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> pages_written{0};
  std::atomic<std::uint64_t> write_calls{0};
};

/// Whether a sync of what is written is to come soon, or perhaps after it was written again.
enum class SyncComes : std::uint8_t { soon, later };

/// Whether the space that the file grows by is written at once where a commit is small.
enum class Filling : std::uint8_t { if_few_pages, never };

/// For the one inside the writer gate.
class Writer {
 public:
  using TableNames = std::map<TableId, std::string>;
  struct Links {
    FileSystem& files;
    DataFile& data;
    Publication& publication;
    GroupSync& sync;
    ReaderRegistry& readers;
    const Options& options;
    const Log& log;
    const std::string& path;
  };
  Writer(const Links& links, Recovered recovered);

  // ---- Turns among processes that share the file

  /// Another process may have written since, or been killed while it did. Begins by what it has
  /// left: makes the accounts those of the newest written state.
  Status begin_turn();
  void end_turn() const;
  void log_take_over() const;
  /// Writes again what no sync has answered for, and syncs. In the writer's place.
  Status write_unsynced_again();

  /// The newest committed state: what the next transaction builds on.
  [[nodiscard]] const State& newest() const { return resident_ ? *resident_ : written_; }
  /// Whether that is in memory only.
  [[nodiscard]] bool has_resident() const { return resident_.has_value(); }
  [[nodiscard]] TxnId next_txn() const { return next_txn_; }
  /// An id that has written a page, or committed, is used up.
  void burn(TxnId txn);
  /// Pages may be written under this id from now on.
  void note_use(TxnId txn) const;

  [[nodiscard]] FileSystem& files() const { return links_.files; }
  [[nodiscard]] Space& space() { return space_; }
  [[nodiscard]] Arena& arena() const { return links_.data.arena(); }
  [[nodiscard]] const std::vector<DeadExtent>& log_chain() const { return log_chain_; }
  /// The records that are in no page, as the newest slot has them.
  [[nodiscard]] const std::vector<std::byte>& log_tail() const { return meta_.log_tail; }
  /// Whether a checkpoint pays: the records behind the last one have become as long as the next
  /// would be, so that each page of a record is paid for with one page of a checkpoint.
  [[nodiscard]] bool is_log_long() const;
  /// A record was written to these pages; a checkpoint begins the chain anew.
  void add_to_log_chain(bool is_checkpoint, std::span<const PageNo> pages, TxnId born);
  /// Tells the counters how the space stands.
  void note_space();

  /// Moves what no pin keeps to the free pages.
  void reclaim();

  /// Makes sure that pages may be written under this id. A slot and a sync now and then.
  Status raise_ceiling_for(TxnId txn);

  /// Makes the file large enough. A transaction that shrinks the database may use the last reserve
  /// of a full disk. no_space, full.
  Status grow_file(PageNo page_count, bool may_use_reserve, Filling filling);

  /// One call for one run of pages; none for a short one that no sync waits for.
  Status write_run(PageNo first, std::span<const Bytes> pieces, SyncComes comes = SyncComes::soon);

  /// Makes all that was written durable before a slot names the rest. A failure poisons, and
  /// nothing is committed.
  Status sync_pages();

  /// Makes all that was written durable, the newest slot included. A failure poisons.
  Status sync();
  /// The same, where anything is not durable yet.
  Status make_durable() { return links_.sync.is_all_durable() ? Status() : sync(); }

  /// Shows a state that stays in memory. poisoned.
  Result<GroupSync::Named> show_resident(const State& state);
  /// Shows a state that stays in memory but for the record of the open transaction, as
  /// GroupSync::show_recorded.
  Result<GroupSync::Named> show_recorded(const State& state, GroupSync::Seen seen);
  [[nodiscard]] RedoLog& redo() { return redo_; }
  /// Makes the bytes of these pages zero. No state has anything there.
  Status clear(const Extent& pages);
  /// Writes bytes of the redo log, which begin there in it. Synced by who comes next.
  Status write_redo(std::uint64_t offset, Bytes bytes);
  /// The tables that have pages in memory only, by what they were called last.
  [[nodiscard]] TableNames& resident_tables() { return resident_tables_; }

  /// Writes the spare meta slot, which names the state from now on, with the tail of its space log.
  /// A failure poisons.
  Result<GroupSync::Named> name_state(const State& state, std::vector<std::byte> log_tail,
                                      TxnId durable, GroupSync::Seen seen);

  /// With so many bytes more, so much is written since the last sync that a recovery would become
  /// long.
  [[nodiscard]] bool is_sync_due(std::uint64_t more) const {
    return links_.sync.unsynced_size() + stored_ + more >= links_.options.sync_after;
  }
  [[nodiscard]] GroupSync& group() const { return links_.sync; }

  /// Whether anything was written since the last clean close.
  [[nodiscard]] bool is_touched() const {
    return links_.publication.writer().is_touched.load() != 0;
  }
  /// Leaves the file as a clean close does: durable, with a low ceiling, and no slack at its end.
  Status close();

  WriterCounters& counters() { return counters_; }
  [[nodiscard]] const WriterCounters& counters() const { return counters_; }

 private:
  void find_pins();
  Status catch_up();
  [[nodiscard]] Status catch_up_tail(const State& state);
  Status catch_up_accounts(const State& state, TxnId newest);
  Status take_over();
  Status overwrite_slot(std::uint32_t slot);
  Status put_meta(Meta& meta, std::uint32_t slot, SyncComes comes = SyncComes::soon);
  Status put(std::uint64_t offset, std::span<const Bytes> pieces, SyncComes comes);
  void touch() const;
  Status fill(std::uint64_t begin, std::uint64_t end, Bytes block) const;
  void poison_pages(std::span<const Extent> extents);
  Result<GroupSync::Named> write_slot(State state, TxnId durable, TxnId ceiling,
                                      GroupSync::Seen seen);

  Links links_;
  Space space_;
  std::vector<DeadExtent> log_chain_;
  Meta meta_;      ///< of the slot written last
  State written_;  ///< that it names
  RedoLog redo_;
  std::optional<State> resident_;  ///< none: written_ is the newest
  TableNames resident_tables_;
  Publication::Word seen_;  ///< the word of `written_`; none: the accounts are of no use
  TxnId next_txn_;
  std::uint64_t next_sequence_;
  std::uint64_t file_size_ = 0;
  bool is_name_durable_ = false;
  WriterCounters counters_;
  std::vector<TxnId> pins_;
  /// Bytes of pages that no sync follows soon, of which syncs hear with the next slot: telling of
  /// each run would wait for its stores.
  std::uint64_t stored_ = 0;
};

}  // namespace quire
