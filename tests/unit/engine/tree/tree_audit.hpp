// The audit of a whole tree: every law that trees have, against a model of what it holds.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "support/model_material.hpp"
#include "tree_world.hpp"

namespace quire::test {

using TreeModel = std::map<std::string, Recipe>;

/// What the pages of a tree are.
struct TreeCensus {
  std::uint64_t entries = 0;
  std::uint64_t dirty_pages = 0;
  std::uint64_t clean_pages = 0;  ///< runs included
  std::uint64_t rows = 0;         ///< leaves that are rows
  std::uint64_t leaves = 0;
  std::uint64_t runs = 0;
};

/// Laws: every page is sound, at its level, born before what refers to it, and dirty only below
/// dirty ones; separators separate; branches count their entries; no leaf is empty; the entries are
/// the model's, at their alignment; every page in use is reachable, and no other.
TreeCensus audit(const TreeWorld& world, const TreeModel& model);

/// Law: cursors, both ways and from anywhere, and lookups see the model.
void check_reading(const TreeWorld& world, const TreeModel& model, Dice& dice, KeySource& keys);

}  // namespace quire::test
