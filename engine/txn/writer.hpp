// Writer: what belongs to the one who may write: the space, the arena, the meta slots' turns, the
// ids.
//
// It knows how to write pages, name states and sync; the order of these, which is the proof of
// crash safety, is commit.cpp's.
//
// Invariant: after a failed write of a meta slot, or a failed sync, nothing more is written until
// the file has been opened again (it is poisoned); whatever failed before that is undone.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/mvcc/reader_registry.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/space/space.hpp"
#include "quire/engine/tree/arena.hpp"
#include "quire/engine/txn/data_file.hpp"
#include "quire/engine/txn/meta.hpp"
#include "quire/engine/txn/recovery.hpp"

namespace quire {

/// What was done since opening; read by anybody.
struct WriterCounters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::uint64_t> pages_written{0};
  std::atomic<std::uint64_t> write_calls{0};
  // Of the newest written state
  std::atomic<std::uint64_t> free_pages{0};
  std::atomic<std::uint64_t> pending_pages{0};
  std::atomic<std::uint64_t> free_extents{0};
  std::atomic<std::uint64_t> log_pages{0};
  std::atomic<std::uint64_t> file_size{0};
};

/// For the one inside the writer gate.
class Writer {
 public:
  struct Links {
    FileSystem& files;
    DataFile& data;
    Publication& publication;
    ReaderRegistry& readers;
    const Options& options;
    const std::string& path;
  };
  Writer(const Links& links, Recovered recovered);

  /// poisoned, with what poisoned it.
  [[nodiscard]] Status check_healthy() const;

  /// The newest written state: what the next transaction builds on.
  [[nodiscard]] const State& written() const { return written_; }
  [[nodiscard]] TxnId next_txn() const { return next_txn_; }
  /// An id that has written a page, or committed, is used up.
  void burn(TxnId txn) { next_txn_ = txn.next(); }

  [[nodiscard]] Space& space() { return space_; }
  [[nodiscard]] Arena& arena() { return arena_; }
  [[nodiscard]] const std::vector<DeadExtent>& log_chain() const { return log_chain_; }
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
  Status grow_file(PageNo page_count, bool may_use_reserve);

  /// One call for one run of pages.
  Status write_run(PageNo first, std::span<const Bytes> pieces);

  /// Makes the pages durable before a slot names them. A failure poisons, and nothing is committed.
  Status sync_pages();

  /// Writes the spare meta slot, which names the state from now on. A failure poisons.
  Status name_state(const State& state, TxnId durable);

  /// P := W, for commits that do not wait for a sync.
  void publish() { links_.publication.publish(); }

  /// Makes everything written durable: then P := W and D := W. A failure poisons.
  Status sync();
  [[nodiscard]] bool is_all_durable() const;
  [[nodiscard]] bool is_durable(TxnId txn) const { return txn <= links_.publication.durable(); }
  /// Bytes of pages written since the last sync.
  [[nodiscard]] std::uint64_t unsynced_size() const { return unsynced_size_; }
  /// With so many bytes more, so much is written since the last one that a recovery would become
  /// long.
  [[nodiscard]] bool is_sync_due(std::uint64_t more) const {
    return unsynced_size_ + more >= links_.options.sync_after;
  }

  /// Nothing more is committed. outcome_unknown, with the cause.
  Failure poison(const Error& cause);

  /// Leaves the file as a clean close does: durable, with a low ceiling, and no slack at its end.
  Status close();

  WriterCounters& counters() { return counters_; }
  [[nodiscard]] const WriterCounters& counters() const { return counters_; }

 private:
  Failure stopped_by(const Status& failed_sync);
  Status write_zeros(std::uint64_t begin, std::uint64_t end) const;
  Status sync_file();
  Status write_slot(State state, TxnId durable, TxnId ceiling);
  [[nodiscard]] std::uint32_t slot_for_next() const;

  Links links_;
  Space space_;
  Arena arena_;
  SlotTurns slots_;
  std::vector<DeadExtent> log_chain_;
  Meta meta_;  ///< of the slot written last
  State written_;
  TxnId next_txn_;
  TxnId synced_ceiling_;
  std::uint64_t next_sequence_;
  std::uint64_t file_size_ = 0;
  bool has_unsynced_ = false;        ///< something was written since the last sync
  std::uint64_t unsynced_size_ = 0;  ///< bytes of pages, since the last sync
  bool is_untouched_ = true;         ///< nothing was written since a clean close
  bool is_name_durable_ = false;
  std::optional<Error> poison_;
  WriterCounters counters_;
  std::vector<TxnId> pins_;
};

}  // namespace quire
