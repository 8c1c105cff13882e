#include "report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace bench {

namespace {

/// A time or a size with three figures and a unit.
std::string show(double figure, bool is_size) {
  if (figure == 0) return "-";
  if (is_size) return fmt::format("{:.1f} MB", figure / 1e6);
  if (figure < 1e3) return fmt::format("{:.3g} ns", figure);
  if (figure < 1e6) return fmt::format("{:.2f} us", figure / 1e3);
  return fmt::format("{:.2f} ms", figure / 1e6);
}

std::string show_ratio(double ratio) { return ratio == 0 ? "-" : fmt::format("{:.2f}x", ratio); }

constexpr auto line = "{:<44} {:>10} {:>10} {:>10} | {:>7} {:>7} {:>13} | {:>6} {}\n";

}  // namespace

void print_heading(std::ostream& target, const Conditions& conditions) {
  target << fmt::format(
      "{} entries of 8 + 100 bytes, {} rounds, read files filled in {} order, in {}\n"
      "Ratios: LMDB / quire within each round, median; above 1 quire is better. Commits by the "
      "clock on the wall, all else by CPU time.\n"
      "Real-time priority (SCHED_FIFO) while waiting for the disk: {}\n\n",
      conditions.entries, conditions.rounds, conditions.layout, conditions.directory,
      conditions.has_real_time ? "yes"
                               : "NOT PERMITTED: durable figures include the scheduler's delays");
  target << fmt::format(line, "", "LMDB", "quire", "its engine", "ratio", "engine",
                        "lowest-highest", "target", "");
}

void print_outcome(std::ostream& target, const Outcome& outcome) {
  const bool is_size = outcome.is_size;
  const bool is_aimed = outcome.target > untargeted;
  target << fmt::format(line, outcome.name + ", " + outcome.unit, show(outcome.lmdb, is_size),
                        show(outcome.typed, is_size), show(outcome.engine, is_size),
                        show_ratio(outcome.ratio), show_ratio(outcome.engine_ratio),
                        fmt::format("{:.2f}-{:.2f}", outcome.lowest, outcome.highest),
                        is_aimed ? show_ratio(outcome.target) : "-",
                        !is_aimed          ? ""
                        : outcome.is_met() ? "met"
                                           : "MISSED");
  target.flush();
}

void print_json(std::ostream& target, const Conditions& conditions,
                const std::vector<Outcome>& outcomes) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Outcome& outcome : outcomes) {
    nlohmann::ordered_json row = {
        {"name", outcome.name},       {"unit", outcome.is_size ? "bytes" : "ns/" + outcome.unit},
        {"lmdb", outcome.lmdb},       {"quire", outcome.typed},
        {"ratio", outcome.ratio},     {"lowest", outcome.lowest},
        {"highest", outcome.highest}, {"target", outcome.target},
        {"met", outcome.is_met()}};
    if (outcome.engine != 0) {
      row["engine"] = outcome.engine;
      row["engine_ratio"] = outcome.engine_ratio;
    }
    if (!outcome.is_size) row["ratio_by_other_clock"] = outcome.other_ratio;
    rows.push_back(std::move(row));
  }
  const nlohmann::ordered_json report = {
      {"entries", conditions.entries},         {"rounds", conditions.rounds},
      {"directory", conditions.directory},     {"layout", conditions.layout},
      {"real_time", conditions.has_real_time}, {"rows", std::move(rows)}};
  target << report.dump(2) << '\n';
}

}  // namespace bench
