#include "peers/results.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "show.hpp"

namespace bench::peers {

namespace {

constexpr std::string_view measure_of_all = "quire";  ///< the engine whose time is 1

/// By number. An engine may be missing from one.
using Rounds = std::map<unsigned, Figure>;

/// All rounds of one workload, by engine in the order of the suite.
struct Gathered {
  std::string workload;
  std::vector<std::pair<std::string, Rounds>> engines;
};

/// In the order in which workloads were first seen.
class Gathering {
 public:
  void add(const std::string& engine, unsigned round, Figure figure) {
    Gathered& gathered = of_workload(figure.workload);
    for (const auto& [other, rounds] : gathered.engines) {
      const auto found = rounds.find(round);
      if (found != rounds.end() && found->second.sample.sum != figure.sample.sum)
        throw std::runtime_error(
            fmt::format("{}: {} found other things than {}", figure.workload, engine, other));
    }
    of_engine(gathered, engine).emplace(round, std::move(figure));
  }
  [[nodiscard]] const std::vector<Gathered>& all() const noexcept { return all_; }

 private:
  Gathered& of_workload(const std::string& workload) {
    for (Gathered& gathered : all_) {
      if (gathered.workload == workload) return gathered;
    }
    return all_.emplace_back(Gathered{workload, {}});
  }
  static Rounds& of_engine(Gathered& gathered, const std::string& engine) {
    for (auto& [name, rounds] : gathered.engines) {
      if (name == engine) return rounds;
    }
    return gathered.engines.emplace_back(engine, Rounds()).second;
  }

