// MultiTable: several values under one key, as an index has them.
#pragma once

#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "quire/api/backend.hpp"
#include "quire/api/native.hpp"
#include "quire/api/table.hpp"
#include "quire/api/table_editor.hpp"
#include "quire/formats/empty.hpp"

namespace quire {

/// Pairs of a key and a value, each pair once, in order of keys and of values under one key: a
/// table whose keys are both and whose values are nothing, so that both are of types that have
/// ordered key formats. Storage::new_multi_table makes it. Thread-safe; copies stand for the same.
/// In a transaction it is edited as that table:
///   txn.table(cities_of.table()).put({"Switzerland", "Bern"}, {}).value();
template <class K, class V, Backend Place = backend::Native>
class MultiTable {
 public:
  using Pair = std::tuple<K, V>;
  using Pairs = Table<Pair, Empty, DefaultKeyFormat<Pair>, DefaultValueFormat<Empty>, Place>;

  /// For Storage.
  explicit MultiTable(const Pairs& pairs) : pairs_(pairs) {}

  /// True when the pair is new.
  Result<bool> put(const K& key, const V& value, std::optional<Durability> durability = {}) {
    return pairs_.insert_if_absent(Pair(key, value), Empty{}, durability);
  }
  /// False when there was no such pair.
  Result<bool> erase(const K& key, const V& value, std::optional<Durability> durability = {}) {
    return pairs_.erase(Pair(key, value), durability);
  }
  /// All values under the key; how many there were.
  Result<std::uint64_t> erase_all(const K& key) { return pairs_.erase_prefix(key); }

  [[nodiscard]] Result<bool> contains(const K& key, const V& value) const {
    return pairs_.contains(Pair(key, value));
  }
  /// How many values there are under the key: O(height) where the backend counts.
  [[nodiscard]] Result<std::uint64_t> count(const K& key) const {
    return pairs_.prefix(key).count();
  }
  [[nodiscard]] Result<std::uint64_t> size() const { return pairs_.size(); }

  /// The values under the key, in order: a range, read while it is iterated. See Range for what
  /// happens on errors.
  [[nodiscard]] auto values(const K& key) const {
    return pairs_.prefix(key) |
           std::views::transform([](const auto& entry) -> V { return std::get<1>(entry.key); });
  }

  /// The table of the pairs.
  [[nodiscard]] const Pairs& table() const { return pairs_; }

 private:
  Pairs pairs_;
};

}  // namespace quire
