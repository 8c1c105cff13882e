// What the benchmark says: a table for people, or JSON for programs.
#pragma once

#include <iosfwd>
#include <vector>

#include "measure.hpp"

namespace bench {

/// What the figures were measured under.
struct Conditions {
  std::uint64_t entries = 0;
  unsigned rounds = 0;
  std::string directory;
  std::string layout;
  bool has_real_time = false;
};

/// The line above the table, and one line for each outcome as it comes.
void print_heading(std::ostream& target, const Conditions& conditions);
void print_outcome(std::ostream& target, const Outcome& outcome);

void print_json(std::ostream& target, const Conditions& conditions,
                const std::vector<Outcome>& outcomes);

}  // namespace bench
