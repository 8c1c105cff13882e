// The hash that finds keys in archived hash tables: FxHash with 64 bits.
//
// It has no secret: whoever chooses the keys can make them collide.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/rkyv/layout.hpp"

namespace quire::rkyv {

class Hasher {
 public:
  constexpr void word(std::uint64_t word) noexcept {
    hash_ = (std::rotl(hash_, 5) ^ word) * 0x517C'C1B7'2722'0A95;
  }
  void bytes(Bytes bytes) noexcept {
    const std::byte* at = bytes.data();
    std::size_t rest = bytes.size();
    for (; rest >= 8; rest -= 8, at += 8) word(load<std::uint64_t>(at));
    if ((rest & 4) != 0) word(load<std::uint32_t>(std::exchange(at, at + 4)));
    if ((rest & 2) != 0) word(load<std::uint16_t>(std::exchange(at, at + 2)));
    if ((rest & 1) != 0) word(load<std::uint8_t>(at));
  }
  /// As the language hashes a string.
  void text(Bytes text) noexcept {
    bytes(text);
    word(0xFF);
  }
  [[nodiscard]] constexpr std::uint64_t hash() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

}  // namespace quire::rkyv
