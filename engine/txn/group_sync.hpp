// GroupSync: which states are named and which are durable, and the one sync that is in flight.
//
// A commit names its state in a meta slot inside the writer gate, and waits for a sync outside it,
// while the next transaction is already at work. Whoever finds no sync in flight leads the next
// one: F becomes W, the file is synced, then P and D become F. All others wait for it. So one sync
// answers for every state that was named before it began: group commit (D. DeWitt et al.,
// Implementation Techniques for Main Memory Database Systems, SIGMOD 1984).
//
// Where processes share the file, all this goes over all of them: the words, the numbers of the
// syncs and what has poisoned them lie in the control block, and who leads holds a lock on the data
// file. Whoever gets that lock and finds an F took it from a process that was killed in its sync.
// What that sync was for is written again, and synced, by one who has the writer's place.
//
// Resident commits are in no file: a sync answers for them when they were written out before it. So
// they have no number; they are durable when a newer state is.
//
// Invariants: at most one sync is in flight. No slot of D, F or W is handed out. P becomes only
// what was W when it was named, in the gate, or what was F: no other state is seen, so a page that
// none of them has is free to be reused. Once a slot could not be written or a sync failed, nothing
// more is named or synced until the next opening: it is poisoned.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/file.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/options.hpp"
#include "quire/engine/txn/recovery.hpp"

namespace quire {

/// What is done when a process was killed in its sync.
struct SyncRescue {
  /// In the writer's place: writes again what no sync has answered for, and syncs.
  std::function<Status()> write_again;
  /// Outside: takes the writer's place and lets the former be done. busy: not now, ask again.
  std::function<Status()> take_over;
};

/// Takes the writer's place and commits to the file what only memory has. busy: not now, ask again.
using WriteOut = std::function<Status()>;

/// Thread-safe. What names states is for the one inside the writer gate.
class GroupSync {
 public:
  /// Of a sync: the first to begin has 1. One that began after a write answers for it.
  using Ticket = std::uint64_t;

  /// Whether a state may be seen before it is durable. What it builds on must be durable before,
  /// if that had to be; then it has to be, too.
  enum class Seen : std::uint8_t { when_durable, at_once };

  /// A state that a slot names.
  struct Named {
    TxnId txn;
    Ticket ticket = 0;   ///< what its commit waits for
    Ticket durable = 0;  ///< what answers for it: the same, or a later one; or `resident`
  };
  /// Whatever is durable from this state on answers for it.
  static constexpr Ticket resident = UINT64_MAX;
  /// It is on the disk already.
  static constexpr Ticket no_ticket = 0;

  /// Whether the caller has the writer's place.
  enum class Place : std::uint8_t { outside, inside };

  /// Goes on from the words as they stand. A rescue: processes share the file.
  GroupSync(File& file, Publication& publication, const Options& options, Log log,
            std::optional<SyncRescue> rescue, WriteOut write_out);
  /// Sets the words to what was recovered.
  static void set_up(const Publication& words, const Recovered& recovered);

  // ---- Inside the gate

  /// The slot that the next state goes to.
  [[nodiscard]] std::uint32_t slot_for_next() const;
  /// That slot names the state now: W becomes it. So many bytes of pages were written before of
  /// which note_written() was not told. outcome_unknown, with what has poisoned it since the commit
  /// began.
  Result<Named> name(const State& state, std::uint64_t sequence, TxnId ceiling, Seen seen,
                     std::uint64_t bytes);
  /// The state is seen from now on; the file has nothing of it. What it builds on was published.
  /// poisoned.
  Result<Named> show(const State& state);
  /// The same for a state of which the file has a record; when_durable: once that, and the records
  /// before it, are on the disk. poisoned; outcome_unknown: the record may be there, or not.
  Result<Named> show_recorded(const State& state, std::uint64_t offset, Bytes record, Seen seen);
  /// What an opening found recorded is shown: all of it is as durable as the file is.
  void note_recorded(TxnId txn);
  /// Whether what is published was recorded, and its record is on the disk.
  [[nodiscard]] bool is_recorded() const;
  /// Whether all that only memory has is recorded.
  [[nodiscard]] bool is_noted() const;
  /// The newest state whose record is on the disk, of this opening; none: no_txn.
  [[nodiscard]] TxnId newest_recorded() const;
  /// So many bytes of pages went to the file; none: something else did.
  void note_written(std::uint64_t bytes);

  /// A failed write of a slot: nothing more is committed. outcome_unknown, with the cause.
  Failure poison(const Error& cause, TxnId txn);
  /// The same for a failure before anything named what it was for. poisoned, with the cause.
  Failure stop(const Error& cause);

  /// What a commit without changes comes to: it waits for the commits that it saw the work of.
  [[nodiscard]] Named named() const;

