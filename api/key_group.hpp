// KeyGroup: keys that are looked up together.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "quire/engine/engine.hpp"

namespace quire {

/// Encoded keys, as many as the tree takes at once with some over, and what was found under them.
/// Not thread-safe.
template <class SchemaType>
class KeyGroup {
 public:
  using Key = decltype(std::declval<const SchemaType&>().encode(
      std::declval<const typename SchemaType::KeyArgument&>()));
  static constexpr std::size_t most = 64;

  KeyGroup() { keys_.reserve(most); }

  [[nodiscard]] bool is_full() const { return keys_.size() == most; }
  void add(Key key) { keys_.push_back(std::move(key)); }
  void clear() { keys_.clear(); }

  Status find(const Cursor& cursor) {
    std::array<Bytes, most> bytes;
    for (std::size_t index = 0; index < keys_.size(); ++index) bytes[index] = keys_[index].bytes();
    return lookup_many(cursor.pages(), cursor.root(), std::span(bytes).first(keys_.size()),
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
