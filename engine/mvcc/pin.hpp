// Pin: what keeps one committed state readable.
//
// A reader slot is one cache line whose word is `txn (48) | count (16)`: so many guards and
// snapshots keep that state. Only the slot's owner thread sets a txn; anybody who holds a pin may
// raise or lower the count. A pin is one pointer and may go to another thread.
//
// Slots live in memory that is never given back (reader_registry.cpp), so lowering a count is
// safe even while the last user of the database goes away.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"

namespace quire {

class ReaderRegistry;

/// A slot's word and its arithmetic.
struct SlotWord {
  static constexpr std::uint64_t count_bits = 16;
  static constexpr std::uint64_t max_count = (std::uint64_t{1} << count_bits) - 1;
  /// No pin may be made here any more: the database is closed.
  static constexpr std::uint64_t retired = ~max_count;
  static constexpr std::uint64_t make(TxnId txn, std::uint64_t count) {
    return txn.value << count_bits | count;
  }
  static constexpr TxnId txn(std::uint64_t word) { return {word >> count_bits}; }
  static constexpr std::uint64_t count(std::uint64_t word) { return word & max_count; }
};

struct alignas(64) ReaderSlot {
  /// orphan: its thread is gone, pins are left; whoever brings the count to 0 frees it.
  /// sharer: an orphan to be, whose first pin is being made.
  enum class Owner : std::uint8_t { none, thread, orphan, sharer };
  std::atomic<std::uint64_t> word{0};
  std::atomic<Owner> owner{Owner::none};
  ReaderRegistry* registry = nullptr;              ///< fixed when the slot's memory is made
  const std::atomic<bool>* is_retiring = nullptr;  ///< the registry's flag, fixed likewise

  [[nodiscard]] bool has_work_at_zero() const {
    return owner.load(std::memory_order_seq_cst) == Owner::orphan ||
           is_retiring->load(std::memory_order_seq_cst);
  }
};
static_assert(sizeof(ReaderSlot) == 64);

/// Move-only. Distinct pins may be used from different threads; one pin by one thread at a time.
class [[nodiscard]] Pin {
 public:
  Pin() = default;
  /// Takes over one count that the caller has raised.
  explicit Pin(ReaderSlot& counted) noexcept : slot_(&counted) {}
  Pin(Pin&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Pin& operator=(Pin&& other) noexcept {
    if (this != &other) {
      release();
      slot_ = std::exchange(other.slot_, nullptr);
    }
    return *this;
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() { release(); }

  [[nodiscard]] bool holds() const noexcept { return slot_ != nullptr; }
  [[nodiscard]] TxnId txn() const noexcept {
    return slot_ == nullptr ? no_txn : SlotWord::txn(slot_->word.load(std::memory_order_relaxed));
  }

  /// Another pin on the same state. too_many_readers when the slot's count is used up and no other
  /// slot is free.
  [[nodiscard]] Result<Pin> share() const;

 private:
  void release() noexcept {
    if (slot_ == nullptr) return;
    const std::uint64_t before = slot_->word.fetch_sub(1, std::memory_order_seq_cst);
    QUIRE_ASSERT(SlotWord::count(before) != 0);
    const bool is_last = SlotWord::count(before) == 1;
    if (is_last && slot_->has_work_at_zero()) [[unlikely]]
      last_released(*slot_);
    slot_ = nullptr;
  }
  /// The count is 0: frees the slot of a thread that is gone, and what waited for the last pin.
  static void last_released(ReaderSlot& slot) noexcept;

  ReaderSlot* slot_ = nullptr;
};

}  // namespace quire
