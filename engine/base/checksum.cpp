#include "quire/engine/base/checksum.hpp"

#define XXH_STATIC_LINKING_ONLY  // for states that are no pieces of the heap
#include <xxhash.h>
#ifdef QUIRE_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>  // gives the names below to what picks the processor's best way
#endif

#include <new>

#include "quire/engine/base/overlay.hpp"

namespace quire {

std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

RunningChecksum64::RunningChecksum64(std::uint64_t seed) noexcept {
  static_assert(sizeof(XXH3_state_t) <= state_size && alignof(XXH3_state_t) <= 64);
  XXH3_state_t* const state = new (state_) XXH3_state_t;
  XXH3_INITSTATE(state);  // otherwise it may take a secret that the room happens to hold for ours
  XXH3_64bits_reset_withSeed(state, seed);
}

void RunningChecksum64::add(Bytes piece) noexcept {
  XXH3_64bits_update(shared_overlay<XXH3_state_t>(state_), piece.data(), piece.size());
}

std::uint64_t RunningChecksum64::value() noexcept {
  return XXH3_64bits_digest(shared_overlay<XXH3_state_t>(state_));
}

std::array<std::uint64_t, 2> checksum128(Bytes bytes) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

}  // namespace quire
