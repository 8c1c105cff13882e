// ReaderRegistry: the reader slots of one open database.
//
// A thread claims a slot at its first read and keeps it, so that a pin is one CAS up and one down
// on a line that no other thread writes. A slot whose count is 0 stays as a *soft* pin until the
// writer revokes it: an idle thread never holds space.
//
// Registries are type-stable: their memory is reused but never freed. So a pin may be dropped at
// any time, also as the very last thing left of a database: what was retired with the registry (the
// map, the file) is destroyed by whoever drops the last pin.
//
// Invariant: a state that some slot names with a count above 0 was published when the slot was set,
// and no page of it was reused since.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/pin.hpp"
#include "quire/engine/mvcc/publication.hpp"
#include "quire/engine/mvcc/state.hpp"

namespace quire {

/// Thread-safe.
class ReaderRegistry {
 public:
  /// A registry with no pins, new or reused.
  static ReaderRegistry& acquire(std::uint32_t slot_count);

  /// No new pins from here on. Destroys the resources at once, or when the last pin is dropped.
  void retire(std::shared_ptr<void> resources);

  /// Nobody will call pin() again, after retire(): once the last pin is dropped the registry may
  /// serve another database.
  void abandon();

  struct PinnedState {
    Pin pin;
    const State* state;  ///< of the calling thread; valid until its next pin()
  };
  /// Pins what is published now. too_many_readers; closed after retire().
  Result<PinnedState> pin(const Publication& publication);

  /// Every transaction that a pin names, in no order; soft pins are revoked. For the writer, which
  /// must have loaded the published word before.
  void collect(std::vector<TxnId>& pins);

  /// How many pins are alive.
  [[nodiscard]] std::uint64_t pin_count() const;

  /// Tells this use of the registry from every other, also of the same memory.
  [[nodiscard]] std::uint64_t incarnation() const {
    return incarnation_.load(std::memory_order_acquire);
  }

 private:
  friend class Pin;
  friend class ThreadSlots;

  explicit ReaderRegistry(std::uint32_t slot_count);
  Result<PinnedState> pin_late(const Publication& publication);
  Result<ReaderSlot*> claim(ReaderSlot::Owner owner);
  void leave(ReaderSlot& slot, std::uint64_t incarnation);
  static void free_orphan(ReaderSlot& slot);
  void finish_if_unused();
  [[nodiscard]] bool close_slots();
  void give_to_pool();

  std::atomic<std::uint64_t> incarnation_{0};
  std::atomic<bool> is_retiring_{false};
  bool is_finished_ = false;  ///< the resources are gone
  bool is_abandoned_ = false;
  std::atomic<std::uint32_t> used_slots_{0};  ///< slots at or above this index were never claimed
  std::mutex mutex_;                          ///< over retiring, finishing and leaving
  std::shared_ptr<void> resources_;
  std::vector<ReaderSlot> slots_;
};

}  // namespace quire