  std::vector<Gathered> all_;
};

double cost_of(const Figure& figure) {
  if (figure.is_size) return static_cast<double>(figure.sample.file_size);
  const double seconds =
      figure.clock == Clock::cpu ? figure.sample.cpu_seconds : figure.sample.wall_seconds;
  return seconds * 1e9 / figure.operations;
}

std::vector<double> each(const Rounds& rounds, auto&& figure_of) {
  std::vector<double> figures;
  figures.reserve(rounds.size());
  for (const auto& [round, figure] : rounds) figures.push_back(figure_of(figure));
  return figures;
}

std::vector<double> latencies_of(const Rounds& rounds) {
  Latencies sorted;
  for (const auto& [round, figure] : rounds)
    sorted.insert(sorted.end(), figure.latencies.begin(), figure.latencies.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> shown;
  if (sorted.empty()) return shown;
  for (const double percentile : percentiles) {
    const double rank = std::ceil(percentile / 100 * static_cast<double>(sorted.size()));
    shown.push_back(static_cast<double>(sorted.at(static_cast<std::size_t>(rank) - 1)));
  }
  return shown;
}

/// The engine's cost over that of the measure, in the rounds that both have.
std::vector<double> ratios_of(const Rounds& rounds, const Rounds& of_measure) {
  std::vector<double> ratios;
  for (const auto& [round, figure] : rounds) {
    const auto found = of_measure.find(round);
    if (found != of_measure.end()) ratios.push_back(cost_of(figure) / cost_of(found->second));
  }
  return ratios;
}

EngineResult summarise(const std::string& engine, const Rounds& rounds, const Rounds& of_measure) {
  const auto for_each_operation = [&](auto&& total) {
    return median(each(rounds, [&](const Figure& figure) {
      return static_cast<double>(total(figure.totals)) / figure.operations;
    }));
  };
  return {.engine = engine,
          .cost = Spread::of(each(rounds, cost_of)),
          .ratio = Spread::of(ratios_of(rounds, of_measure)),
          .process_cpu =
              for_each_operation([](const Totals& totals) { return totals.cpu_seconds * 1e9; }),
          .syncs = for_each_operation([](const Totals& totals) { return totals.syncs; }),
          .written = for_each_operation([](const Totals& totals) { return totals.written; }),
          .latencies = latencies_of(rounds)};
}

WorkloadResult summarise(const Gathered& gathered) {
  Rounds of_measure;
  for (const auto& [engine, rounds] : gathered.engines) {
    if (engine == measure_of_all) of_measure = rounds;
  }
  const Figure& first = gathered.engines.front().second.begin()->second;
  WorkloadResult result = {.name = gathered.workload,
                           .unit = first.unit,
                           .operations = first.operations,
                           .is_size = first.is_size,
                           .is_by_cpu = first.clock == Clock::cpu,
                           .engines = {}};
  for (const auto& [engine, rounds] : gathered.engines)
    result.engines.push_back(summarise(engine, rounds, of_measure));
  return result;
}

std::string show_range(const Spread& ratio) {
  return ratio.median == 0 ? "-" : fmt::format("{:.2f}-{:.2f}", ratio.lowest, ratio.highest);
}

std::string show_clock(const WorkloadResult& result) {
  if (result.is_size) return {};
  return (result.is_by_cpu ? ", CPU time per " : ", time per ") + result.unit;
}

constexpr auto peer_line = "  {:<14} {:>10} {:>8} {:>13} | {:>10} {:>7} {:>10} | {:>10} {:>10}\n";

nlohmann::ordered_json json_of(const Spread& spread) {
  return {{"median", spread.median}, {"lowest", spread.lowest}, {"highest", spread.highest}};
}

nlohmann::ordered_json json_of(const EngineResult& result) {
  nlohmann::ordered_json json = {
      {"engine", result.engine},        {"cost", json_of(result.cost)},
      {"ratio", json_of(result.ratio)}, {"process_cpu", result.process_cpu},
      {"syncs", result.syncs},          {"written", result.written}};
  for (std::size_t at = 0; at < result.latencies.size(); ++at)
    json["latencies"][fmt::format("{}", percentiles.at(at))] = result.latencies[at];
  return json;
}

nlohmann::ordered_json json_of(const WorkloadResult& result) {
  nlohmann::ordered_json engines = nlohmann::ordered_json::array();
  for (const EngineResult& engine : result.engines) engines.push_back(json_of(engine));
  return {{"name", result.name},
          {"unit", result.is_size ? "bytes" : "ns/" + result.unit},
          {"operations", result.operations},
          {"clock", result.is_by_cpu ? "cpu" : "wall"},
          {"engines", std::move(engines)}};
}

}  // namespace

Spread Spread::of(const std::vector<double>& figures) {
  if (figures.empty()) return {};
  const auto [lowest, highest] = std::minmax_element(figures.begin(), figures.end());
  return {.median = bench::median(figures), .lowest = *lowest, .highest = *highest};
}

std::vector<WorkloadResult> run(Suite suite, const Setting& setting, unsigned rounds) {
  Gathering gathering;
  const std::size_t count = suite.entrants.size();
  for (unsigned round = 1; round <= rounds; ++round) {
    std::vector<Figures> figures(count);
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t at = (round - 1 + turn) % count;
      Entrant& entrant = suite.entrants[at];
      std::cerr << fmt::format("{}: round {} of {}, {}\n", suite.name, round, rounds,
                               entrant.engine);
      figures[at] = entrant.run(round);
      if (round == rounds) entrant.run = nullptr;  // with its stores, which may be large
    }
    for (std::size_t at = 0; at < count; ++at) {
      for (Figure& figure : figures[at]) {
        if (setting.wants(figure.workload))
          gathering.add(suite.entrants[at].engine, round, std::move(figure));
      }
    }
  }
  std::vector<WorkloadResult> results;
  for (const Gathered& gathered : gathering.all()) results.push_back(summarise(gathered));
  return results;
}

void print_heading(std::ostream& target, const Environment& environment) {
  for (const auto& [name, value] : environment.facts)
    target << fmt::format("{}: {}\n", name, value);
  for (const EngineFacts& engine : environment.engines)
    target << fmt::format("{} {}: {}\n", engine.name, engine.version, engine.configuration);
  target
      << "\nRatio: the engine's cost over quire's in the same round, median and lowest-highest; "
         "above 1 quire is better.\nFor each operation: all CPU and syncs are those of the whole "
         "process; written is what the device was given, by all processes.\n";
}

void print(std::ostream& target, const WorkloadResult& result) {
  target << fmt::format("\n{}{}\n", result.name, show_clock(result));
  target << fmt::format(peer_line, "", result.is_size ? "size" : "time", "ratio", "low-high",
                        "all CPU", "syncs", "written", "median", "99.9 %");
  for (const EngineResult& engine : result.engines) {
    const bool has_latencies = !engine.latencies.empty();
    target << fmt::format(peer_line, engine.engine, show(engine.cost.median, result.is_size),
                          show_ratio(engine.ratio.median), show_range(engine.ratio),
                          show(engine.process_cpu, false),
                          result.is_size ? "-" : fmt::format("{:.3g}", engine.syncs),
                          result.is_size ? "-" : fmt::format("{:.0f} B", engine.written),
                          has_latencies ? show(engine.latencies.at(1), false) : "-",
                          has_latencies ? show(engine.latencies.at(4), false) : "-");
  }
  target.flush();
}

void write_json(const std::string& path, const Environment& environment,
                const std::vector<WorkloadResult>& results) {
  nlohmann::ordered_json json;
  for (const auto& [name, value] : environment.facts) json["environment"][name] = value;
  for (const EngineFacts& engine : environment.engines) {
    json["engines"].push_back({{"name", engine.name},
                               {"version", engine.version},
                               {"configuration", engine.configuration}});
  }
  json["entries"] = environment.entries;
  json["rounds"] = environment.rounds;
  json["workloads"] = nlohmann::ordered_json::array();
  for (const WorkloadResult& result : results) json["workloads"].push_back(json_of(result));
  std::ofstream file(path);
  file << json.dump(2) << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench::peers
