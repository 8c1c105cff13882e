// KeyGroup: keys that are looked up together.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/encoded_key.hpp"

namespace quire {

/// Whether what a range's elements refer to is there as long as the range.
template <class Keys>
concept KeepsKeys = std::ranges::forward_range<Keys> &&
                    std::is_lvalue_reference_v<std::ranges::range_reference_t<Keys>>;

/// Encoded keys, as many as the tree takes at once with some over, and what was found under them.
/// Where their range does not keep them, they are copied. Not thread-safe.
template <class SchemaType, class Keys>
class KeyGroup {
 public:
  using Encoded = decltype(std::declval<const SchemaType&>().encode(
      std::declval<const typename SchemaType::KeyArgument&>()));
  static constexpr bool is_borrowed = std::same_as<Encoded, BorrowedKey>;
  using Key = std::conditional_t<is_borrowed && !KeepsKeys<Keys>, OwnedKey, Encoded>;
  static constexpr std::size_t most = 64;

  KeyGroup() { keys_.reserve(most); }

  [[nodiscard]] bool is_full() const { return keys_.size() == most; }
  void add(Encoded key) {
    if constexpr (std::same_as<Key, Encoded>) {
      keys_.push_back(std::move(key));
    } else {
      keys_.emplace_back(key.bytes());
    }
  }
  void clear() { keys_.clear(); }

  Status find(EntryCursor auto& cursor) {
    std::array<Bytes, most> bytes;
    for (std::size_t index = 0; index < keys_.size(); ++index) bytes[index] = keys_[index].bytes();
    return cursor.find_many(std::span<const Bytes>(bytes).first(keys_.size()),
                            std::span(values_).first(keys_.size()));
  }
  [[nodiscard]] std::span<const std::optional<Value>> values() const {
    return std::span(values_).first(keys_.size());
  }

 private:
  std::vector<Key> keys_;
  std::array<std::optional<Value>, most> values_;
};

}  // namespace quire
