// What the benchmark says: a table for people, or JSON for programs.
#pragma once

#include <iosfwd>
#include <vector>

#include "contrast.hpp"
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

/// The same for quire against itself.
void print_contrast_heading(std::ostream& target);
void print_contrast(std::ostream& target, const ContrastOutcome& outcome);

void print_json(std::ostream& target, const Conditions& conditions,
                const std::vector<Outcome>& outcomes,
                const std::vector<ContrastOutcome>& contrasts);

}  // namespace bench
