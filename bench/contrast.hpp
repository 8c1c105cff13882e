// quire against itself: one way of doing a thing beside another, where LMDB has no part in it.
//
// A round takes many short turns. In each turn both ways do the same work in the order plain,
// other, other, plain, so that neither a machine that becomes slower nor warm caches favour one.
// What counts is the median of the turns, and then of the rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "measure.hpp"

namespace bench {

/// One of the two ways.
struct Way {
  double operations = 1;  ///< per call, of all threads together
  Side side;              ///< called with numbers that say which keys to use
};

enum class Comparison : std::uint8_t {
  added_time,  ///< nanoseconds per operation that the other way takes more: a target is a most
  speedup,     ///< operations per second, the other way's over the plain one's: a least
};

/// One line of the table.
struct Contrast {
  std::string name;
  std::string unit;  ///< what one operation is
  Comparison comparison = Comparison::added_time;
  std::optional<double> target;
  Clock clock = Clock::cpu;
  Way plain;
  Way other;
};

/// Times are medians over turns, in nanoseconds per operation.
struct ContrastOutcome {
  std::string name;
  std::string unit;
  Comparison comparison = Comparison::added_time;
  std::optional<double> target;
  double plain = 0;
  double other = 0;
  double figure = 0;  ///< what the comparison says
  double lowest = 0;  ///< of the rounds
  double highest = 0;
  double other_figure = 0;  ///< by the other clock

  [[nodiscard]] bool is_met() const {
    if (!target) return true;
    return comparison == Comparison::added_time ? figure <= *target : figure >= *target;
  }
};

/// Runs a turn that does not count and then `rounds` rounds. Throws std::runtime_error when the
/// two ways found different things.
ContrastOutcome measure(const Contrast& contrast, unsigned rounds);

}  // namespace bench
