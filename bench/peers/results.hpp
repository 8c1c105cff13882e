// What comes out: medians over rounds, each engine's time over quire's, tables and JSON.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "peers/environment.hpp"
#include "peers/meter.hpp"
#include "peers/suite.hpp"

namespace bench::peers {

/// The median of rounds, with the lowest and the highest.
struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;

  static Spread of(const std::vector<double>& figures);
};

/// Of which percentiles of latencies the report tells.
inline constexpr std::array<double, 7> percentiles = {10, 50, 90, 99, 99.9, 99.99, 100};

struct EngineResult {
  std::string engine;
  Spread cost;   ///< nanoseconds for each operation, or bytes of files
  Spread ratio;  ///< the engine's cost over quire's of the same round; all 0 without quire
  double process_cpu = 0;         ///< nanoseconds for each operation, over all threads
  double syncs = 0;               ///< for each operation
  double written = 0;             ///< bytes for each operation
  std::vector<double> latencies;  ///< nanoseconds at each of percentiles; none: not taken
};

struct WorkloadResult {
  std::string name;
  std::string unit;
  double operations = 0;
  bool is_size = false;
  bool is_by_cpu = false;
  std::vector<EngineResult> engines;
};

/// Runs a suite and gives the results of the workloads that are wanted. Says on the standard error
/// what it is doing. Throws std::runtime_error when engines found different things.
std::vector<WorkloadResult> run(Suite suite, const Setting& setting, unsigned rounds);

void print_heading(std::ostream& target, const Environment& environment);
void print(std::ostream& target, const WorkloadResult& result);
void write_json(const std::string& path, const Environment& environment,
                const std::vector<WorkloadResult>& results);

}  // namespace bench::peers
