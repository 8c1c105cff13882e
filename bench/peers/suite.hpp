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
#include <utility>
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
  std::uint64_t memory_limit = 0;       ///< bytes, for what is larger than memory; 0: not possible

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

/// A directory for one engine in one suite, empty at first; goes with this.
class Home {
 public:
  Home(const Setting& setting, std::string_view suite, std::string_view engine);
  Home(Home&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Home& operator=(Home&&) = delete;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Bytes that its files take on the disk, holes not counted.
  [[nodiscard]] std::uint64_t size() const;
  /// Brings all its files to the disk, where their pages are clean then.
  void sync() const;
  /// Has the system forget what it keeps of the files in memory. They must be synced and not
  /// mapped.
  void evict() const;
  void clear() const;

 private:
  std::string path_;
};

inline constexpr std::uint64_t load_batch = 10'000;  ///< entries in a transaction of a load

// All suites. What each measures is said at the head of its file.
Suite number_suite(const Setting& setting);
Suite url_suite(const Setting& setting);
Suite large_value_suite(const Setting& setting);
Suite durable_suite(const Setting& setting);
Suite redb_suite(const Setting& setting);

}  // namespace bench::peers
