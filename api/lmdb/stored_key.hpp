// LmdbKey: a table's id and a key, as LMDB stores them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "quire/api/lmdb/view.hpp"
#include "quire/engine/engine.hpp"

namespace quire {

/// Of a key that is too long to be stored it keeps one byte more than can be, so that it is in the
/// same place among those that are stored.
class LmdbKey {
 public:
  static constexpr std::size_t prefix_size = sizeof(TableId::value);

  LmdbKey(TableId table, Bytes key) {
    for (std::size_t index = 0; index < prefix_size; ++index) {
      room_[index] = static_cast<std::byte>(table.value >> (8 * (prefix_size - 1 - index)));
    }
    const Bytes kept = key.first(std::min(key.size(), max_lmdb_key_size + 1));
    copy_bytes(room_.data() + prefix_size, kept);
    size_ = prefix_size + kept.size();
  }

  [[nodiscard]] Bytes bytes() const { return Bytes(room_).first(size_); }
  [[nodiscard]] bool is_storable() const { return size_ <= prefix_size + max_lmdb_key_size; }

 private:
  std::array<std::byte, prefix_size + max_lmdb_key_size + 1> room_;
  std::size_t size_;
};

}  // namespace quire
