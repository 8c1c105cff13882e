// Pin: what keeps one committed state readable.
//
// It is one pointer to a reader slot, of which it has raised the count, and may go to another
// thread.
//
// Slots live at addresses that stay valid (StableMemory), so lowering a count is safe even while
// the last user of the database goes away.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/ids.hpp"
#include "quire/engine/base/result.hpp"
#include "quire/engine/mvcc/reader_slot.hpp"

namespace quire {

struct State;

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

  /// Whether a hard limit on readers was passed: nothing more is shown of the state.
  [[nodiscard, gnu::always_inline]] bool is_ousted() const noexcept {
    return holds() && is_ousted(txn());
  }
  /// The same for who asks often, and knows the state's txn. Needs holds().
  [[nodiscard, gnu::always_inline]] bool is_ousted(TxnId txn) const noexcept {
    return slot_->ousted.load(std::memory_order_relaxed) == txn.value;
  }
  /// Whether the state is to be had: pinned, and not ousted.
  [[nodiscard]] bool is_kept() const noexcept { return holds() && !is_ousted(); }
  /// What people see of it, up to 32 bytes; together with all pins of the thread at this state.
  void set_name(std::string_view name) const;

  /// Another pin on the same state. snapshot_ousted. too_many_readers when the slot's count is used
  /// up and no other slot is free.
  [[nodiscard]] Result<Pin> share() const;
  /// The same for who reads the state where this pin keeps it: there the other pin keeps it.
  [[nodiscard]] Result<Pin> share(const State*& state) const;

  /// Whether both are counted in one place, which holds 65,535 of them.
  [[nodiscard]] bool is_beside(const Pin& other) const noexcept { return slot_ == other.slot_; }

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
