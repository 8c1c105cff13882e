#include "measure.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <stdexcept>

namespace bench {

namespace {

double seconds(clockid_t clock) {
  timespec time{};
  static_cast<void>(::clock_gettime(clock, &time));
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

bool set_policy(int policy, int priority) {
  sched_param parameter{};
  parameter.sched_priority = priority;
  return ::sched_setscheduler(0, policy, &parameter) == 0;
}

enum SideName : std::uint8_t { lmdb, typed, engine, side_count };
using Round = std::array<std::optional<Sample>, side_count>;

/// All sides in turn; the first one moves on with each round.
Round run_round(const Row& row, std::uint64_t number) {
  const std::array<const Side*, side_count> sides = {&row.lmdb, &row.typed, &row.engine};
  Round round;
  for (std::uint64_t turn = 0; turn < side_count; ++turn) {
    const std::uint64_t at = (number + turn) % side_count;
    if (*sides.at(at)) round.at(at) = (*sides.at(at))(number);
  }
  for (const auto& sample : round) {
    if (sample && sample->sum != round[lmdb]->sum) {
      throw std::runtime_error(row.name + ": the engines found different values");
    }
  }
  return round;
}

double wall_of(const Sample& sample) { return sample.wall_seconds; }
double cpu_of(const Sample& sample) { return sample.cpu_seconds; }
double size_of(const Sample& sample) { return static_cast<double>(sample.file_size); }

/// The figures of one kind of all rounds.
class Figures {
 public:
  Figures(const std::vector<Round>& rounds, double (*figure)(const Sample&))
      : rounds_(rounds), figure_(figure) {}

  [[nodiscard]] double median_of(SideName side) const {
    std::vector<double> figures;
    for (const Round& round : rounds_) {
      if (round.at(side)) figures.push_back(figure_(*round.at(side)));
    }
    return median(std::move(figures));
  }
  /// LMDB's figure over the side's, round by round.
  [[nodiscard]] std::vector<double> ratios(SideName side) const {
    std::vector<double> ratios;
    for (const Round& round : rounds_) {
      if (round.at(side)) ratios.push_back(figure_(*round[lmdb]) / figure_(*round.at(side)));
    }
    return ratios;
  }

 private:
  const std::vector<Round>& rounds_;
  double (*figure_)(const Sample&);
};

Outcome summarise(const Row& row, const Figures& figures, double scale) {
  const std::vector<double> ratios = figures.ratios(typed);
  const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
  return {.name = row.name,
          .unit = row.unit,
          .target = row.target,
          .lmdb = figures.median_of(lmdb) * scale,
          .typed = figures.median_of(typed) * scale,
          .engine = figures.median_of(engine) * scale,
          .ratio = median(ratios),
          .engine_ratio = median(figures.ratios(engine)),
          .lowest = *lowest,
          .highest = *highest};
}

Outcome summarise_times(const Row& row, const std::vector<Round>& rounds) {
  const bool waits = row.clock == Clock::wall;
  Outcome outcome = summarise(row, Figures(rounds, waits ? wall_of : cpu_of), 1e9 / row.operations);
  outcome.other_ratio = median(Figures(rounds, waits ? cpu_of : wall_of).ratios(typed));
  return outcome;
}

Outcome summarise_sizes(const Row& row, const std::vector<Round>& rounds) {
  Outcome outcome = summarise(row, Figures(rounds, size_of), 1);
  outcome.name = "file size, " + row.name;
  outcome.unit = "file";
  outcome.target = row.size_target;
  outcome.is_size = true;
  return outcome;
}

}  // namespace

double median(std::vector<double> figures) {
  if (figures.empty()) return 0;
  std::sort(figures.begin(), figures.end());
  const std::size_t middle = figures.size() / 2;
  if (figures.size() % 2 == 1) return figures[middle];
  return (figures[middle - 1] + figures[middle]) / 2;
}

Stopwatch::Stopwatch() : cpu_(seconds(CLOCK_THREAD_CPUTIME_ID)), wall_(seconds(CLOCK_MONOTONIC)) {}

Sample Stopwatch::stop(std::uint64_t sum) const {
  return {.cpu_seconds = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_,
          .wall_seconds = seconds(CLOCK_MONOTONIC) - wall_,
          .sum = sum};
}

std::vector<Outcome> measure(const Row& row, unsigned rounds) {
  // From here on files are filled, pages mapped and verified, and what fits is in the caches.
  static_cast<void>(run_round(row, 0));
  std::optional<RealTime> real_time;
  if (row.clock == Clock::wall) real_time.emplace();
  std::vector<Round> measured;
  for (unsigned number = 1; number <= rounds; ++number) measured.push_back(run_round(row, number));
  std::vector<Outcome> outcomes = {summarise_times(row, measured)};
  if (row.size_target != 0) outcomes.push_back(summarise_sizes(row, measured));
  return outcomes;
}

RealTime::RealTime() : is_granted_(set_policy(SCHED_FIFO, 1)) {}

RealTime::~RealTime() {
  if (is_granted_) set_policy(SCHED_OTHER, 0);
}

}  // namespace bench
