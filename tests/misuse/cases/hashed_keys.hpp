// A key format without an order, as one that stores hashes is, for the cases about such tables.
#pragma once

#include <quire/quire.hpp>

#include <cstdint>
#include <string>

namespace quire::test {

/// Stores a number with its bytes as they lie in memory, so that they do not sort as numbers do.
struct HashedKeys {
  static constexpr bool is_ordered = false;

  template <class K>
  using Argument = K;

  template <class K>
  [[nodiscard]] FixedKey<sizeof(K)> encode(K key) const {
    FixedKey<sizeof(K)> encoded;
    copy_bytes(encoded.room.data(), std::as_bytes(std::span(&key, 1)));
    return encoded;
  }
  template <class K>
  [[nodiscard]] Result<K> decode(Bytes stored) const {
    K key = 0;
    if (stored.size() != sizeof key) return fail(ErrorCode::corrupt);
    copy_bytes(std::as_writable_bytes(std::span(&key, 1)).data(), stored);
    return key;
  }
  template <class K>
  [[nodiscard]] std::string descriptor() const {
    return "hashed";
  }
};
static_assert(KeyFormat<HashedKeys, std::uint64_t>);

using HashedTable = Table<std::uint64_t, double, HashedKeys>;

}  // namespace quire::test
