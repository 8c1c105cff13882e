#include "quire/engine/base/checksum.hpp"

#define XXH_STATIC_LINKING_ONLY  // for states that live on the stack
#include <xxhash.h>
#ifdef QUIRE_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>  // gives the names below to what picks the processor's best way
#endif

namespace quire {

std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t checksum64(std::span<const Bytes> pieces, std::uint64_t seed) noexcept {
  XXH3_state_t state;
  XXH3_INITSTATE(&state);  // otherwise it may take a secret that the stack happens to hold for ours
  XXH3_64bits_reset_withSeed(&state, seed);
  for (const Bytes piece : pieces) XXH3_64bits_update(&state, piece.data(), piece.size());
  return XXH3_64bits_digest(&state);
}

std::array<std::uint64_t, 2> checksum128(Bytes bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

}  // namespace quire
