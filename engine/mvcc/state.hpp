// State: what one committed transaction stands for, and all that a reader needs to find its trees.
#pragma once

#include <array>
#include <cstdint>

#include "quire/engine/base/ids.hpp"
#include "quire/engine/page/layout.hpp"
#include "quire/engine/page/tree_root.hpp"

namespace quire {

/// Plain data: copied into a snapshot when it is pinned, and from one process to another.
struct State {
  TxnId txn;
  TreeRoot catalog;   ///< the tree of tables
  PageNo page_count;  ///< first page number never handed out
  PageNo log_page;    ///< head of the space log, but for what is in the slot
  TxnId log_born;
  TableId next_table{1};
  std::uint32_t meta_slot = 0;                    ///< index of the slot that names this state
  static constexpr std::uint32_t no_slot = 0xff;  ///< of one that only memory has

  /// The trees of the tables with the smallest ids, by id - 1. What the catalog's records say of
  /// these trees is behind. An entry of table 0 says nothing: ask the catalog.
  static constexpr std::size_t near_tables = layout::near_table_count;
  std::array<TreeRoot, near_tables> near{};

  [[nodiscard]] bool is_in_file() const { return meta_slot != no_slot; }
  /// Whether the state itself tells where the table's tree is, once the table was changed.
  static constexpr bool is_near(TableId table) { return table.value <= near_tables; }
  [[nodiscard]] const TreeRoot* near_root(TableId table) const {
    const std::size_t index = std::size_t{table.value} - 1;
    const bool is_known = index < near_tables && table < next_table;
    return is_known && near[index].table == table ? &near[index] : nullptr;
  }
  /// What is to be used of what the catalog says.
  [[nodiscard]] const TreeRoot& root_of(const TreeRoot& recorded) const {
    const TreeRoot* const known = near_root(recorded.table);
    return known == nullptr ? recorded : *known;
  }
};

}  // namespace quire
