// Traces: scripted programs, each after one thing that a database does.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "crash/session.hpp"

namespace quire::test {

struct Trace {
  std::string_view name;
  void (*script)(Session&);
  Options options = {};
  bool has_empty_file = false;  ///< an empty file is there at first
  bool has_failures = false;    ///< some of its calls are made to fail
};

std::span<const Trace> simple_traces();  ///< creation, openings, durability, single commits
std::span<const Trace> tree_traces();    ///< splits, merges, large values, tables
std::span<const Trace> space_traces();   ///< reuse, checkpoints, growth, snapshots, budget

std::span<const Trace> fault_traces();     ///< syncs that fail
std::span<const Trace> group_traces();     ///< commits that share a sync
std::span<const Trace> resident_traces();  ///< commits that stay in memory
std::span<const Trace> redo_traces();      ///< commits that are recorded in the redo log

/// All of these.
std::array<std::span<const Trace>, 7> all_traces();
std::size_t trace_count();

/// The trace of this name.
const Trace& trace_named(std::string_view name);

/// "k0007": keys that sort as their numbers do.
std::string numbered_key(std::size_t number);

/// Text of this size, different for each seed.
std::string text(std::size_t size, std::size_t seed);

/// Puts so many numbered entries with values of this size into table "a".
Session::Edit fill(std::size_t count, std::size_t size);

}  // namespace quire::test
