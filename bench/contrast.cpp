#include "contrast.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace bench {

namespace {

constexpr std::uint64_t turns_per_round = 10;

/// Nanoseconds per operation, by both clocks.
struct Cost {
  double cpu = 0;
  double wall = 0;

  [[nodiscard]] double by(Clock clock) const { return clock == Clock::cpu ? cpu : wall; }
};

struct Turn {
  Cost plain;
  Cost other;
};

Clock opposite(Clock clock) { return clock == Clock::cpu ? Clock::wall : Clock::cpu; }

Cost cost_of(const Way& way, const Sample& first, const Sample& second) {
  const double scale = 1e9 / (2 * way.operations);
  return {.cpu = (first.cpu_seconds + second.cpu_seconds) * scale,
          .wall = (first.wall_seconds + second.wall_seconds) * scale};
}

Turn take_turn(const Contrast& contrast, std::uint64_t number) {
  const std::uint64_t first = 2 * number;
  const std::uint64_t second = first + 1;
  const Sample plain = contrast.plain.side(first);
  const Sample other = contrast.other.side(first);
  const Sample other_again = contrast.other.side(second);
  const Sample plain_again = contrast.plain.side(second);
  if (plain.sum != other.sum || plain_again.sum != other_again.sum) {
    throw std::runtime_error(contrast.name + ": the two ways found different values");
  }
  return {.plain = cost_of(contrast.plain, plain, plain_again),
          .other = cost_of(contrast.other, other, other_again)};
}

std::vector<Turn> take_turns(const Contrast& contrast, std::uint64_t round) {
  std::vector<Turn> turns;
  turns.reserve(turns_per_round);
  for (std::uint64_t turn = 0; turn < turns_per_round; ++turn) {
    turns.push_back(take_turn(contrast, round * turns_per_round + turn));
  }
  return turns;
}

double median_of(const std::vector<Turn>& turns, auto&& figure) {
  std::vector<double> figures;
  figures.reserve(turns.size());
  for (const Turn& turn : turns) figures.push_back(figure(turn));
  return median(std::move(figures));
}

double compare(Comparison comparison, const std::vector<Turn>& turns, Clock clock) {
  return median_of(turns, [&](const Turn& turn) {
    const double plain = turn.plain.by(clock);
    const double other = turn.other.by(clock);
    return comparison == Comparison::added_time ? other - plain : plain / other;
  });
}

ContrastOutcome summarise(const Contrast& contrast, const std::vector<std::vector<Turn>>& rounds) {
  const Clock clock = contrast.clock;
  std::vector<Turn> turns;
  std::vector<double> figures;
  for (const std::vector<Turn>& round : rounds) {
    turns.insert(turns.end(), round.begin(), round.end());
    figures.push_back(compare(contrast.comparison, round, clock));
  }
  const auto [lowest, highest] = std::minmax_element(figures.begin(), figures.end());
  return {.name = contrast.name,
          .unit = contrast.unit,
          .comparison = contrast.comparison,
          .target = contrast.target,
          .plain = median_of(turns, [&](const Turn& turn) { return turn.plain.by(clock); }),
          .other = median_of(turns, [&](const Turn& turn) { return turn.other.by(clock); }),
          .figure = median(figures),
          .lowest = *lowest,
          .highest = *highest,
          .other_figure = compare(contrast.comparison, turns, opposite(clock))};
}

}  // namespace

ContrastOutcome measure(const Contrast& contrast, unsigned rounds) {
  static_cast<void>(take_turn(contrast, 0));
  std::optional<RealTime> real_time;
  if (contrast.clock == Clock::wall) real_time.emplace();
  std::vector<std::vector<Turn>> measured;
  for (unsigned round = 1; round <= rounds; ++round) {
    measured.push_back(take_turns(contrast, round));
  }
  return summarise(contrast, measured);
}

}  // namespace bench
