// Model: what a database should answer, as sorted maps.
//
// It keeps the recipes of values, not their bytes, so a copy for every snapshot is cheap.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/layout.hpp"
#include "support/model_material.hpp"

namespace quire::test {

/// What the keys and values of one table are made of. The dice must outlive it.
struct Material {
  Material(Dice& dice, std::uint32_t page_size)
      : keys(dice, dice.any_of(key_shapes), layout::max_key_size(page_size)),
        values(dice, dice.any_of(value_sizes), layout::max_inline_size(page_size)),
        most_entries(64 + dice.mostly_small(4000)) {}

  KeySource keys;
  ValueSource values;
  std::uint64_t most_entries;  ///< where the table stops growing and begins to shrink
  bool is_growing = true;
};

/// Keys compare like the engine's: as unsigned bytes, then by length.
using Entries = std::map<std::string, Recipe>;

struct TableModel {
  TableId id;
  std::uint32_t alignment = 1;
  Entries entries;
  std::shared_ptr<Material> material;
};

/// One state, by table name.
using Model = std::map<std::string, TableModel>;

}  // namespace quire::test
