// Core: one open database, shared by every handle to it.
//
// It owns the data file, the words, the reader slots and the writer. When the last handle goes it
// closes cleanly; what pins still need (DataFile) goes to the reader registry, which outlives it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "quire/engine/base/database_identity.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/file/fork_watch.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/mvcc/reader_registry.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/txn/background_syncer.hpp"
#include "quire/engine/txn/commit_ticket.hpp"
#include "quire/engine/txn/data_file.hpp"
#include "quire/engine/txn/open_parts.hpp"
#include "quire/engine/txn/single_edits.hpp"
#include "quire/engine/txn/slot_accounts.hpp"
#include "quire/engine/txn/snapshot.hpp"
#include "quire/engine/txn/writer.hpp"
#include "quire/engine/txn/writer_gate.hpp"

namespace quire {

/// Thread-safe but for writer(), which is for the one inside the gate.
class Core final : ForkWatch {
 public:
  /// invalid_argument: an impossible option.
  static Status check_options(const Options& options);
  /// Needs options that were found possible. Fails as Database::open does.
  static Result<std::shared_ptr<Core>> open(const std::string& path, const Options& options);
  ~Core() override;
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] Result<Snapshot> snapshot();
  /// One of which nothing is in memory only, and what its slot says of the space.
  [[nodiscard]] Result<Snapshot> written_snapshot(SlotAccounts& accounts);
  // By reference: spans that are handed on in memory cost more than they look.
  [[nodiscard]] Result<std::optional<PinnedValue>> get(TableId id, const std::string_view& name,
                                                       const Bytes& key);
  [[nodiscard]] Status check_value(const PinnedValue& found, const ValueCheck& check) const {
    return data_file_.check_value(found.bytes, check);
  }
  [[nodiscard]] Pages pages(const State& state) const {
    return data_file_.pages(state.page_count, state.txn);
  }

  /// What is left of a commit once the gate is left; see GroupSync.
  Status finish(const GroupSync::Named& named);
  /// Of that, what is done for those who do not wait: the background syncs what can be seen.
  Status leave_to_background(const GroupSync::Named& named);
  [[nodiscard]] CommitTicket ticket(const GroupSync::Named& named) const {
    return {sync_, named.txn, named.durable};
  }
  Status sync();
  /// Waits for a sync of the newest state, outside the gate. busy: only memory has that, and a
  /// write transaction is open.
  Status wait_for_newest();
  Status close();
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// This process is a forked child of the one that opened it: nothing may be done with it, its end
  /// included, since threads that are not here may be in the midst of it.
  [[nodiscard]] bool is_forked() const { return is_forked_; }

  [[nodiscard]] bool is_shared() const { return readers_.lock_file() != nullptr; }

  // Openings: see opening.hpp, whose lock is over these.
  void add_opening() { ++openings_; }
  void drop_opening() { --openings_; }
  [[nodiscard]] std::uint32_t opening_count() const { return openings_; }

  /// Whether a write transaction may begin: read_only, closed, poisoned.
  [[nodiscard]] Status check_writable() const;
  [[nodiscard]] WriterGate& gate() { return gate_; }
  [[nodiscard]] Writer& writer() { return writer_; }
  [[nodiscard]] SingleEdits& single_edits() { return single_edits_; }

  [[nodiscard]] DatabaseIdentity identity() const { return identity_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Log& log() const { return log_; }
  [[nodiscard]] const Publication& publication() const { return publication_; }
  [[nodiscard]] const ReaderRegistry& readers() const { return readers_; }
  [[nodiscard]] std::vector<ReaderInfo> reader_list() const {
    return readers_.view(publication_.published(), data_file_.page_size()).list();
  }
  [[nodiscard]] const WriterCounters& counters() const { return writer_.counters(); }
  [[nodiscard]] const GroupSync& group() const { return *sync_; }
  /// Needs a pin, or the writer's place.
  [[nodiscard]] DataFile& data() { return data_file_; }
  [[nodiscard]] const FileId& file_id() const { return file_id_; }
  /// Of the slot that names the durable state. Needs a pin.
  [[nodiscard]] std::uint32_t format_version() const;

 private:
  explicit Core(OpenParts parts);
  static Result<std::shared_ptr<Core>> open(OpenParts parts);
  static Status bring_home(const std::string& path, const Options& options);
  using PinnedState = ReaderRegistry::PinnedState;

  Status pin_anew(PinnedState& pinned);
  [[nodiscard]] Result<std::optional<PinnedValue>> get_from_catalog(PinnedState& pinned, TableId id,
                                                                    std::string_view name,
                                                                    const Bytes& key) const;
  [[nodiscard]] std::optional<SyncRescue> rescue();
  [[nodiscard]] Status write_out();
  [[nodiscard]] Status close_writer();
  [[nodiscard]] Status shorten_log();
  [[nodiscard]] Result<Snapshot> written_snapshot();
  [[nodiscard]] Result<Snapshot> shown_snapshot(SlotAccounts& accounts);
  [[nodiscard]] bool find_slot(TxnId txn, SlotAccounts& accounts) const;
  template <class Work>
  [[nodiscard]] Status in_passing(const Work& work);
  void in_child() noexcept override;
  enum class Listener : std::uint8_t { caller, nobody };  ///< to what a close says
  [[nodiscard]] Status enter_to_end();
  Status close_for(Listener listener);
  Status close_file();
  Status close_shared_file();

  const DatabaseIdentity identity_ = DatabaseIdentity::make();
  std::string path_;
  Options options_;
  Log log_;
  FileId file_id_;
  std::shared_ptr<DataFile> data_;  ///< until it is closed; pins may keep it longer
  DataFile& data_file_;
  ReaderRegistry& readers_;
  Publication publication_;
  std::shared_ptr<GroupSync> sync_;  ///< tickets keep it longer
  BackgroundSyncer background_;
  WriterGate gate_;
  Writer writer_;
  SingleEdits single_edits_{*this};
  std::atomic<bool> is_closed_{false};
  std::atomic<bool> is_forked_{false};
  std::atomic<std::uint32_t> openings_{0};
};

/// Leaves the writer gate, but not in a forked child, whose parent is inside.
struct LeaveGate {
  void operator()(Core* core) const {
    if (!core->is_forked()) core->gate().leave();
  }
};
using WriterPlace = std::unique_ptr<Core, LeaveGate>;

}  // namespace quire
