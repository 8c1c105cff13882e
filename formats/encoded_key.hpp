// Encoded keys: where a key's stored form lies while it is looked up or stored.
//
// Keys of a fixed size and those that are stored as they are need no memory from the heap; others
// take it only beyond the room inside.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "quire/engine/base/bytes.hpp"
#include "quire/formats/format.hpp"

namespace quire {

/// A key of a size that its type fixes.
template <std::size_t size>
struct FixedKey {
  std::array<std::byte, size> room;
  [[nodiscard]] Bytes bytes() const noexcept { return room; }
};
static_assert(EncodedKey<FixedKey<4>>);

/// A key whose own bytes are its stored form; valid as long as those are.
struct BorrowedKey {
  Bytes own;
  [[nodiscard]] Bytes bytes() const noexcept { return own; }
};
static_assert(EncodedKey<BorrowedKey>);

/// A key of any size, owned. Move-only.
class OwnedKey {
 public:
  /// Of that many bytes, which the maker then writes through room().
  explicit OwnedKey(std::size_t size) : size_(size) {
    if (size > inline_size) long_ = std::make_unique_for_overwrite<std::byte[]>(size);
  }
  explicit OwnedKey(Bytes bytes) : OwnedKey(bytes.size()) { copy_bytes(room(), bytes); }

  OwnedKey(OwnedKey&& other) noexcept
      : size_(std::exchange(other.size_, 0)), long_(std::move(other.long_)) {
    take_short(other);
  }
  OwnedKey& operator=(OwnedKey&& other) noexcept {
    if (this == &other) return *this;
    size_ = std::exchange(other.size_, 0);
    long_ = std::move(other.long_);
    take_short(other);
    return *this;
  }
  ~OwnedKey() = default;

  [[nodiscard]] std::byte* room() noexcept { return long_ ? long_.get() : short_; }
  [[nodiscard]] Bytes bytes() const noexcept { return {long_ ? long_.get() : short_, size_}; }

 private:
  static constexpr std::size_t inline_size = 64;
  void take_short(const OwnedKey& other) noexcept {
    if (!long_) copy_bytes(short_, {other.short_, size_});
  }

  std::size_t size_;
  std::unique_ptr<std::byte[]> long_;
  std::byte short_[inline_size];  ///< not initialised: written up to size_ when not long_
};
static_assert(EncodedKey<OwnedKey>);

}  // namespace quire
