// Checksums: XXH3 over pages and meta slots. They find damage and torn writes, not adversaries.
#pragma once

#include <array>
#include <cstdint>

#include "quire/engine/base/bytes.hpp"

namespace quire {

/// XXH3-64 of the bytes under a seed.
std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept;

/// The same of several pieces, as if they lay one behind the other.
std::uint64_t checksum64(std::span<const Bytes> pieces, std::uint64_t seed) noexcept;

/// XXH3-128 of the bytes, low half first.
std::array<std::uint64_t, 2> checksum128(Bytes bytes) noexcept;

}  // namespace quire
