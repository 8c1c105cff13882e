// Lookup: keys in one tree.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/value.hpp"

namespace quire {

/// The value under key, in place; nothing when there is none. Thread-safe, allocates nothing.
Result<std::optional<Value>> lookup(const Pages& pages, const TreeRoot& root, Bytes key);

/// The same for many keys, in any order: values[i] becomes what is under keys[i]. Groups of keys go
/// down the tree together, so that their pages come from memory at the same time. Needs as many
/// values as keys. After a failure the values say nothing.
Status lookup_many(const Pages& pages, const TreeRoot& root, std::span<const Bytes> keys,
                   std::span<std::optional<Value>> values);

/// So many keys go down together.
inline constexpr std::size_t lookup_group_size = 16;

/// Asks memory for the leaves of the first lookup_group_size keys, for who edits these next. What
/// is wrong with a page on the way is told to who reads it.
void ask_for_leaves(const Pages& pages, const TreeRoot& root, std::span<const Bytes> keys);

/// How many keys of the tree are below this one, by the counts in the branches: O(height).
Result<std::uint64_t> rank(const Pages& pages, const TreeRoot& root, Bytes key);

}  // namespace quire
