// Workload: a fixed piece of work whose instructions are counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Does the work once and returns a sum over what it found or did.
using Work = std::function<std::uint64_t()>;

struct Workload {
  std::string name;               ///< as in the table of what is expected
  std::uint64_t operations;       ///< that one run of the work makes
  std::function<Work()> prepare;  ///< makes all that the work needs; not counted
};

/// Gets, scans and snapshots.
std::vector<Workload> read_workloads();
/// Puts, removals and loads.
std::vector<Workload> write_workloads();

}  // namespace bench
