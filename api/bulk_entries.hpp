// What many entries at once are made of, and what is done with them where a backend has no call for
// that.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "quire/api/backend.hpp"
#include "quire/api/schema.hpp"
#include "quire/engine/engine.hpp"
#include "quire/formats/encoded_key.hpp"

namespace quire {

namespace detail {

decltype(auto) bulk_key(const auto& entry) {
  if constexpr (requires { entry.key; })
    return (entry.key);
  else
    return std::get<0>(entry);
}

/// The value; of an entry that a table gave, what its guard shows.
decltype(auto) bulk_value(const auto& entry) {
  if constexpr (requires { *entry.value; })
    return *entry.value;
  else if constexpr (requires { entry.value; })
    return (entry.value);
  else
    return std::get<1>(entry);
}

}  // namespace detail

/// An entry that a table of this schema can store.
template <class T, class SchemaType>
concept BulkEntry = requires(const std::remove_cvref_t<T>& entry) {
  { detail::bulk_key(entry) } -> std::convertible_to<const typename SchemaType::KeyArgument&>;
  { detail::bulk_value(entry) } -> std::convertible_to<const typename SchemaType::ValueArgument&>;
};

/// Puts the entries of a range into a table; how many there were.
template <class Transaction, class Binding>
Result<std::uint64_t> load_entries(Transaction& txn, const Binding& binding, auto&& entries,
                                   BulkOptions options) {
  std::uint64_t count = 0;
  const auto each = [&](const auto& use) -> Result<std::uint64_t> {
    for (const auto& entry : entries) {
      const auto stored = binding.schema.with_stored(detail::bulk_value(entry), [&](Bytes value) {
        return use(binding.schema.encode(detail::bulk_key(entry)).bytes(), value);
      });
      if (!stored) return fail(stored);
      ++count;
    }
    return count;
  };
  if constexpr (requires { txn.bulk_load(binding.id, binding.name, options); }) {
    auto load = txn.bulk_load(binding.id, binding.name, std::move(options));
    if (!load) return fail(load);
    auto taken = each([&](Bytes key, Bytes value) { return load->append(key, value); });
    if (!taken) return taken;
    const Status finished = load->finish();
    return finished ? taken : fail(finished);
  } else {
    return each([&](Bytes key, Bytes value) {
      return txn.put(binding.id, binding.name, key, value, PutMode::upsert);
    });
  }
}

namespace detail {

/// The first keys of a part of the key order, at most so many.
template <class Transaction>
Result<std::vector<OwnedKey>> first_keys(Transaction& txn, const TreeRoot& root,
                                         const KeySpan& span, std::size_t most) {
  std::vector<OwnedKey> keys;
  auto cursor = txn.cursor(root);
  auto found = span.lower ? cursor.seek(*span.lower) : cursor.seek_first();
  for (; found && *found && keys.size() < most; found = cursor.next()) {
    if (span.upper && compare(cursor.key(), *span.upper) >= 0) break;
    keys.emplace_back(cursor.key());
  }
  if (!found) return fail(found);
  return keys;
}

}  // namespace detail

/// Removes the entries of a part of the key order; how many there were.
template <class Transaction>
Result<std::uint64_t> erase_entries(Transaction& txn, TableId id, std::string_view name,
                                    const KeySpan& span) {
  if constexpr (requires { txn.erase_range(id, name, span); }) {
    return txn.erase_range(id, name, span);
  } else {
    constexpr std::size_t most = 1024;
    std::optional<OwnedKey> lower;  // the bounds may lie in pages that will change
    std::optional<OwnedKey> upper;
    if (span.lower) lower.emplace(*span.lower);
    if (span.upper) upper.emplace(*span.upper);
    const KeySpan kept{lower.transform(&OwnedKey::bytes), upper.transform(&OwnedKey::bytes)};
    for (std::uint64_t erased = 0;;) {
      const auto root = txn.root(id, name);
      if (!root) return fail(root);
      const auto keys = detail::first_keys(txn, *root, kept, most);
      if (!keys) return fail(keys);
      if (keys->empty()) return erased;
      for (const OwnedKey& key : *keys)
        if (auto gone = txn.erase(id, name, key.bytes()); !gone) return fail(gone);
      erased += keys->size();
    }
  }
}

}  // namespace quire
