// Strong numbers: a page number cannot be taken for a transaction or a count.
#pragma once

#include <compare>
#include <cstdint>

namespace quire {

/// A transaction: 48 bits in the file, given out in rising order, never twice. 0 means none.
struct TxnId {
  std::uint64_t value = 0;
  auto operator<=>(const TxnId&) const = default;
  [[nodiscard]] constexpr TxnId next() const { return {value + 1}; }
};
inline constexpr TxnId no_txn{};
inline constexpr std::uint64_t txn_bits = 48;

/// A table, for the lifetime of the file. 0 is the catalog.
struct TableId {
  std::uint32_t value = 0;
  auto operator<=>(const TableId&) const = default;
};
inline constexpr TableId catalog_table{};

/// A page's place in the file, in pages from its start. 0 means none: the meta slots lie there.
struct PageNo {
  std::uint32_t value = 0;
  auto operator<=>(const PageNo&) const = default;
  [[nodiscard]] constexpr PageNo after(std::uint32_t pages) const { return {value + pages}; }
};
inline constexpr PageNo no_page{};

/// A branch's height over the leaves, which are at 0.
using Level = std::uint8_t;
inline constexpr Level max_level = 31;

/// What a child field holds: a page of the file, or, with the top bit set, a page that has no
/// number yet, by its index in the arena. The file never holds the latter.
class PageRef {
 public:
  constexpr PageRef() = default;
  constexpr PageRef(PageNo number) : value_(number.value) {}  // NOLINT(google-explicit-constructor)
  static constexpr PageRef in_arena(std::uint32_t arena_index) {
    return from_raw(arena_index | arena_bit);
  }
  static constexpr PageRef from_raw(std::uint32_t raw) {
    PageRef ref;
    ref.value_ = raw;
    return ref;
  }

  [[nodiscard]] constexpr bool is_in_arena() const { return (value_ & arena_bit) != 0; }
  [[nodiscard]] constexpr bool is_none() const { return value_ == 0; }
  [[nodiscard]] constexpr PageNo number() const { return {value_}; }
  [[nodiscard]] constexpr std::uint32_t arena_index() const { return value_ & ~arena_bit; }
  [[nodiscard]] constexpr std::uint32_t raw() const { return value_; }
  auto operator<=>(const PageRef&) const = default;

  static constexpr std::uint32_t arena_bit = 0x8000'0000;

 private:
  std::uint32_t value_ = 0;
};

/// Page numbers stay below this, so that the top bit is free for those of the arena.
inline constexpr std::uint64_t max_page_count = PageRef::arena_bit;

}  // namespace quire
