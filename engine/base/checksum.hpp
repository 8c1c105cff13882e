// Checksums: XXH3 over pages and meta slots. They find damage and torn writes, not adversaries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// XXH3-64 of the bytes under a seed.
std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept;

/// The same of bytes that come piece by piece. Not thread-safe.
class RunningChecksum64 {
 public:
  explicit RunningChecksum64(std::uint64_t seed) noexcept;

  void add(Bytes piece) noexcept;
  /// Of all that was added so far.
  [[nodiscard]] std::uint64_t value() noexcept;

 private:
  static constexpr std::size_t state_size = 576;
  alignas(64) std::byte state_[state_size];
};

/// XXH3-128 of the bytes, low half first.
std::array<std::uint64_t, 2> checksum128(Bytes bytes) noexcept;

}  // namespace quire
