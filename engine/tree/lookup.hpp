// Lookup: one key in one tree.
#pragma once

#include <optional>

#include "quire/engine/base/result.hpp"
#include "quire/engine/page/tree_root.hpp"
#include "quire/engine/tree/pages.hpp"
#include "quire/engine/tree/value.hpp"

namespace quire {

/// The value under key, in place; nothing when there is none. Thread-safe, allocates nothing.
Result<std::optional<Value>> lookup(const Pages& pages, const TreeRoot& root, Bytes key);

}  // namespace quire
