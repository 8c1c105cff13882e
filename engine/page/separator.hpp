// Separators: the short keys of branches that tell children apart.
//
// Law: every key of the child on the left is below the separator, every key of the child on the
// right is not.
#pragma once

#include "quire/engine/base/assert.hpp"
#include "quire/engine/base/bytes.hpp"

namespace quire {

/// The shortest prefix of right_first that is greater than left_last, which must be the smaller
/// key.
inline Bytes shortest_separator(Bytes left_last, Bytes right_first) noexcept {
  QUIRE_ASSERT(compare(left_last, right_first) < 0);
  return right_first.first(shared_prefix(left_last, right_first) + 1);
}

}  // namespace quire
