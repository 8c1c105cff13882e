// ReaderRegistry: the control block of one open database, and its reader slots.
//
// A thread claims a slot at its first read and keeps it, so that a pin is one CAS up and one down
// on a line that no other thread writes. A slot whose count is 0 stays as a *soft* pin until the
// writer revokes it: an idle thread never holds space.
//
// Registries are type-stable: their memory is reused but never freed. So a pin may be dropped at
// any time, also as the very last thing left of a database: what was retired with the registry (the
// map, the file) is destroyed by whoever drops the last pin of this process.
//
// The slots may lie in a lock file and be those of several processes. Then only the slots of this
// process are closed, and it keeps its number in the lock file until nobody can pin any more.
//
// Invariant: a state that some slot names with a count above 0 was published when the slot was set,
// and no page of it was reused since.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/file/fork_watch.hpp"
#include "quire/engine/file/stable_memory.hpp"
#include "quire/engine/mvcc/control_block.hpp"
#include "quire/engine/mvcc/lock_file.hpp"
#include "quire/engine/mvcc/pin.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/mvcc/reader_watch.hpp"
#include "quire/engine/mvcc/state.hpp"

namespace quire {

/// Thread-safe.
class ReaderRegistry final : ForkWatch {
 public:
  /// A registry with no pins, new or reused, in private memory.
  static ReaderRegistry& acquire(std::uint32_t slot_count);

  /// Its block is that of the lock file from now on, of as many slots. Before the first pin.
  Status share(LockFile lock_file);
  /// Of a block that is shared; else none.
  [[nodiscard]] LockFile* lock_file() { return lock_file_ ? &*lock_file_ : nullptr; }
  [[nodiscard]] ControlBlock& block() const { return *block_; }
  [[nodiscard]] std::uint32_t slot_count() const {
    return static_cast<std::uint32_t>(slots_.size());
  }
  /// The number of this process among those that share the block.
  [[nodiscard]] std::uint32_t process() const { return lock_file_ ? lock_file_->process() : 0; }
  /// Frees what processes have left that were killed.
  void clear_dead() const {
    if (lock_file_) lock_file_->clear_dead();
  }

  /// No new pins from here on. Destroys the resources at once, or when the last pin of this process
  /// is dropped; whether at once.
  bool retire(std::shared_ptr<void> resources);

  /// Nobody will call pin() again, after retire(): once the last pin is dropped the registry may
  /// serve another database.
  void abandon();

  struct PinnedState {
    Pin pin;
    const State* state = nullptr;  ///< valid for as long as its slot has a pin
  };
  /// Pins what is published now. too_many_readers; closed after retire().
  Result<PinnedState> pin(const Publication& publication);
  /// Its two halves. Where the thread stands at that state already; else no pin:
  [[nodiscard]] PinnedState pin_again(const Publication& publication) const;
  /// Where it does not:
  Result<PinnedState> pin_anew(const Publication& publication);

  /// Every transaction that a pin names, in no order; soft pins are revoked. For the writer, which
  /// must have loaded the published word before.
  void collect(std::vector<TxnId>& pins);

  /// Everybody who keeps a state, and the one to look at what that costs.
  [[nodiscard]] ReaderView view(TxnId published, std::uint32_t page_size) const;

  /// How many pins are alive, in all processes.
  [[nodiscard]] std::uint64_t pin_count() const;

  /// Tells this use of the registry from every other, also of the same memory.
  [[nodiscard]] std::uint64_t incarnation() const {
    return incarnation_.load(std::memory_order_acquire);
  }

 private:
  friend class Pin;
  friend class ThreadSlots;

  explicit ReaderRegistry(std::uint32_t slot_count);
  void in_child() noexcept override;
  Result<PinnedState> pin_late(const Publication& publication);
  Result<ReaderSlot*> claim(SlotOwner::Kind kind);
  ReaderSlot* find_free(SlotOwner::Kind kind);
  void raise_used_slots(std::uint32_t count);
  void unclaim(ReaderSlot& slot);
  [[nodiscard]] State& make_state(const ReaderSlot& slot);
  [[nodiscard]] static ReaderRegistry* of(const ReaderSlot& slot);
  void leave(ReaderSlot& slot, std::uint64_t incarnation);
  void free_orphan(ReaderSlot& slot) const;
  bool finish_if_unused();
  [[nodiscard]] bool close_slots();
  [[nodiscard]] std::span<ReaderSlot> used_slots() const;
  void clear_block();
  void give_to_pool();

  std::atomic<std::uint64_t> incarnation_{0};
  std::atomic<bool> is_retiring_{false};
  bool is_finished_ = false;  ///< the resources are gone
  bool is_abandoned_ = false;
  std::mutex mutex_;  ///< over retiring, finishing and leaving
  std::shared_ptr<void> resources_;
  StableMemory memory_;
  ControlBlock* const block_;
  std::span<ReaderSlot> slots_;
  StableMemory states_;  ///< of each slot, of this process; made anew only while it has no pin
  std::optional<LockFile> lock_file_;
};

}  // namespace quire
