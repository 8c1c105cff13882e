// Suites: workloads that belong together, each engine's share of them, and who takes part.
//
// In each round all engines run a suite in turn, each with nothing else open, so that what one does
// in the background is over before the next begins. Whose turn is first moves on with each round.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "peers/meter.hpp"
#include "peers/peer.hpp"
#include "wanted.hpp"

namespace bench::peers {

/// What all suites share.
struct Setting {
  std::uint64_t entries = 0;
  std::string directory;                ///< for all stores
  std::uint64_t cache_size = 1U << 30;  ///< bytes, for engines with a cache of their own
  std::vector<std::string> engines;     ///< parts of the names that are wanted; none: all
  std::vector<std::string> workloads;   ///< the same of workloads

  [[nodiscard]] bool wants_engine(std::string_view name) const { return is_wanted(name, engines); }
  [[nodiscard]] bool wants(std::string_view workload) const {
    return is_wanted(workload, workloads);
  }
  [[nodiscard]] bool wants_any(const auto& names) const {
    return std::any_of(std::begin(names), std::end(names),
                       [&](std::string_view name) { return wants(name); });
  }

  /// So many of a count that is meant for a million entries, but a few at least.
  [[nodiscard]] std::uint64_t scaled(std::uint64_t count, std::uint64_t least = 10) const {
    return std::max(least, static_cast<std::uint64_t>(static_cast<double>(count) *
                                                      static_cast<double>(entries) / 1e6));
  }
};

/// One engine's share. run gives the figures of one round, of the same workloads for every engine.
struct Entrant {
  std::string engine;
  std::function<Figures(std::uint64_t round)> run;
};

struct Suite {
  std::string name;
  std::vector<Entrant> entrants;
};

inline constexpr std::uint64_t load_batch = 10'000;  ///< entries in a transaction of a load

// All suites. What each measures is said at the head of its file.
Suite number_suite(const Setting& setting);
Suite url_suite(const Setting& setting);
Suite large_value_suite(const Setting& setting);
Suite durable_suite(const Setting& setting);
Suite redb_suite(const Setting& setting);
Suite ycsb_suite(const Setting& setting);
Suite cold_suite(const Setting& setting);
Suite killed_suite(const Setting& setting);

}  // namespace bench::peers