  /// Waits for a sync of all that was written so far. What went wrong is the system's error, and
  /// poisons.
  Status sync();
  /// Ends the sync in which a process was killed, if there is one.
  Status settle();
  /// What was left unsynced is as if it had been seen from now on.
  void expect_sync();
  /// Nobody waits any more for the writer's place to end the sync of a killed process.
  void begin_close() {
    const std::scoped_lock lock(mutex_);
    is_closing_ = true;
  }
  /// The file goes: no sync is in flight, nor will be. The background must have ended.
  void close();

  // ---- Anybody

  /// What is left of a commit after its slot is written: the waiting. outcome_unknown, with the
  /// cause. What a resident commit comes to when it cannot be written out: it is still there.
  Status finish(const Named& named, Place place = Place::outside);
  /// Whether a sync has answered for it. outcome_unknown: none will.
  [[nodiscard]] Result<bool> is_durable(const Named& named) const;

  /// In a forked child: nothing is said of the parent's commits.
  void forget() noexcept { is_forgotten_ = true; }

  /// Syncs what was seen before it was durable, when Options::background_sync says so, until asked
  /// to stop. For one thread.
  void sync_in_background(const std::stop_token& stop);

  /// poisoned, with what poisoned it.
  [[nodiscard]] Status check_healthy() const;
  /// Whether the newest written state, and all else that was written, is on the disk.
  [[nodiscard]] bool is_all_durable() const;
  /// Bytes of pages that it was told of and that no sync has answered for yet.
  [[nodiscard]] std::uint64_t unsynced_size() const;
  /// The ceiling in the newest slot that is on the disk.
  [[nodiscard]] TxnId synced_ceiling() const;
  /// The newest state that is durable, be it by a record.
  [[nodiscard]] TxnId newest_durable() const;
  /// Syncs that this process asked for since opening.
  [[nodiscard]] std::uint64_t sync_count() const;
  /// Threads that wait for the sync in flight, or for the one after it.
  [[nodiscard]] std::uint64_t waiter_count() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Clock = std::chrono::steady_clock;
  using Word = Publication::Word;

  Status wait_for(Lock& lock, Ticket ticket, Place place);
  Status lead(Lock& lock, Ticket ticket, Place place);
  Status wait_for_durable(Lock& lock, TxnId txn);
  Status in_writers_place(Lock& lock, const std::function<Status()>& work);
  [[nodiscard]] Status enter_turn(Lock& lock);
  void leave_turn();
  void run_sync(Lock& lock, bool is_again);
  Status sync_file(bool is_again);
  [[nodiscard]] Word set_syncing();
  [[nodiscard]] bool is_any_in_flight() const {
    return words_.syncing_word() != Publication::no_state;
  }
  [[nodiscard]] bool may_finish(Ticket ticket) const;
  [[nodiscard]] std::optional<Error> poison() const;
  [[nodiscard]] Status health() const;
  void set_poison(const Error& cause);
  void note_background(const Status& synced);
  [[nodiscard]] Error obstacle() const;
  [[nodiscard]] Ticket finished() const;
  [[nodiscard]] TxnId durable() const;
  [[nodiscard]] bool is_only_in_memory() const {
    return words_.has_resident() && noted_ < words_.published();
  }
  [[nodiscard]] bool has_unsynced() const;
  [[nodiscard]] std::uint64_t unsynced_bytes() const {
    return line_.written_bytes.load() - line_.covered_bytes.load();
  }
  [[nodiscard]] std::optional<Clock::time_point> due_time() const;
  [[nodiscard]] bool is_overdue() const;
  [[nodiscard]] bool is_much_unsynced() const;

  File& file_;
  Publication& words_;
  WriterLine& writer_;
  SyncLine& line_;
  const SafetyRules rules_;
  const BackgroundSync background_;
  const Log log_;
  const std::optional<SyncRescue> rescue_;
  const WriteOut write_out_;
  std::atomic<bool> is_forgotten_{false};
  std::atomic<bool> is_closing_{false};

  mutable std::mutex mutex_;  // over all below
  std::condition_variable turn_;
  bool is_syncing_ =
      false;              ///< a thread of this process syncs, or waits for another process's sync
  TxnId noted_;           ///< the newest state that is recorded
  TxnId recorded_;        ///< the newest one whose record is on the disk
  TxnId syncing_record_;  ///< the newest one whose record the sync in flight covers
  std::uint64_t settling_count_ = 0;
  std::uint64_t sync_count_ = 0;
  std::uint64_t waiter_count_ = 0;
  std::optional<Error> poison_;
  bool has_background_failed_ = false;  ///< since it last succeeded
  bool is_closed_ = false;
  std::optional<Ticket> last_finished_;  ///< the words are gone
  TxnId last_durable_;                   ///< of the same
  std::condition_variable_any overdue_;
  std::optional<Clock::time_point> seen_since_;  ///< the first of the unsynced
};

}  // namespace quire
