// ReaderSlot: two cache lines that say which state somebody keeps, and who.
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
  static constexpr std::uint32_t process(std::uint32_t owner) { return owner >> 8; }
  static constexpr bool is_of(std::uint32_t owner, std::uint32_t process) {
    return owner != nobody && owner >> 8 == process;
  }
};

/// Up to 32 bytes of text, then zeros.
using NameWords = std::array<std::atomic<std::uint64_t>, 4>;

/// What it is for in its first line, what people want to know of it in its second.
struct alignas(128) ReaderSlot {
  std::atomic<std::uint64_t> word{0};         //   0
  std::atomic<std::uint32_t> owner{0};        //   8  SlotOwner
  std::atomic<std::uint32_t> is_retiring{0};  //  12  its process closes the database
  std::atomic<std::uint64_t> ousted{0};       //  16  the txn of which nothing more is shown
  std::atomic<std::uint64_t> named{0};        //  24  the txn to which `name` belongs
  std::atomic<std::uint64_t> warned{0};       //  32  the txn that a soft limit was told of
  std::array<std::uint64_t, 3> unused{};      //  40
  std::atomic<std::uint64_t> since{0};        //  64  when the txn was set: nanoseconds since 1970
  std::atomic<std::uint64_t> aged{0};         //  72  the txn that `old_since` is about
  std::atomic<std::uint64_t> old_since{0};    //  80  when a newer state was seen by a writer
  std::atomic<std::uint64_t> kept_pages{0};   //  88  dead pages that wait for this state
  NameWords name{};                           //  96  up to 32 bytes, then zeros

  /// Anybody may claim it.
  void give_up() {
    is_retiring.store(0);
    owner.store(SlotOwner::nobody);
  }
  [[nodiscard]] bool has_work_at_zero() const {
    return SlotOwner::kind(owner.load(std::memory_order_seq_cst)) == SlotOwner::Kind::orphan ||
           is_retiring.load(std::memory_order_seq_cst) != 0;
  }
};
static_assert(sizeof(ReaderSlot) == 128 && offsetof(ReaderSlot, owner) == 8 &&
              offsetof(ReaderSlot, is_retiring) == 12 && offsetof(ReaderSlot, ousted) == 16 &&
              offsetof(ReaderSlot, named) == 24 && offsetof(ReaderSlot, since) == 64 &&
              offsetof(ReaderSlot, aged) == 72 && offsetof(ReaderSlot, old_since) == 80 &&
              offsetof(ReaderSlot, kept_pages) == 88 && offsetof(ReaderSlot, name) == 96);

}  // namespace quire
