// LmdbKeeper: what a guard of a storage over LMDB holds, and the copies that it may be of.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "quire/api/guard.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/heap_bytes.hpp"
#include "quire/formats/in_place.hpp"

namespace quire {

/// Keeps whatever has the bytes: the read transaction that they lie in, or a copy. A copy of it
/// costs an atomic addition and never fails.
class LmdbKeeper {
 public:
  explicit LmdbKeeper(std::shared_ptr<const void> kept) : kept_(std::move(kept)) {}
  [[nodiscard]] Result<LmdbKeeper> share() const { return *this; }

 private:
  std::shared_ptr<const void> kept_;
};
static_assert(Keeper<LmdbKeeper>);

/// LMDB puts a value at any even address. Here are copies of those that are not aligned.
class AlignedCopies {
 public:
  /// The same bytes at that alignment, valid as long as stored and until clear().
  [[nodiscard]] Bytes align(Bytes stored, std::uint32_t alignment) {
    if (is_aligned(stored, alignment)) return stored;
    copies_.push_back(std::make_shared<HeapBytes>(stored, alignment));
    return copies_.back()->bytes();
  }
  /// What keeps bytes that align() gave: their copy, or whatever keeps the stored ones.
  [[nodiscard]] LmdbKeeper keep(Bytes bytes, const std::shared_ptr<const void>& stored) const {
    for (const auto& copy : copies_) {
      if (copy->bytes().data() == bytes.data()) return LmdbKeeper(copy);
    }
    return LmdbKeeper(stored);
  }
  void clear() { copies_.clear(); }

 private:
  std::vector<std::shared_ptr<const HeapBytes>> copies_;
};

}  // namespace quire
