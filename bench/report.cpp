#include "report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "show.hpp"

namespace bench {

namespace {

std::string verdict(bool is_aimed, const auto& outcome) {
  if (!is_aimed) return {};
  return outcome.is_met() ? "met" : "MISSED";
}

/// What a comparison says: nanoseconds that are added, or how many times faster.
std::string show_figure(Comparison comparison, double figure) {
  return comparison == Comparison::added_time ? fmt::format("{:+.1f} ns", figure)
                                              : show_ratio(figure);
}

std::string show_target(const ContrastOutcome& outcome) {
  if (!outcome.target) return "-";
  return outcome.comparison == Comparison::added_time ? fmt::format("<= {:.0f} ns", *outcome.target)
                                                      : ">= " + show_ratio(*outcome.target);
}

constexpr auto line = "{:<44} {:>10} {:>10} {:>10} | {:>7} {:>7} {:>13} | {:>6} {}\n";
constexpr auto contrast_line = "{:<52} {:>10} {:>10} | {:>10} {:>19} | {:>8} {}\n";

nlohmann::ordered_json json_of(const std::vector<Outcome>& outcomes) {
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
  return rows;
}

nlohmann::ordered_json json_of(const std::vector<ContrastOutcome>& contrasts) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ContrastOutcome& outcome : contrasts) {
    const bool is_time = outcome.comparison == Comparison::added_time;
    nlohmann::ordered_json row = {{"name", outcome.name},
                                  {"unit", "ns/" + outcome.unit},
                                  {"plain", outcome.plain},
                                  {"other", outcome.other},
                                  {"comparison", is_time ? "added_time" : "speedup"},
                                  {"figure", outcome.figure},
                                  {"lowest", outcome.lowest},
                                  {"highest", outcome.highest},
                                  {"figure_by_other_clock", outcome.other_figure}};
    if (outcome.target) {
      row[is_time ? "at_most" : "at_least"] = *outcome.target;
      row["met"] = outcome.is_met();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

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
                        is_aimed ? show_ratio(outcome.target) : "-", verdict(is_aimed, outcome));
  target.flush();
}

void print_contrast_heading(std::ostream& target) {
  target
      << "\nquire against itself, by CPU time; threads by the clock on the wall, per get of all of "
         "them\n";
  target << fmt::format(contrast_line, "", "plain", "other", "other", "lowest-highest", "target",
                        "");
}

void print_contrast(std::ostream& target, const ContrastOutcome& outcome) {
  const Comparison comparison = outcome.comparison;
  target << fmt::format(
      contrast_line, outcome.name + ", " + outcome.unit, show(outcome.plain, false),
      show(outcome.other, false), show_figure(comparison, outcome.figure),
      show_figure(comparison, outcome.lowest) + " - " + show_figure(comparison, outcome.highest),
      show_target(outcome), verdict(outcome.target.has_value(), outcome));
  target.flush();
}

void print_json(std::ostream& target, const Conditions& conditions,
                const std::vector<Outcome>& outcomes,
                const std::vector<ContrastOutcome>& contrasts) {
  const nlohmann::ordered_json report = {
      {"entries", conditions.entries},         {"rounds", conditions.rounds},
      {"directory", conditions.directory},     {"layout", conditions.layout},
      {"real_time", conditions.has_real_time}, {"rows", json_of(outcomes)},
      {"contrasts", json_of(contrasts)}};
  target << report.dump(2) << '\n';
}

}  // namespace bench
