#include "quire/engine/base/checksum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace quire {

std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::array<std::uint64_t, 2> checksum128(Bytes bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

}  // namespace quire
