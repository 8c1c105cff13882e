// SlotAccounts: what a meta slot alone says of the space of its state.
#pragma once

#include <cstddef>
#include <vector>

#include "quire/engine/space/extent.hpp"

namespace quire {

struct SlotAccounts {
  std::vector<std::byte> log_tail;  ///< records of the space log that are in no page
  Extent redo;                      ///< the area of the redo log, if there is one
};

}  // namespace quire
