// TreeRoot: where one table's tree begins, in one committed state or in an open transaction.
#pragma once

#include <cstdint>

#include "quire/engine/base/ids.hpp"

namespace quire {

struct TreeRoot {
  PageRef page;  ///< none: the table is empty
  TableId table;
  std::uint64_t entries = 0;
  Level level = 0;                  ///< of the root page
  std::uint8_t alignment_log2 = 0;  ///< of the table's values

  bool operator==(const TreeRoot&) const = default;
  [[nodiscard]] std::uint32_t alignment() const { return std::uint32_t{1} << alignment_log2; }
};

}  // namespace quire
