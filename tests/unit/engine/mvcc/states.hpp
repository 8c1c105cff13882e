// States whose every part follows from their transaction, so that a torn copy is noticed.
#pragma once

#include <algorithm>
#include <span>

#include "quire/engine/mvcc/state.hpp"

namespace quire::test {

/// Of the tables that it knows.
template <class StateType>
auto near_of(StateType& state) {
  const std::size_t tables = state.next_table.value - 1;
  return std::span(state.near).first(std::min(tables, State::near_tables));
}

inline State state_of(TxnId txn) {
  const auto number = static_cast<std::uint32_t>(txn.value);
  State state;
  state.txn = txn;
  state.catalog = {.page = PageNo{number + 1}, .table = catalog_table, .entries = txn.value * 3};
  state.page_count = {number + 2};
  state.log_page = {number + 3};
  state.log_born = txn;
  state.next_table = {number + 4};
  state.meta_slot = number % 4;
  for (TreeRoot& near : near_of(state)) near.entries = txn.value;
  return state;
}

inline bool is_whole(const State& state) {
  const State expected = state_of(state.txn);
  bool is_same = state.catalog.page == expected.catalog.page &&
                 state.catalog.entries == expected.catalog.entries &&
                 state.page_count == expected.page_count && state.log_page == expected.log_page &&
                 state.log_born == expected.log_born && state.next_table == expected.next_table &&
                 state.meta_slot == expected.meta_slot;
  const auto known = near_of(expected);
  for (std::size_t at = 0; at < known.size(); ++at)
    is_same = is_same && state.near[at].entries == known[at].entries;
  return is_same;
}

}  // namespace quire::test
