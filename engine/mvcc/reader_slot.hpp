// ReaderSlot: a cache line that says which state somebody keeps, and who.
//
// Its word is `txn (48) | count (16)`: so many guards and snapshots keep that state. Only the
// slot's owner thread sets a txn; anybody who holds a pin may raise or lower the count. With a
// count of 0 it is a *soft* pin, which the writer revokes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "quire/engine/base/ids.hpp"

namespace quire {

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

/// Who owns a slot: process (24) | kind (8). 0: nobody.
struct SlotOwner {
  /// orphan: its thread is gone, pins are left; whoever brings the count to 0 frees it.
  /// sharer: an orphan to be, whose first pin is being made.
  enum class Kind : std::uint8_t { none, thread, orphan, sharer };
  static constexpr std::uint32_t nobody = 0;
  static constexpr std::uint32_t make(std::uint32_t process, Kind kind) {
    return process << 8 | static_cast<std::uint32_t>(kind);
  }
  static constexpr Kind kind(std::uint32_t owner) { return static_cast<Kind>(owner & 0xff); }
  static constexpr bool is_of(std::uint32_t owner, std::uint32_t process) {
    return owner != nobody && owner >> 8 == process;
  }
};

struct alignas(64) ReaderSlot {
  std::atomic<std::uint64_t> word{0};         //  0
  std::atomic<std::uint32_t> owner{0};        //  8  SlotOwner
  std::atomic<std::uint32_t> is_retiring{0};  // 12  its process closes the database

  [[nodiscard]] bool has_work_at_zero() const {
    return SlotOwner::kind(owner.load(std::memory_order_seq_cst)) == SlotOwner::Kind::orphan ||
           is_retiring.load(std::memory_order_seq_cst) != 0;
  }
};
static_assert(sizeof(ReaderSlot) == 64 && offsetof(ReaderSlot, owner) == 8 &&
              offsetof(ReaderSlot, is_retiring) == 12);

}  // namespace quire
